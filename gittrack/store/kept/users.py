"""Which Git repositories put artifacts into a store.

::

    <artifacts.url>/users/<key>         the URL of a repository that runs were pushed to, without credentials

Written once, by the first push of a clone. Whoever collects in the store sees the runs of one repository;
what others name would be lost.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from gittrack.artifacts.remote import Remote

FOLDER = "users"
_LONGEST = 2000


class SharedStore(GitTrackError):
    """Another repository uses the store, too."""


def note(remote: Remote, url: str) -> None:
    """A repository uses a store.

    Raises:
        StoreError: the store refuses or cannot be reached.
    """
    name = _plain(url)
    key = hashlib.sha256(name.encode()).hexdigest()[:16]
    remote.put_bytes(name.encode(), f"{FOLDER}/{key}")


def check(remote: Remote, url: str | None) -> None:
    """Make sure that only one repository uses a store.

    Args:
        remote: the store.
        url: of the repository; None for one that is shared with nobody.

    Raises:
        SharedStore: another one does.
        StoreError: the store refuses or cannot be reached.
    """
    own = None if url is None else _plain(url)
    for entry in remote.list(FOLDER):
        name = remote.read(entry.name)[:_LONGEST].decode(errors="replace")
        if name != own:
            msg = f"{remote.url} also keeps the artifacts of {name}, whose runs are not known here"
            raise SharedStore(
                msg, hint="give each repository a store of its own; if that one is gone, say --sole"
            )


def _plain(url: str) -> str:
    """What `https://host/a/b.git`, `ssh://git@host/a/b` and `git@host:a/b` have in common."""
    text = re.sub(r"^([^/@:]+@)?([^/:]+):(?!//)", r"\2/", url) if "://" not in url else url
    text = re.sub(r"^[a-z][a-z0-9+.-]*://([^/@]*@)?", "", text, flags=re.IGNORECASE)
    text = text.rstrip("/").removesuffix(".git").rstrip("/")
    if text.startswith("/"):
        return posixpath.normpath(text)[:_LONGEST]
    host, slash, path = text.partition("/")
    return f"{host.lower()}{slash}{path}"[:_LONGEST]
