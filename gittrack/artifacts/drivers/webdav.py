"""`webdav://`, `webdavs://`: WebDAV over HTTP or HTTPS, with webdav4's client on httpx.

Source: RFC 4918 (PUT, MKCOL, MOVE with Overwrite), RFC 9110 (Range).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from webdav4.client import ResourceAlreadyExists
from webdav4.fsspec import WebdavFileSystem

from gittrack.artifacts.drivers.base import CHUNK
from gittrack.artifacts.drivers.folders import Folders
from gittrack.artifacts.drivers.logins import login

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from gittrack.artifacts.drivers.hashing import HashedFile
    from gittrack.artifacts.urls import StoreUrl

_TIMEOUT = httpx.Timeout(120, connect=15)
_NOTHING_LEFT = 416
_PART = 206


class WebDav(Folders):
    """`MOVE` does not overwrite unless it is told to, so creating is atomic."""

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        super().__init__(url, options)
        tls = options.get("tls", url.scheme in {"webdavs", "davs"})
        port = options.get("port") or url.port
        host = f"[{url.host}]" if ":" in url.host else url.host
        self._address = f"http{'s' if tls else ''}://{host}{f':{port}' if port else ''}/"

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        user = self._options.get("user") or self._url.user
        auth = login(self._url.host, user) or ((user, "") if user else None)
        words = {"auth": auth} if auth else {}
        return WebdavFileSystem(self._address, timeout=_TIMEOUT, skip_instance_cache=True, **words)

    def _drop(self, fs: Any) -> None:  # noqa: ANN401
        fs.client.http.close()

    def _send(self, fs: Any, source: HashedFile | BinaryIO, path: str) -> None:  # noqa: ANN401
        size = source.seek(0, 2)
        source.seek(0)
        fs.client.upload_fileobj(source, path, overwrite=True, chunk_size=CHUNK, size=size)

    def _read(self, fs: Any, path: str, start: int, size: int) -> Iterator[bytes]:  # noqa: ANN401, ARG002
        headers = {"Range": f"bytes={start}-"} if start else {}
        with fs.client.http.stream("GET", fs.client.join_url(path), headers=headers) as answer:
            if answer.status_code == _NOTHING_LEFT:
                return
            answer.raise_for_status()
            skip = 0 if answer.status_code == _PART else start  # a server may ignore ranges
            for chunk in answer.iter_bytes(CHUNK):
                yield chunk[skip:]
                skip = max(0, skip - len(chunk))

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        try:
            fs.client.move(source, target, overwrite=replace)
        except ResourceAlreadyExists:
            return False
        return True

    def _make_folder(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.client.mkdir(path)

    def _unlink(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.client.remove(path)
