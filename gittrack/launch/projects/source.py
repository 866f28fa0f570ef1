"""From the URI of a project to a folder with its files, for the time of one run."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import NotARepository, UsageError
from gittrack.launch.projects import uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.projects.uri import ProjectUri


@dataclass(frozen=True, slots=True)
class Place:
    """A project that can be run.

    Attributes:
        directory: its folder.
        root: the top of what was fetched; the folder itself where nothing was.
        uri: where it came from, without credentials.
        version: the one that was asked for, None without one.
        commit: of the version, None where nothing was checked out.
        archive: SHA-256 of the archive, None where there is none.
        lasting: whether the folder is there after the run.
    """

    directory: Path
    root: Path
    uri: str
    version: str | None = None
    commit: str | None = None
    archive: str | None = None
    lasting: bool = True


@contextlib.contextmanager
def fetched(text: str, version: str | None = None) -> Iterator[Place]:
    """The project at a URI; what had to be fetched is gone with the block.

    Args:
        text: see `launch.projects.uri`.
        version: a commit, tag or branch of a Git repository.

    Raises:
        NoSuchProject: there is none.
        NoSuchVersion: the repository lacks the version.
        RemoteError: it cannot be fetched.
        UsageError: a version of what has none is asked for.
        MalformedFile: the archive is none, or unsafe.
    """
    where = uri.parse(text)
    if where.kind == "git":
        with _from_git(where, version) as place:
            yield place
    elif where.kind == "archive":
        with _from_archive(where, version) as place:
            yield place
    elif version is not None:
        with _from_repository(where, version) as place:
            yield place
    else:
        root = Path(where.where).resolve()
        directory = uri.within(root, where.subdirectory, where.shown) if where.subdirectory else root
        yield Place(directory, directory, where.shown)


@contextlib.contextmanager
def _from_git(where: ProjectUri, version: str | None) -> Iterator[Place]:
    from gittrack.launch.projects import checkout

    git, commit = checkout.clone(where.where, version)
    with checkout.work_tree(git, commit) as root:
        directory = uri.within(root, where.subdirectory, where.shown)
        yield Place(directory, root, where.shown, version, commit, lasting=False)


@contextlib.contextmanager
def _from_repository(where: ProjectUri, version: str) -> Iterator[Place]:
    """A version of a folder in a repository of this machine."""
    from gittrack.launch.projects import checkout
    from gittrack.store.plumbing.git import discover

    folder = Path(where.where, where.subdirectory).resolve()
    try:
        git = discover(folder)
    except NotARepository as error:
        msg = f"a version is asked for, and {where.shown} is in no Git repository"
        raise UsageError(msg, hint="leave --version out, or name a repository") from error
    top = git.place.work_tree
    inside = folder.relative_to(top.resolve()).as_posix() if top is not None else "."
    commit = checkout.find(git, version, head="HEAD")
    with checkout.work_tree(git, commit) as root:
        yield Place(uri.within(root, inside, where.shown), root, where.shown, version, commit, lasting=False)


@contextlib.contextmanager
def _from_archive(where: ProjectUri, version: str | None) -> Iterator[Place]:
    from gittrack.launch.projects import archive

    if version is not None:
        msg = "a version is asked for, and an archive has none"
        raise UsageError(msg, hint="leave --version out, or name a Git repository")
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="gittrack-"))
    try:
        file = Path(where.where)
        if "://" in where.where:
            file = _downloaded(where.where, folder)
        root, digest = archive.unpack(file, folder)
        directory = uri.within(root, where.subdirectory, where.shown)
        yield Place(directory, root, where.shown, archive=digest, lasting=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _downloaded(url: str, folder: Path) -> Path:
    from gittrack.launch.projects import archive

    name = url.rpartition("/")[2]
    target = folder / f"download-{name}"
    if url.lower().startswith(("http://", "https://")):
        archive.download(url, target)
    else:
        from gittrack.artifacts.remote import Remote

        with Remote.open(url.rpartition("/")[0]) as remote:
            remote.get_file(name, target)
    return target
