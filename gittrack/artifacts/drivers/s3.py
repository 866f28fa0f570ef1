"""`s3://`: Amazon S3 and what speaks like it, through s3fs.

Source: Amazon S3 API reference (PutObject, UploadPart, CompleteMultipartUpload, ListObjectsV2).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from s3fs import S3FileSystem

from gittrack.artifacts.drivers.base import Unfinished, milliseconds
from gittrack.artifacts.drivers.cloud import Cloud, Found
from gittrack.artifacts.drivers.parts import Body
from gittrack.artifacts.failures import codes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.artifacts.drivers.parts import Part
    from gittrack.artifacts.urls import StoreUrl

_PATIENCE = 10  # seconds
_MISSING = {"NoSuchKey", "404", "NotFound"}
_EXTRA = {"storage_class": "StorageClass", "encryption": "ServerSideEncryption", "kms_key_id": "SSEKMSKeyId"}


class S3(Cloud):
    """Create-only puts with `If-None-Match`, where client and server know it; a look before otherwise."""

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        super().__init__(url, options)
        self._conditional = True

    def _make(self) -> Any:  # noqa: ANN401
        fs = file_system(self._options)
        known = fs._kwargs_helper.filter_dict("put_object", {"IfNoneMatch": "*"})  # noqa: SLF001  botocore ≥ 1.35
        self._conditional = self._conditional and bool(known)
        return fs

    def _address(self, fs: Any) -> str | None:  # noqa: ANN401
        return str(fs._s3.meta.endpoint_url) if "endpoint_url" in self._options else None  # noqa: SLF001

    def _disconnect(self, fs: Any) -> None:  # noqa: ANN401
        closing = fs._s3creator.__aexit__(None, None, None)  # noqa: SLF001  it has no other close
        asyncio.run_coroutine_threadsafe(closing, fs.loop).result(_PATIENCE)

    async def _call(self, fs: Any, method: str, **words: Any) -> Any:  # noqa: ANN401
        call = getattr(fs._s3, method)  # noqa: SLF001  its own way to call looks for a closed session each time
        return await call(**fs._get_s3_method_kwargs(call, Bucket=self._bucket, **words))  # noqa: SLF001

    async def _check(self, fs: Any) -> None:  # noqa: ANN401
        await self._call(fs, "list_objects_v2", Prefix=self._prefix, MaxKeys=1)

    async def _head(self, fs: Any, key: str) -> Found | None:  # noqa: ANN401
        try:
            found = await self._call(fs, "head_object", Key=key)
        except Exception as error:  # noqa: BLE001  raised again below
            if codes_of(error) & _MISSING:
                return None
            refused = error
        else:
            return Found(key, found["ContentLength"], milliseconds(found["LastModified"]))
        await self._check(fs)  # an answer to HEAD has no code; this one says what is wrong
        raise refused

    async def _page(self, fs: Any, prefix: str, token: Any) -> tuple[list[Found], Any]:  # noqa: ANN401
        more = {} if token is None else {"ContinuationToken": token}
        page = await self._call(fs, "list_objects_v2", Prefix=prefix, **more)
        found = [
            Found(one["Key"], one["Size"], milliseconds(one["LastModified"]))
            for one in page.get("Contents", ())
        ]
        return found, page.get("NextContinuationToken") if page.get("IsTruncated") else None

    async def _whole(self, fs: Any, key: str, content: bytes, *, replace: bool) -> bool:  # noqa: ANN401
        return await self._created(fs, "put_object", key, replace=replace, Body=Body(content))

    async def _created(self, fs: Any, method: str, key: str, *, replace: bool, **words: Any) -> bool:  # noqa: ANN401
        """Make the request that creates an object, on condition that there is none."""
        if not replace and not self._conditional and await self._head(fs, key) is not None:
            return False
        condition = {} if replace or not self._conditional else {"IfNoneMatch": "*"}
        try:
            await self._call(fs, method, Key=key, **condition, **words)
        except Exception as error:
            codes = codes_of(error)
            if condition and codes & {"PreconditionFailed", "412"}:
                return False
            if condition and codes & {"NotImplemented", "501"}:
                self._conditional = False
                return await self._created(fs, method, key, replace=replace, **_rewound(words))
            if condition and codes & {"ConditionalRequestConflict"}:  # somebody is creating it
                return await self._created(fs, method, key, replace=replace, **_rewound(words))
            raise
        return True

    async def _begin(self, fs: Any, key: str, *, replace: bool) -> Any:  # noqa: ANN401, ARG002
        made = await self._call(fs, "create_multipart_upload", Key=key)
        return {"Key": key, "UploadId": made["UploadId"]}

    async def _part(self, fs: Any, upload: Any, part: Part) -> Any:  # noqa: ANN401
        number = part.number + 1
        done = await self._call(fs, "upload_part", PartNumber=number, Body=Body(part.content), **upload)
        checksums = {
            name: value
            for name, value in done.items()
            if name.startswith("Checksum") and name != "ChecksumType"
        }
        return {"PartNumber": number, "ETag": done["ETag"], **checksums}

    async def _finish(self, fs: Any, upload: Any, parts: list[Any], *, replace: bool) -> bool:  # noqa: ANN401
        words = {"UploadId": upload["UploadId"], "MultipartUpload": {"Parts": parts}}
        new = await self._created(fs, "complete_multipart_upload", upload["Key"], replace=replace, **words)
        if not new:
            await self._abort(fs, upload)
        return new

    async def _abort(self, fs: Any, upload: Any) -> None:  # noqa: ANN401
        await self._call(fs, "abort_multipart_upload", **upload)

    async def _range(self, fs: Any, key: str, start: int, stop: int) -> tuple[bytes, int]:  # noqa: ANN401
        try:
            got = await self._call(fs, "get_object", Key=key, Range=f"bytes={start}-{stop - 1}")
        except Exception as error:
            if not codes_of(error) & {"InvalidRange", "416"}:
                raise
            found = await self._head(fs, key)
            if found is None:
                raise FileNotFoundError(key) from None
            return b"", found.size
        async with got["Body"] as body:
            content = await body.read()
        total = got["ContentRange"].rpartition("/")[2] if "ContentRange" in got else len(content)
        return content, int(total)

    async def _remove(self, fs: Any, keys: Sequence[str]) -> None:  # noqa: ANN401
        words = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        done = await self._call(fs, "delete_objects", Delete=words)
        for failed in done.get("Errors", ()):
            if failed.get("Code") not in _MISSING:
                raise _Refused(failed)

    def unfinished(self) -> Iterator[Unfinished]:
        """As in `LeavesParts`."""
        fs = self._fs()
        marks: dict[str, str] = {}
        while True:
            page = self._run(self._call(fs, "list_multipart_uploads", Prefix=self._prefix, **marks))
            for one in page.get("Uploads", ()):
                name = one["Key"][len(self._prefix) :]
                yield Unfinished(name, one["UploadId"], milliseconds(one.get("Initiated")))
            if not page.get("IsTruncated"):
                return
            marks = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def give_up(self, upload: Unfinished) -> None:
        """As in `LeavesParts`."""
        fs = self._fs()
        self._run(self._abort(fs, {"Key": self._prefix + upload.name, "UploadId": upload.token}))


def file_system(options: Mapping[str, Any]) -> S3FileSystem:
    """S3 as these options want it, connected; it reaches nothing yet."""
    fs = S3FileSystem(
        anon=options.get("anon", False),
        endpoint_url=options.get("endpoint_url"),
        profile=options.get("profile"),
        requester_pays=options.get("requester_pays", False),
        client_kwargs={"region_name": options["region"]} if "region" in options else {},
        config_kwargs=_config(options),
        s3_additional_kwargs={_EXTRA[name]: options[name] for name in _EXTRA if name in options},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    fs.connect()
    fs._s3.meta.events.register_last("before-call.s3.PutObject", _unasked)  # noqa: SLF001
    return fs


class _Refused(OSError):
    """One of many deletions failed; carries what the server said as botocore's errors do."""

    def __init__(self, failed: Mapping[str, str]) -> None:
        super().__init__(failed.get("Code"))
        self.response = {"Error": failed}


def _unasked(params: dict[str, Any], **_: object) -> None:
    """Send a content with its request: to ask first whether it is welcome is a round trip for each."""
    params["headers"].pop("Expect", None)


def _rewound(words: dict[str, Any]) -> dict[str, Any]:
    if "Body" in words:
        words["Body"].seek(0)
    return words


def _config(options: Mapping[str, Any]) -> dict[str, Any]:
    from aiobotocore.config import AioConfig

    style = {"addressing_style": options["addressing_style"]} if "addressing_style" in options else {}
    config: dict[str, Any] = {
        "max_pool_connections": 64,
        "user_agent": "gittrack",  # botocore puts its own together twice for each request
        "parameter_validation": False,
        "connect_timeout": 15,
        "read_timeout": 120,
        "retries": {"mode": "standard", "max_attempts": 4},
        # Where there is no TLS, a second SHA-256 of all that is sent would only slow it down: contents
        # are verified by their digest on arrival.
        "s3": {"payload_signing_enabled": False, **style},
    }
    checksums = {
        name: options["checksums"]
        for name in ("request_checksum_calculation", "response_checksum_validation")
        if "checksums" in options and name in AioConfig.OPTION_DEFAULTS  # botocore ≥ 1.36
    }
    return config | checksums
