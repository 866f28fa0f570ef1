"""S3: SeaweedFS, a real server that checks signatures and rights."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, SECRET, Access, Process, fetch, free_port, lacking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BUCKET = "runs"
_KEYS = {
    "good": ("AKIDGOOD", SECRET),
    "wrong": ("AKIDGOOD", f"{SECRET}-wrong"),
    "unknown": ("AKIDNOBODY", SECRET),
    "read-only": ("AKIDREADER", f"{SECRET}-reader"),
}
_RIGHTS = {"good": ["Admin", "Read", "Write", "List", "Tagging"], "read-only": ["Read", "List"]}


class SeaweedS3:
    """One bucket, made at the start; a store is a prefix of it."""

    name = "s3"
    cannot: Mapping[str, str] = {}
    many = 300

    def __init__(self) -> None:
        self.port = free_port()

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(PARTS / "python" / "bin" / "weed")

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        config = folder / "s3.json"
        config.write_text(json.dumps({"identities": [_identity(name) for name in _RIGHTS]}))
        self._process = Process([PARTS / "python" / "bin" / "weed", *self._words(folder, config)], folder)
        self._process.wait_until(lambda: fetch(f"http://{HOST}:{self.port}/healthz")[0] == 200)
        asyncio.run(self._make_bucket())

    def stop(self) -> None:
        """As in `Server`."""
        self._process.kill()

    def make(self, place: str) -> None:
        """Prefixes need not be made."""

    def folder(self, place: str) -> None:
        """Nothing that could be looked into."""

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        bucket = "nowhere" if case == "no-store" else _BUCKET
        options = {"endpoint_url": f"http://{HOST}:{port or self.port}", "region": "us-east-1"}
        url = f"s3://{bucket}/{place}"
        if case == "anonymous":
            return Access(url, {**options, "anon": True})
        key, secret = _KEYS.get(case, _KEYS["good"])
        return Access(url, options, {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret})

    def _words(self, folder: Path, config: Path) -> list[str]:
        ports = {name: free_port() for name in ("master", "volume", "filer")} | {"s3": self.port}
        options = {
            "dir": str(folder),
            "ip": HOST,
            "ip.bind": HOST,
            **{f"{name}.port": str(port) for name, port in ports.items()},
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.autoCreateBucket": "false",
            "s3.config": str(config),
            "volume.max": "50",
            "master.volumeSizeLimitMB": "256",
            "master.volumePreallocate": "false",
        }
        return ["server", "-s3", *(f"-{name}={value}" for name, value in options.items())]

    async def _make_bucket(self) -> None:
        from aiobotocore.session import get_session

        key, secret = _KEYS["good"]
        async with get_session().create_client(
            "s3",
            endpoint_url=f"http://{HOST}:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        ) as client:
            try:
                await client.create_bucket(Bucket=_BUCKET)
            except client.exceptions.BucketAlreadyOwnedByYou:  # a repeated request made it
                return


def _identity(case: str) -> dict[str, object]:
    key, secret = _KEYS[case]
    return {
        "name": case,
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": _RIGHTS[case],
    }
