"""What an object store says of a file that is not ours to keep: its size and its version."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import GitTrackError
from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fsspec import AbstractFileSystem

    from gittrack.artifacts.urls import StoreUrl

_VERSIONS = (
    ("version", ("VersionId", "version_id")),
    ("generation", ("generation",)),
    ("etag", ("ETag", "etag")),
    ("md5", ("md5Hash", "content_md5")),
)
"""How to say it, and what drivers call it; the strongest first."""
FAMILIES = frozenset({"s3", "gcs", "azure"})
"""Of stores that say a version."""
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")


class Facts(NamedTuple):
    """What a store says of a file or folder.

    Attributes:
        size: in bytes, of all files for a folder; None where it does not say.
        version: `version …`, `generation …`, `etag …`, `md5 …`, `modified …`; of a folder `listing …`,
            the SHA-256 of the names, sizes and versions of its files; None without any.
        folder: whether it is one.
    """

    size: int | None
    version: str | None
    folder: bool = False


class ObjectStore:
    """A place in an object store: a file, or a folder of them.

    Args:
        url: where.
        options: of the store, checked (`artifacts.options`).

    Raises:
        ImportError: the driver is not installed.
    """

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        self._fs = _file_system(url, options)
        self._path = str(self._fs._strip_protocol(url.text))  # noqa: SLF001  fsspec has no other name for it

    def look(self) -> Facts:
        """What the store says.

        Raises:
            FileNotFoundError: there is nothing.
        """
        info = self._fs.info(self._path)
        if info.get("type") != "directory":
            return facts_of(info)
        found = self._fs.find(self._path, detail=True)
        if not found:
            raise FileNotFoundError(self._path)
        return listing((name.removeprefix(f"{self._path}/"), facts_of(one)) for name, one in found.items())

    def download(self, target: Path) -> None:
        """Get the file.

        Raises:
            GitTrackError: it is a folder.
        """
        if self._fs.info(self._path).get("type") == "directory":
            msg = "a folder of a store is not kept"
            raise GitTrackError(msg, hint="download it first and log the local folder")
        self._fs.get_file(self._path, str(target))


def facts_of(info: Mapping[str, Any]) -> Facts:
    """What fsspec's `info` says of a file."""
    size = info.get("size")
    return Facts(size if isinstance(size, int) else None, _version(info))


def listing(files: Iterator[tuple[str, Facts]]) -> Facts:
    """A folder, from names and facts of its files."""
    lines, total = [], 0
    for name, one in files:
        lines.append(f"{name}\t{one.size}\t{one.version}\n")
        total += one.size or 0
    digest = hashlib.sha256("".join(sorted(lines)).encode(errors="replace")).hexdigest()
    return Facts(total, f"listing {digest}", folder=True)


def _version(info: Mapping[str, Any]) -> str | None:
    for word, names in _VERSIONS:
        for name in names:
            value = info.get(name)
            if isinstance(value, (bytes, bytearray)):
                value = value.hex()
            if value and value != "null":
                return f"{word} {str(value).strip(chr(34))}"
    for name in _TIMES:
        if (time := info.get(name)) is not None and (said := _time(time)):
            return f"modified {said}"
    return None


def _time(value: object) -> str | None:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        value = value.timestamp()
    return iso(int(value * 1000)) if isinstance(value, (int, float)) else None


def _file_system(url: StoreUrl, options: Mapping[str, Any]) -> AbstractFileSystem:
    if url.family == "s3":
        from gittrack.artifacts.drivers import s3

        return s3.file_system(options)
    if url.family == "gcs":
        from gittrack.artifacts.drivers import gcs

        return gcs.file_system(options)
    from gittrack.artifacts.drivers import azure

    return azure.file_system(url, options)
