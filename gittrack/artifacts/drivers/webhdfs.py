"""`webhdfs://`: Hadoop over HTTP, with fsspec's session.

Source: WebHDFS REST API (CREATE and OPEN in two steps, RENAME, GETFILESTATUS, GETCONTENTSUMMARY). A file is
sent in one request, where fsspec's own files send a request for each block.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from fsspec.implementations.webhdfs import WebHDFS

from gittrack.artifacts.drivers.base import CHUNK
from gittrack.artifacts.drivers.folders import Folders
from gittrack.artifacts.failures import StoreFull, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from gittrack.artifacts.drivers.hashing import HashedFile

_TIMEOUT = (15, 300)  # seconds to connect, and between two answers: a pipeline of datanodes may be slow
_ABOVE = 3  # folders whose quotas are looked at
_PORTS = {False: 9870, True: 9871}  # since Hadoop 3


class WebHdfs(Folders):
    """A rename to a name that is taken fails in HDFS, so creating is atomic."""

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        tls = self._options.get("tls", self._url.scheme == "swebhdfs")
        user = self._options.get("user") or self._url.user
        fs = WebHDFS(
            host=self._url.host,
            port=self._options.get("port") or self._url.port or _PORTS[tls],
            kerberos=self._options.get("kerberos", False),
            use_https=tls,
            skip_instance_cache=True,
            **({"user": user} if user else {}),
        )
        fs.session.request = functools.partial(fs.session.request, timeout=_TIMEOUT)
        return fs

    def _drop(self, fs: Any) -> None:  # noqa: ANN401
        fs.session.close()

    def _call(self, fs: Any, op: str, method: str, path: str, **words: Any) -> Any:  # noqa: ANN401
        try:
            return fs._call(op, method=method, path=path, **words)  # noqa: SLF001  the only way to the operations
        except (RuntimeError, ValueError) as error:  # how it says that Hadoop raised something
            if isinstance(error, OSError):  # of requests
                raise
            raise OSError(str(error)) from None

    def _look(self, fs: Any, path: str) -> tuple[int, int | None] | None:  # noqa: ANN401
        found = self._status(fs, path)
        return (found["length"], found["modificationTime"]) if found and found["type"] == "FILE" else None

    def _is_folder(self, fs: Any, path: str) -> bool:  # noqa: ANN401
        found = self._status(fs, path)
        return bool(found and found["type"] == "DIRECTORY")

    def _status(self, fs: Any, path: str) -> Any:  # noqa: ANN401
        try:
            return self._call(fs, "GETFILESTATUS", "get", path).json()["FileStatus"]
        except FileNotFoundError:
            return None

    def _scan(self, fs: Any, path: str) -> Iterator[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        found = self._call(fs, "LISTSTATUS", "get", path or "/").json()["FileStatuses"]["FileStatus"]
        for one in found:
            yield one["pathSuffix"], one["type"] == "DIRECTORY", one["length"], one["modificationTime"]

    def _send(self, fs: Any, source: HashedFile | BinaryIO, path: str) -> None:  # noqa: ANN401
        out = self._call(fs, "CREATE", "put", path, redirect=False, overwrite="true")
        size = source.seek(0, 2)
        source.seek(0)
        headers = {"Content-Type": "application/octet-stream"}
        try:
            done = fs.session.put(out.headers["Location"], data=source if size else b"", headers=headers)
        except requests.ConnectionError:
            self._refuse_if_full(fs, path, size)
            raise
        done.raise_for_status()

    def _place(self, fs: Any, temporary: str, name: str, size: int, *, replace: bool) -> bool:  # noqa: ANN401
        try:
            return super()._place(fs, temporary, name, size, replace=replace)
        except ConnectionError:  # less arrived than was sent
            self._refuse_if_full(fs, temporary, size)
            raise

    def _refuse_if_full(self, fs: Any, path: str, size: int) -> None:  # noqa: ANN401
        """A DataNode of Hadoop 2 does not say that a quota ended an upload: look for one."""
        if self._is_full(fs, path, size):
            raise said(StoreFull, self._url.text, "DSQuotaExceededException")

    def _is_full(self, fs: Any, path: str, size: int) -> bool:  # noqa: ANN401
        """Whether a quota of space leaves no room for a file that could not be written; removes it."""
        found = self._status(fs, path) or {}
        block = found.get("blockSize") or 1
        needed = found.get("replication", 1) * block * -(-size // block)
        with contextlib.suppress(OSError):
            self._unlink(fs, path)
        return any(room < needed for room in self._rooms(fs))

    def _rooms(self, fs: Any) -> Iterator[int]:  # noqa: ANN401
        """What is left of quotas of space: of the folder of the store, and a few above it."""
        parts = self._base.strip("/").split("/")
        for length in range(len(parts), max(0, len(parts) - _ABOVE), -1):
            with contextlib.suppress(OSError):  # it may not be ours to look at
                answer = self._call(fs, "GETCONTENTSUMMARY", "get", "/" + "/".join(parts[:length]))
                summary = answer.json()["ContentSummary"]
                if summary["spaceQuota"] >= 0:
                    yield summary["spaceQuota"] - summary["spaceConsumed"]

    def _read(self, fs: Any, path: str, start: int, size: int) -> Iterator[bytes]:  # noqa: ANN401, ARG002
        words = {**fs.pars, "op": "OPEN", "offset": start}
        with fs.session.get(fs.url + quote(path, safe="/"), params=words, stream=True) as answer:
            answer.raise_for_status()
            yield from answer.iter_content(CHUNK)

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        if replace and self._look(fs, target) is not None:
            self._unlink(fs, target)
        if self._call(fs, "RENAME", "put", source, destination=target).json()["boolean"]:
            return True
        if self._look(fs, target) is None:
            msg = "the file could not be renamed"
            raise OSError(msg)
        return False

    def _make_folder(self, fs: Any, path: str) -> None:  # noqa: ANN401
        self._call(fs, "MKDIRS", "put", path)

    def _unlink(self, fs: Any, path: str) -> None:  # noqa: ANN401
        self._call(fs, "DELETE", "delete", path)
