"""`az://`, `abfs://`: Azure Blob Storage, through adlfs and Azure's own client.

Source: Azure Blob Storage REST reference (Put Blob, Put Block, Put Block List, List Blobs, Delete Blob).
Blocks become a blob with the list of them; those that are in none are dropped by Azure after a week.
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

from adlfs import AzureBlobFileSystem
from azure.core import MatchConditions

from gittrack.artifacts.drivers.base import milliseconds
from gittrack.artifacts.drivers.cloud import Cloud, Found
from gittrack.artifacts.drivers.parts import Body
from gittrack.artifacts.failures import AccessDenied, codes_of, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.artifacts.drivers.parts import Part
    from gittrack.artifacts.urls import StoreUrl

_MISSING = {"BlobNotFound", "404"}
_EXISTS = {"BlobAlreadyExists", "ResourceExistsError", "ConditionNotMet", "412", "ResourceModifiedError"}
_AT_ONCE = 32
_HASTY = {
    "retry_connect": 0
}  # else an address that refuses takes 80 seconds; what matters is tried again above


class Azure(Cloud):
    """Create-only puts with `If-None-Match: *`."""

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        super().__init__(url, options)
        self._url = url
        self._bucket = url.user or url.host  # abfs://CONTAINER@ACCOUNT.dfs.core.windows.net

    def _make(self) -> Any:  # noqa: ANN401
        fs = file_system(self._url, self._options)
        _hurry(fs.service_client)
        return fs

    def _address(self, fs: Any) -> str | None:  # noqa: ANN401
        return str(fs.service_client.url)

    def _disconnect(self, fs: Any) -> None:  # noqa: ANN401
        asyncio.run_coroutine_threadsafe(fs.service_client.close(), fs.loop).result(10)

    def _container(self, fs: Any) -> Any:  # noqa: ANN401
        return fs.service_client.get_container_client(self._bucket)

    def _blob(self, fs: Any, key: str) -> Any:  # noqa: ANN401
        return fs.service_client.get_blob_client(self._bucket, key)

    async def _check(self, fs: Any) -> None:  # noqa: ANN401
        async for _ in self._container(fs).list_blobs(
            name_starts_with=self._prefix, results_per_page=1, **_HASTY
        ):
            return

    async def _head(self, fs: Any, key: str) -> Found | None:  # noqa: ANN401
        try:
            return _found(await self._blob(fs, key).get_blob_properties(**_HASTY))
        except Exception as error:
            codes = codes_of(error)
            if codes & _MISSING and "ContainerNotFound" not in codes:
                return None
            raise

    async def _page(self, fs: Any, prefix: str, token: Any) -> tuple[list[Found], Any]:  # noqa: ANN401
        pages = (
            self._container(fs)
            .list_blobs(name_starts_with=prefix, **_HASTY)
            .by_page(continuation_token=token)
        )
        async for page in pages:
            found = [_found(one) async for one in page]
            return found, pages.continuation_token or None
        return [], None

    async def _whole(self, fs: Any, key: str, content: bytes, *, replace: bool) -> bool:  # noqa: ANN401
        return await _created(
            self._blob(fs, key).upload_blob(Body(content), length=len(content), overwrite=replace),
            replace=replace,
        )

    async def _begin(self, fs: Any, key: str, *, replace: bool) -> Any:  # noqa: ANN401, ARG002
        return self._blob(fs, key)

    async def _part(self, fs: Any, upload: Any, part: Part) -> Any:  # noqa: ANN401, ARG002
        name = base64.b64encode(f"{part.number:08}".encode()).decode()
        await upload.stage_block(name, Body(part.content), length=len(part.content), **_HASTY)
        return name

    async def _finish(self, fs: Any, upload: Any, parts: list[Any], *, replace: bool) -> bool:  # noqa: ANN401, ARG002
        from azure.storage.blob import BlobBlock

        condition = {} if replace else {"match_condition": MatchConditions.IfMissing}
        return await _created(
            upload.commit_block_list([BlobBlock(block_id=name) for name in parts], **condition, **_HASTY),
            replace=replace,
        )

    async def _abort(self, fs: Any, upload: Any) -> None:  # noqa: ANN401
        """Blocks that no list names are dropped by Azure itself."""

    async def _range(self, fs: Any, key: str, start: int, stop: int) -> tuple[bytes, int]:  # noqa: ANN401
        try:
            got = await self._blob(fs, key).download_blob(offset=start, length=stop - start, **_HASTY)
        except Exception as error:
            if not codes_of(error) & {"InvalidRange", "416"}:
                raise
            found = await self._head(fs, key)
            if found is None:
                raise FileNotFoundError(key) from None
            return b"", found.size
        content = await got.readall()
        whole = (got.properties.content_range or "").rpartition("/")[2]
        return content, int(whole) if whole.isdigit() else start + len(content)

    async def _remove(self, fs: Any, keys: Sequence[str]) -> None:  # noqa: ANN401
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def remove(key: str) -> None:
            async with at_once:
                try:
                    await self._blob(fs, key).delete_blob(delete_snapshots="include", **_HASTY)
                except Exception as error:
                    if not codes_of(error) & _MISSING:
                        raise

        await asyncio.gather(*(remove(key) for key in keys))


def file_system(url: StoreUrl, options: Mapping[str, Any]) -> AzureBlobFileSystem:
    """Azure's store as these options want it; it reaches nothing yet.

    Raises:
        AccessDenied: there is no account, or nothing to log in with.
    """
    account = options.get("account_name") or (url.host.partition(".")[0] if url.user else None)
    given = {
        "account_name": account,
        "account_host": options.get("account_host"),
        "anon": options.get("anon"),
    }
    words = {name: value for name, value in given.items() if value is not None}
    try:
        return AzureBlobFileSystem(use_listings_cache=False, skip_instance_cache=True, **words)
    except ValueError:
        raise said(AccessDenied, url.text) from None


async def _created(request: Any, *, replace: bool) -> bool:  # noqa: ANN401  a coroutine of Azure's
    try:
        await request
    except Exception as error:
        if not replace and codes_of(error) & _EXISTS:
            return False
        raise
    return True


def _found(one: Any) -> Found:  # noqa: ANN401
    return Found(one.name, one.size, milliseconds(one.last_modified))


def _hurry(client: Any) -> None:  # noqa: ANN401  of Azure
    """Try again after 1 and 3 seconds, where it would after 15, 18 and 24."""
    pipeline = getattr(client, "_pipeline", None)  # adlfs passes no policy on
    for policy in getattr(pipeline, "_impl_policies", ()):
        if hasattr(policy, "initial_backoff"):
            policy.initial_backoff, policy.increment_base, policy.random_jitter_range = 1, 2, 1
            policy.total_retries = 2
