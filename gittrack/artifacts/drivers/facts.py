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
        self._fs = _FILE_SYSTEMS[url.family](url, options)
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


def _s3(_: StoreUrl, options: Mapping[str, Any]) -> AbstractFileSystem:
    from s3fs import S3FileSystem

    region = options.get("region")
    return S3FileSystem(
        **_fresh,
        anon=options.get("anon", False),
        endpoint_url=options.get("endpoint_url"),
        profile=options.get("profile"),
        requester_pays=options.get("requester_pays", False),
        client_kwargs={"region_name": region} if region else {},
    )


def _gcs(_: StoreUrl, options: Mapping[str, Any]) -> AbstractFileSystem:
    from gcsfs.core import GCSFileSystem  # the other class opens connections of its own for each bucket

    return GCSFileSystem(
        **_fresh,
        token="anon" if options.get("anon") else None,
        project=options.get("project"),
        endpoint_url=options.get("endpoint_url"),
        requester_pays=options.get("requester_pays", False),
    )


def _azure(url: StoreUrl, options: Mapping[str, Any]) -> AbstractFileSystem:
    from adlfs import AzureBlobFileSystem

    account = options.get("account_name") or (url.host.partition(".")[0] if url.user else None)
    host = options.get("account_host")
    given = {"account_name": account, "account_host": host, "anon": options.get("anon")}
    return AzureBlobFileSystem(
        **_fresh, **{name: value for name, value in given.items() if value is not None}
    )


_fresh: Mapping[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
_FILE_SYSTEMS = {"s3": _s3, "gcs": _gcs, "azure": _azure}
FAMILIES = frozenset(_FILE_SYSTEMS)
"""Of stores that say a version."""
