"""`gs://`: Google Cloud Storage, through gcsfs.

Source: the JSON API of Cloud Storage (objects: insert with `uploadType` media and resumable, list, get,
delete). A resumable upload becomes an object with its last chunk.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import ClientTimeout
from gcsfs.core import GCSFileSystem  # the other class opens connections of its own for each bucket
from gcsfs.retry import retry_request

from gittrack.artifacts.drivers.base import milliseconds
from gittrack.artifacts.drivers.cloud import Cloud, Found
from gittrack.artifacts.drivers.parts import Body
from gittrack.artifacts.failures import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.artifacts.drivers.parts import Part

_MISSING = {"404", "FileNotFoundError", "NotFound"}
_EXISTS = {"412", "FileExistsError", "PreconditionFailed"}
_AT_ONCE = 32
_TYPE = "multipart/related; boundary=gittrack-6f0c"
_HEAD = (
    b"--gittrack-6f0c\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n"
    b"--gittrack-6f0c\r\nContent-Type: application/octet-stream\r\n\r\n"
)
_TAIL = b"\r\n--gittrack-6f0c--"
_PATIENCE = 10  # seconds
_CONNECT = 15  # seconds
_SILENCE = 120  # seconds without a byte
_TRIES = 3  # of one request; what matters is tried again above


class Gcs(Cloud):
    """Create-only puts with `ifGenerationMatch=0`."""

    in_order = True

    def _make(self) -> Any:  # noqa: ANN401
        return file_system(self._options)

    def _address(self, fs: Any) -> str | None:  # noqa: ANN401
        return str(fs._location)  # noqa: SLF001  it has no public name

    def _disconnect(self, fs: Any) -> None:  # noqa: ANN401
        if fs._session is not None:  # noqa: SLF001  it has no other close
            closing = fs._session.close()  # noqa: SLF001
            asyncio.run_coroutine_threadsafe(closing, fs.loop).result(_PATIENCE)

    @property
    def _objects(self) -> str:
        return f"b/{quote(self._bucket, safe='')}/o"

    async def _call(self, fs: Any, method: str, path: str, **words: Any) -> Any:  # noqa: ANN401
        return await fs._call(method, path, **words)  # noqa: SLF001  the public twin blocks

    async def _check(self, fs: Any) -> None:  # noqa: ANN401
        await self._call(fs, "GET", self._objects, prefix=self._prefix, maxResults=1, json_out=True)

    async def _head(self, fs: Any, key: str) -> Found | None:  # noqa: ANN401
        try:
            found = await self._call(fs, "GET", f"{self._objects}/{quote(key, safe='')}", json_out=True)
        except Exception as error:
            if codes_of(error) & _MISSING:
                return None
            raise
        return _found(found)

    async def _page(self, fs: Any, prefix: str, token: Any) -> tuple[list[Found], Any]:  # noqa: ANN401
        more = {} if token is None else {"pageToken": token}
        page = await self._call(fs, "GET", self._objects, prefix=prefix, json_out=True, **more)
        return [_found(one) for one in page.get("items", ())], page.get("nextPageToken")

    async def _whole(self, fs: Any, key: str, content: bytes, *, replace: bool) -> bool:  # noqa: ANN401
        try:
            # In two parts, as an emulator overlooks the condition otherwise
            await self._insert(
                fs, key, "multipart", _TYPE, replace=replace, data=Body(_HEAD + content + _TAIL)
            )
        except Exception as error:
            if not replace and codes_of(error) & _EXISTS:
                return False
            raise
        return True

    async def _insert(
        self,
        fs: Any,  # noqa: ANN401
        key: str,
        kind: str,
        content_type: str,
        *,
        replace: bool,
        **words: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        condition = {} if replace else {"ifGenerationMatch": "0"}
        path = f"{fs._location}/upload/storage/v1/{self._objects}"  # noqa: SLF001  the address it was made with
        headers = {"Content-Type": content_type}
        return await self._call(
            fs, "POST", path, uploadType=kind, name=key, headers=headers, **condition, **words
        )

    async def _begin(self, fs: Any, key: str, *, replace: bool) -> Any:  # noqa: ANN401
        headers, _ = await self._insert(fs, key, "resumable", "application/octet-stream", replace=replace)
        return headers["Location"]

    async def _part(self, fs: Any, upload: Any, part: Part) -> Any:  # noqa: ANN401
        """Send a chunk; what the store did not take of it is sent again."""
        begin, end = part.offset, part.offset + len(part.content)
        while begin < end:
            content = part.content[begin - part.offset :]
            headers = {"Content-Range": f"bytes {begin}-{end - 1}/{part.total}"}
            try:
                got, _ = await self._call(fs, "PUT", upload, headers=headers, data=Body(content))
            except Exception as error:
                if codes_of(error) & _EXISTS:
                    return False
                raise
            begin = int(got["Range"].rpartition("-")[2]) + 1 if "Range" in got else end
        return True

    async def _finish(self, fs: Any, upload: Any, parts: list[Any], *, replace: bool) -> bool:  # noqa: ANN401, ARG002
        return all(parts)

    async def _abort(self, fs: Any, upload: Any) -> None:  # noqa: ANN401
        await self._call(fs, "DELETE", upload)

    async def _range(self, fs: Any, key: str, start: int, stop: int) -> tuple[bytes, int]:  # noqa: ANN401
        path = f"{fs._location}/download/storage/v1/{self._objects}/{quote(key, safe='')}"  # noqa: SLF001
        try:
            headers, content = await self._call(
                fs, "GET", path, alt="media", headers={"Range": f"bytes={start}-{stop - 1}"}
            )
        except Exception as error:
            if not codes_of(error) & {"416"}:
                raise
            found = await self._head(fs, key)
            if found is None:
                raise FileNotFoundError(key) from None
            return b"", found.size
        total = headers["Content-Range"].rpartition("/")[2] if "Content-Range" in headers else len(content)
        return content, int(total)

    async def _remove(self, fs: Any, keys: Sequence[str]) -> None:  # noqa: ANN401
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def remove(key: str) -> None:
            async with at_once:
                try:
                    await self._call(fs, "DELETE", f"{self._objects}/{quote(key, safe='')}")
                except Exception as error:
                    if not codes_of(error) & _MISSING:
                        raise

        await asyncio.gather(*(remove(key) for key in keys))


def file_system(options: Mapping[str, Any]) -> GCSFileSystem:
    """Google's store as these options want it; it reaches nothing yet."""
    words: dict[str, Any] = {name: options[name] for name in ("project", "requester_pays") if name in options}
    if "endpoint_url" in options:
        words["endpoint_url"] = options["endpoint_url"]
    if "endpoint_url" in options or options.get("anon"):
        words["token"] = "anon"  # noqa: S105  a token of Google's goes to Google only
    fs = GCSFileSystem(use_listings_cache=False, skip_instance_cache=True, **words)
    fs.requests_timeout = ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_SILENCE)
    once = getattr(GCSFileSystem._request, "__wrapped__", None)  # noqa: SLF001  six tries take half a minute
    if once is not None:
        fs._request = partial(retry_request(retries=_TRIES)(once), fs)  # noqa: SLF001
    return fs


def _found(one: dict[str, Any]) -> Found:
    return Found(one["name"], int(one["size"]), milliseconds(one.get("updated")))
