"""Projects from Git: a clone in the user's cache, and a work tree for one run of one commit."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed, GitTrackError, RemoteError
from gittrack.core.files import locked
from gittrack.core.ids import random_text
from gittrack.store.plumbing.git import create_bare, discover, is_oid
from gittrack.store.sync import transport
from gittrack.store.sync.clones import cache_directory, cache_name
from gittrack.store.sync.remote import resolve, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git

_PATIENCE = 600.0  # seconds to wait for another process that fetches the same
_HEAD = "refs/gittrack/project-head"
_REFSPECS = (
    "+refs/heads/*:refs/remotes/origin/*",
    "+refs/tags/*:refs/tags/*",
    "^refs/heads/gittrack/*",  # runs are no code
)
_ABBREVIATED = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE | re.ASCII)


class NoSuchVersion(GitTrackError):
    """A repository has no commit, tag or branch of that name."""


def clone(url: str, version: str | None) -> tuple[Git, str]:
    """The clone of a project, brought up to date, and the commit that is meant.

    A whole commit id that is there already needs no network.

    Args:
        url: a Git URL without credentials.
        version: a commit, tag or branch; what HEAD is there when None.

    Raises:
        RemoteError: it cannot be fetched.
        NoSuchVersion: it has no such version.
    """
    check_version(version)
    place = cache_directory(os.environ) / "projects" / cache_name(url)
    with locked(place.with_name(f"{place.name}.lock"), timeout=_PATIENCE):
        git = discover(place) if place.is_dir() else _make(url, place)
        known = version is not None and is_oid(version) and git.resolve(f"{version}^{{commit}}")
        if not known:
            _fetch(git)
        return git, find(git, version)


def check_version(version: str | None) -> None:
    """Refuse what is no name of a version.

    Raises:
        NoSuchVersion: it is empty, could be taken for an option, or has characters that no name has.
    """
    if version is not None and (
        not version or version.startswith("-") or not version.isprintable() or ":" in version
    ):
        msg = f"not a version: {version[:80]!r}"
        raise NoSuchVersion(msg, hint="give a commit, a tag or a branch")


def find(git: Git, version: str | None, *, head: str = _HEAD) -> str:
    """The commit of a version: of a tag, of a branch (of the remote first), of a commit id; HEAD.

    Raises:
        NoSuchVersion: there is none.
    """
    check_version(version)
    names = [head]
    if version is not None:
        prefixes = ("refs/tags/", "refs/remotes/origin/", "refs/heads/")
        names = [prefix + version for prefix in prefixes]
        names += [version] if _ABBREVIATED.fullmatch(version) else []
        names += [head + version[4:]] if version.startswith("HEAD") else []
    for name in names:
        oid = git.resolve(f"{name}^{{commit}}")
        if oid is not None:
            return oid
    msg = f"no version {version[:80]!r}" if version else "the repository has no commit"
    raise NoSuchVersion(msg, hint="give a commit, a tag or a branch that the repository has")


@contextlib.contextmanager
def work_tree(git: Git, commit: str) -> Iterator[Path]:
    """A folder with the files of a commit, submodules included; gone with the block.

    Raises:
        GitFailed: it cannot be made.
    """
    parent = Path(tempfile.mkdtemp(prefix="gittrack-"))
    tree = parent / "project"
    try:
        git.run("worktree", "add", "--quiet", "--detach", "--force", "--", str(tree), commit)
        _submodules(tree)
        yield tree
    finally:
        shutil.rmtree(parent, ignore_errors=True)
        with contextlib.suppress(GitTrackError, OSError):
            git.run("worktree", "prune", check=False)


def _submodules(tree: Path) -> None:
    if not (tree / ".gitmodules").is_file():
        return
    inside = discover(tree)
    words = ("submodule", "--quiet", "update", "--init", "--recursive")
    try:
        inside.run(*words)
    except GitFailed as error:
        msg = f"submodules cannot be fetched: {transport.said(error.stderr)}"
        raise RemoteError(
            msg, hint="check `.gitmodules` of the project, and that you may read them"
        ) from error


def _make(url: str, place: Path) -> Git:
    """Clone beside the place and move it there when it is whole; the lock is held."""
    for left in place.parent.glob(f"{place.name}.*.new"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    fresh = place.with_name(f"{place.name}.{random_text(6)}.new")
    try:
        for object_format in ("sha1", "sha256"):
            git = create_bare(fresh, object_format)
            git.run("config", "remote.origin.url", url)
            try:
                _fetch(git)
                break
            except RemoteError as error:
                if "object format" not in error.message or object_format == "sha256":
                    raise
                shutil.rmtree(fresh)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return discover(place)


def _fetch(git: Git) -> None:
    remote = resolve(git, "origin")
    transport.fetch(git, remote, _REFSPECS)
    try:
        transport.fetch(git, remote, (f"+HEAD:{_HEAD}",))
    except RemoteError:
        if git.refs("refs/remotes/origin/"):
            return  # its HEAD names a branch that is not there: a version has to be given
        msg = f"{without_credentials(remote.url)} has no commit"
        raise NoSuchVersion(msg, hint="push the project there first") from None
