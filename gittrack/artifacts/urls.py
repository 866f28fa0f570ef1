"""The URL of a store: what it means, and what it must not hold; pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gittrack.core.errors import InvalidValue
from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
NO_STORES = frozenset(  # of fsspec: they wrap other file systems, run programs, or hold no files to keep
    {
        *("async_wrapper", "asynclocal", "blockcache", "cached", "data", "dask", "dir", "filecache"),
        *("generic", "git", "github", "jlab", "jupyter", "libarchive", "local", "reference", "root"),
        *("simplecache", "tar", "zip"),
    }
)
_BUCKETS = frozenset({"s3", "gcs", "azure"})
# These may become words of a ProxyCommand in ~/.ssh/config: no options, nothing for a shell.
_HOST = re.compile(r"[A-Za-z0-9_][\w.:%-]*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_$][\w.@+$-]*", re.ASCII)
_NO_URL = "not the URL of a store"
LIKE = "give a URL like s3://bucket/prefix or sftp://host/folder, or the full path of a folder"
_ELSEWHERE = "take them out: they come from where the store's own tools look (docs/artifacts.md)"
_OPTIONS = "put options under artifacts.options in gittrack.yaml"
_PLAIN_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)
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
    _expect(bool(text) and text.isprintable() and "::" not in text, _NO_URL)
    if "://" not in text:
        return _folder(text)
    scheme = text.partition("://")[0].lower()
    _expect(
        _SCHEME.fullmatch(scheme) is not None and scheme not in NO_STORES, f"no store is at {scheme[:40]}://"
    )
    return _folder(_local_path(text)) if scheme == "file" else _remote(scheme, text)


def protocols() -> Collection[str]:
    """The schemes that have a driver of their own."""
    return _FAMILIES.keys()


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
        msg = f"{_NO_URL}: {_shown(text)}"
        raise InvalidValue(msg, hint=LIKE)
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
        raise InvalidValue(_NO_URL, hint=LIKE) from None
    in_bucket = family in _BUCKETS
    secret = parts.password is not None or (in_bucket and family != "azure" and parts.username is not None)
    _expect(not secret, "the URL of a store must not hold credentials", _ELSEWHERE)
    _expect(not parts.query and not parts.fragment, "the URL of a store must not hold ? or #", _OPTIONS)
    host = parts.netloc.rpartition("@")[2] if in_bucket else parts.hostname or ""  # a bucket keeps its case
    user = unquote(parts.username) if parts.username else None
    _expect(bool(host) or family in _HOSTLESS, f"{scheme}:// needs a {'bucket' if in_bucket else 'host'}")
    _expect(not host or _HOST.fullmatch(host) is not None, f"not a bucket or host: {host[:80]!r}")
    _expect(user is None or _USER.fullmatch(user) is not None, f"not a user: {str(user)[:80]!r}")
    path = _path(parts.path, rooted=not in_bucket and family != "other")
    shown = f"{scheme}://{parts.netloc}{'/' if path and not path.startswith('/') else ''}{path}"
    return StoreUrl(scheme, family, user, host, port, path, shown)


def _path(text: str, *, rooted: bool) -> str:
    names = [name for name in text.split("/") if name]
    _expect(not {".", ".."} & set(names), "the path of a store must not hold . or ..")
    path = "/".join(names)
    return f"/{path}".rstrip("/") if rooted else path


def _expect(condition: bool, message: str, hint: str = LIKE) -> None:  # noqa: FBT001  like assert
    if not condition:
        raise InvalidValue(message, hint=hint)


def _shown(text: str) -> str:
    return repr(re.sub(r"//[^/]*@", "//…@", text)[:80])


def safe_name(name: str) -> str:
    """A name that stays below the URL."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or any(part in {"", ".", ".."} for part in parts):
        msg = f"not the name of a file in a store: {name[:200]!r}"
        raise InvalidValue(msg)
    return name


def plain_name(name: str) -> str:
    """A name that every store keeps as it is: what servers make of `%`, `#` or `;` differs."""
    if not _PLAIN_NAME.fullmatch(safe_name(name)):
        msg = f"not a name for a new file in a store: {name[:200]!r}"
        raise InvalidValue(msg, hint="letters, digits and ._- are the same everywhere")
    return name
