"""Results repositories that are named by URL: a bare clone of their runs in the user's cache."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, RemoteError
from gittrack.core.files import locked
from gittrack.core.ids import random_text
from gittrack.store.plumbing.git import CODE, HEADS, INBOX, create_bare
from gittrack.store.sync.exchange import Exchange
from gittrack.store.sync.live_refs import LIVE
from gittrack.store.sync.remote import resolve, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_PATIENCE = 600.0  # seconds to wait for another process that clones the same


def open_url(url: str, environ: Mapping[str, str]) -> Path:
    """The cached clone of a results repository, made when there is none.

    Only gittrack's own refs are in it. It is fetched when it is made; from then on `gittrack pull`
    brings it up to date and `gittrack push` sends what was recorded in it.

    Args:
        url: a Git URL.
        environ: where the cache is: `XDG_CACHE_HOME`, `LOCALAPPDATA`, `HOME`.

    Raises:
        RemoteError: the URL cannot be fetched, or holds a password.
        GitTrackError: there is no place for a cache.
    """
    if without_credentials(url) != url:
        msg = f"the URL {without_credentials(url)} was given with credentials"
        raise RemoteError(msg, hint="leave them out and let a Git credential helper keep them")
    place = cache_directory(environ) / "repos" / cache_name(url)
    if place.is_dir():
        return place
    with locked(place.with_name(f"{place.name}.lock"), timeout=_PATIENCE):
        if not place.is_dir():
            _make(url, place)
    return place


def cache_directory(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where gittrack may keep what can be fetched again.

    Raises:
        GitTrackError: no variable says where.
    """
    if chosen := environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "gittrack"
    if platform == "win32" and (local := environ.get("LOCALAPPDATA")):
        return Path(local) / "gittrack"
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if not home:
        msg = "there is no home folder to keep a clone in"
        raise GitTrackError(msg, hint="set XDG_CACHE_HOME, or name a repository on disk with --repo")
    return Path(home) / ("Library/Caches" if platform == "darwin" else ".cache") / "gittrack"


def cache_name(url: str) -> str:
    """A readable name for the clone, and a digest that tells two of one name apart."""
    stem = PurePosixPath(re.split(r"[/\\:]", url.rstrip("/\\"))[-1]).name.removesuffix(".git")
    digest = hashlib.sha256(url.encode(errors="surrogateescape")).hexdigest()[:16]
    return f"{_UNSAFE.sub('-', stem)[:60].strip('-') or 'repository'}-{digest}"


def _make(url: str, place: Path) -> None:
    """Clone beside the place and move it there when it is whole; the lock is held."""
    for left in place.parent.glob(f"{place.name}.*.new"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    fresh = place.with_name(f"{place.name}.{random_text(6)}.new")
    try:
        try:
            _fetch(url, fresh, "sha1")
        except RemoteError as error:
            if "another object format" not in error.message:
                raise
            shutil.rmtree(fresh)
            _fetch(url, fresh, "sha256")
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fetch(url: str, place: Path, object_format: str) -> None:
    git = create_bare(place, object_format)
    for key, value in (
        ("remote.origin.url", url),
        ("remote.origin.fetch", f"+{HEADS}*:refs/remotes/origin/gittrack/*"),
        ("remote.origin.fetch", f"+{CODE}*:refs/gittrack/remotes/origin/code*"),
        ("remote.origin.fetch", f"+{INBOX}*:refs/gittrack/remotes/origin/inbox/*"),
        ("remote.origin.fetch", f"+{LIVE}*:refs/gittrack/remotes/origin/live/*"),
    ):
        git.run("config", "--add", key, value)
    Exchange(git, resolve(git, "origin"), writer="").run(None)
