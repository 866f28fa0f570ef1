"""Where contents are: the local store, the cache, the runs branch, the artifact store."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from gittrack.artifacts.cache import Cache
from gittrack.artifacts.manifest import decode
from gittrack.artifacts.objects import Objects
from gittrack.artifacts.remote import Remote
from gittrack.artifacts.remote_objects import RemoteObjects
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.store.commit import branch
from gittrack.store.format.layout import artifact_within

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.artifacts.manifest import Member
    from gittrack.store.runs import RunStore

_LARGEST = 1 << 28  # bytes of a manifest; two million files
_PLAIN = "100644"


class NoStore(GitTrackError):
    """No artifact store is configured."""


class Kept:
    """The contents of one repository.

    Args:
        store: of the runs.

    Attributes:
        objects: the local store.
        cache: what was downloaded.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.objects = store.objects
        self.cache = Cache(store.git.directory / "cache", store.config.get("artifacts.cache_limit"))

    @property
    def url(self) -> str | None:
        """What is configured as `artifacts.url`, None without."""
        url: str | None = self.store.config.get("artifacts.url")
        return url

    @cached_property
    def remote(self) -> RemoteObjects:
        """The artifact store; nothing is reached yet.

        Raises:
            NoStore: none is configured.
            InvalidValue, MissingDriver: it cannot be used as configured.
        """
        if self.url is None:
            msg = "no artifact store is configured"
            raise NoStore(msg, hint="`gittrack config artifacts.url URL` names one: s3://bucket/prefix, …")
        return RemoteObjects(Remote.open(self.url, self.store.config.get("artifacts.options")))

    @cached_property
    def here(self) -> Here:
        """The local store and the cache as one."""
        return Here(self.objects, self.cache.objects)

    def find(self, sha256: str) -> Path | None:
        """The file of a content in the local store or the cache, None where it is in neither."""
        return self.objects.path_of(sha256) if self.objects.has(sha256) else self.cache.use(sha256)

    def place(self, sha256: str) -> str | None:
        """`here` or `cache`, None where a content is in neither."""
        if self.objects.has(sha256):
            return "here"
        return "cache" if self.cache.objects.has(sha256) else None

    def beside(self, run_id: str) -> dict[str, str]:
        """The small artifacts of a run that are on the runs branch: path to object id in Git."""
        self.store.index.refresh()
        directory = self.store.index.path_of(run_id)
        tip = branch.tip(self.store.git)
        if directory is None or tip is None:
            return {}
        found = {}
        for entry in self.store.git.tree(tip, directory):  # a later attempt comes after an earlier one
            path = artifact_within(entry.path[len(directory) + 1 :])
            if path is not None and entry.mode == _PLAIN:
                found[path] = entry.oid
        return found

    def manifest(self, sha256: str) -> list[Member] | None:
        """The files of a directory, None where its manifest is neither here nor in the cache.

        Raises:
            MalformedFile: it is none, or is damaged.
        """
        path = self.find(sha256)
        if path is None:
            return None
        if path.stat().st_size > _LARGEST:
            raise MalformedFile(sha256, "too long for a manifest")
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MalformedFile(str(path), "has changed since it was stored")
        return decode(data, sha256)


class Here(Objects):
    """Objects in a local store, or else in another: to read from."""

    def __init__(self, first: Objects, second: Objects) -> None:
        super().__init__(first.root)
        self._first, self._second = first, second

    def path_of(self, sha256: str) -> Path:
        """Where it is; where the first store would have it when it is in neither."""
        path = self._first.path_of(sha256)
        if path.exists():
            return path
        other = self._second.path_of(sha256)
        return other if other.exists() else path
