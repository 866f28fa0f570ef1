"""What the URI of a project means; pure but for asking which folders exist.

::

    .   ../wine   file:///home/ada/wine                      a folder
    https://example.org/wine.git   ssh://…   git@host:wine   a Git repository
    wine.zip   https://example.org/wine.tar.gz               an archive
    …#examples/wine                                          a folder in one of them
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from gittrack.core.errors import GitTrackError, UsageError
from gittrack.launch.projects.parameters import path_in
from gittrack.store.sync.remote import without_credentials

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_HELPER = re.compile(r"[A-Za-z0-9]+::", re.ASCII)  # `ext::sh -c …`: a remote helper may run anything
_SCP = re.compile(r"(?:[\w.-]+@)?[\w.-]{2,}:[^/\\].*|[\w.-]+@[\w.-]+:.*", re.ASCII)
_GIT = frozenset({"http", "https", "ssh", "git", "git+ssh", "file"})
_HINT = "give a folder, a Git URL or an archive; a command comes after `--`: gittrack run -- …"


@dataclass(frozen=True, slots=True)
class ProjectUri:
    """Where a project is.

    Attributes:
        kind: `folder`, `git` or `archive`.
        where: a path for a folder and an archive on this machine, else a URL.
        subdirectory: the folder of the project within, "" for the top.
    """

    kind: Literal["folder", "git", "archive"]
    where: str
    subdirectory: str = ""

    @property
    def shown(self) -> str:
        """For messages and records: without credentials."""
        return without_credentials(self.where) + (f"#{self.subdirectory}" if self.subdirectory else "")


class NoSuchProject(GitTrackError):
    """There is no project at a URI."""


def parse(text: str) -> ProjectUri:
    """Read the URI of a project.

    Raises:
        NoSuchProject: nothing of the kind is there, or the folder in it is none.
        UsageError: the URI holds a password, or could be taken for an option.
    """
    text = text.strip("'\"")  # as in MLflow
    if not text or text.startswith("-") or not text.isprintable():
        msg = f"not the URI of a project: {text[:80]!r}"
        raise UsageError(msg, hint=_HINT)
    if Path(text).is_dir():
        return _folder(Path(text), "")
    whole, _, subdirectory = text.partition("#")
    subdirectory = _inside(subdirectory)
    local = _local(whole)
    if local is not None and local.is_dir():
        return _folder(local, subdirectory)
    if whole.lower().endswith(ARCHIVES):
        return ProjectUri("archive", _archive(whole, local), subdirectory)
    if local is None or whole.startswith("file:"):
        _check_git(whole)
        return ProjectUri("git", whole, subdirectory)
    msg = f"no project at {text[:200]}"
    raise NoSuchProject(msg, hint=_HINT)


def _folder(path: Path, subdirectory: str) -> ProjectUri:
    if _is_bare(path):
        return ProjectUri("git", f"file://{path.absolute().as_posix()}", subdirectory)
    return ProjectUri("folder", str(path.absolute()), subdirectory)


def _is_bare(path: Path) -> bool:
    """Whether a folder is a repository without a work tree, or the `.git` of one."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def _local(text: str) -> Path | None:
    """The path that a text is, None for a URL."""
    if text.startswith("file:"):
        return Path(path_in(urlsplit(text).path))
    remote = _SCHEME.match(text) or _HELPER.match(text) or _SCP.fullmatch(text)
    return None if remote else Path(text).expanduser()


def _archive(text: str, local: Path | None) -> str:
    if local is None:
        _refuse_password(text)
        if _SCHEME.match(text):
            return text
    elif local.is_file():
        return str(local.absolute())
    msg = f"no archive at {without_credentials(text)[:200]}"
    raise NoSuchProject(msg, hint=_HINT)


def _check_git(text: str) -> None:
    _refuse_password(text)
    scheme = urlsplit(text).scheme.lower() if _SCHEME.match(text) else ""
    if _HELPER.match(text) or (scheme and scheme not in _GIT):
        msg = f"not the URI of a project: {without_credentials(text)[:200]}"
        raise NoSuchProject(
            msg, hint="Git reaches https, ssh, git and file URLs; an archive ends in .zip or .tar.gz"
        )


def _refuse_password(text: str) -> None:
    if without_credentials(text) != text:
        msg = f"the URL {without_credentials(text)} was given with credentials"
        raise UsageError(msg, hint="leave them out and let a Git credential helper keep them")


def _inside(text: str) -> str:
    """A folder within a project.

    Raises:
        NoSuchProject: it would lead outside.
    """
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text:
        msg = f"not a folder within the project: {text[:80]!r}"
        raise NoSuchProject(msg, hint="write it relative to the top: URI#examples/wine")
    return "" if str(path) == "." else str(path)


def within(root: Path, subdirectory: str, shown: str) -> Path:
    """The folder of a project in what was fetched.

    Raises:
        NoSuchProject: there is none, or a link leads outside.
    """
    path = (root / subdirectory).resolve()
    if not path.is_dir() or not path.is_relative_to(root.resolve()):
        msg = f"no folder {subdirectory!r} in {shown.partition('#')[0]}"
        raise NoSuchProject(msg, hint="the part after # is a folder, relative to the top")
    return path
