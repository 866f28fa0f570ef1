"""The URL of a store: what it means, and what it must not hold; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
    **dict.fromkeys(("hdfs",), "hdfs"),
    **dict.fromkeys(("webhdfs", "swebhdfs"), "webhdfs"),
    **dict.fromkeys(("ftp", "ftps"), "ftp"),
    **dict.fromkeys(("sftp", "ssh"), "sftp"),
    **dict.fromkeys(("webdav", "webdavs", "dav", "davs"), "webdav"),
    "file": "local",
    "memory": "memory",
}
"""Scheme of a URL to the family of drivers that speaks it; any other goes to fsspec as it is."""

_EXTRAS: Mapping[str, str] = {
    "s3": "s3",
    "gcs": "gcs",
    "azure": "azure",
    "hdfs": "hdfs",
    "webhdfs": "webhdfs",
    "sftp": "sftp",
    "webdav": "webdav",
}
_NO_STORES = frozenset(  # of fsspec: they wrap other file systems, run programs, or hold no files to keep
    {
        *("async_wrapper", "asynclocal", "blockcache", "cached", "data", "dask", "dir", "filecache"),
        *("generic", "git", "github", "jlab", "jupyter", "libarchive", "local", "reference", "root"),
        *("simplecache", "tar", "zip"),
    }
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+", re.ASCII)
_HOSTLESS = frozenset({"hdfs", "local", "memory", "other"})  # hdfs:/// is the one of core-site.xml


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """Where a store is.

    Attributes:
        scheme: of the URL, in lower case.
        family: which drivers speak it: `s3`, `gcs`, `azure`, `hdfs`, `webhdfs`, `ftp`, `sftp`, `webdav`,
            `local`, `memory`, or `other`.
        user: the name to log in with, or None; for Azure the container of `abfs://CONTAINER@ACCOUNT…`.
        host: bucket, container or machine; empty for a local folder.
        port: or None.
        path: of the folder in it; begins with `/` except in object stores, and does not end with one.
        text: the URL, to be shown and compared.
    """

    scheme: str
    family: str
    user: str | None
    host: str
    port: int | None
    path: str
    text: str


def parse(url: str) -> StoreUrl:
    """The parts of the URL of a store.

    Raises:
        InvalidValue: it is none, or it holds credentials.
    """
    text = url.strip()
    if not text or not text.isprintable() or "::" in text:
        raise _invalid("not the URL of a store")
    if "://" not in text:
        return _folder(text)
    scheme = text.partition("://")[0].lower()
    if not _SCHEME.fullmatch(scheme) or scheme in _NO_STORES:
        raise _invalid(f"no store can be at {scheme[:40]}://")
    return _folder(_local_path(text)) if scheme == "file" else _remote(scheme, text)


def extra_for(url: StoreUrl) -> str | None:
    """Which extra of gittrack brings the driver, None for one that needs none."""
    return _EXTRAS.get(url.family)


def _local_path(text: str) -> str:
    path = text.partition("://")[2]
    if path.startswith("localhost/"):
        path = path.removeprefix("localhost")
    return path[1:] if re.match(r"/[A-Za-z]:[/\\]", path) else path  # file:///C:/store


def _folder(text: str) -> StoreUrl:
    path = PurePath(text)
    if not path.is_absolute() or ".." in path.parts:
        msg = f"not the URL of a store: {_shown(text)}"
        raise InvalidValue(
            msg, hint="give a URL (s3://bucket/prefix) or the full path of a folder (/mnt/share/store)"
        )
    name = path.as_posix().rstrip("/") or "/"
    return StoreUrl(
        "file", "local", None, "", None, name, f"file://{'' if name.startswith('/') else '/'}{name}"
    )


def _remote(scheme: str, text: str) -> StoreUrl:
    family = _FAMILIES.get(scheme, "other")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _invalid("not the URL of a store") from None
    _refuse_secrets(family, parts.password, parts.query, parts.fragment)
    host, user = parts.hostname or "", parts.username
    if family in {"s3", "gcs", "azure"}:
        host = parts.netloc.rpartition("@")[2]  # a bucket keeps its case
    if user and family in {"s3", "gcs"}:
        raise _secret()
    if not host and family not in _HOSTLESS:
        raise _invalid(f"{scheme}:// needs a {'bucket' if family in {'s3', 'gcs', 'azure'} else 'host'}")
    path = _path(parts.path, family)
    shown = f"{scheme}://{parts.netloc}{'/' if path and not path.startswith('/') else ''}{path}"
    return StoreUrl(
        scheme, family, unquote(user) if user else None, host, port, path, shown.rstrip("/") or shown
    )


def _path(text: str, family: str) -> str:
    names = [name for name in text.split("/") if name]
    if any(name in {".", ".."} for name in names):
        raise _invalid("the path of a store must not hold . or ..")
    path = "/".join(names)
    return path if family in {"s3", "gcs", "azure", "other"} else f"/{path}".rstrip("/")


def _refuse_secrets(family: str, password: str | None, query: str, fragment: str) -> None:
    if password is not None or (family == "azure" and "sig=" in query):
        raise _secret()
    if query or fragment:
        raise _invalid(
            "the URL of a store must not hold ? or #", "put options under artifacts.options in gittrack.yaml"
        )


def _secret() -> InvalidValue:
    return _invalid(
        "the URL of a store must not hold credentials",
        "take them out: they come from where the store's own tools look (docs/artifacts.md)",
    )


def _invalid(
    message: str, hint: str = "give a URL like s3://bucket/prefix or sftp://host/folder"
) -> InvalidValue:
    return InvalidValue(message, hint=hint)


def _shown(text: str) -> str:
    return repr(re.sub(r"//[^/]*@", "//…@", text)[:80])
