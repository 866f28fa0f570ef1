"""Azure Blob Storage: Azurite, Microsoft's emulator, which checks keys and signatures."""

from __future__ import annotations

import base64
import shutil
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, SECRET, Access, Process, fetch, free_port, lacking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ACCOUNT, _CONTAINER = "devstoreaccount1", "runs"
_KEY = (  # published by Microsoft for its emulator
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
_WRONG = base64.b64encode(SECRET.encode()).decode()
_MAIN = PARTS / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"


class Azurite:
    """One container, made at the start; a store is a prefix of it."""

    name = "azure"
    cannot: Mapping[str, str] = {
        "anonymous": "Azurite is found by a connection string, which holds credentials",
        "unknown": "Azurite has no page for an unknown account; of Azure itself not even the name is there",
    }
    many = 300

    def __init__(self) -> None:
        self.port = free_port()

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(_MAIN) or (None if shutil.which("node") else "node is not installed")

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        from azure.storage.blob import BlobServiceClient

        words = ["--blobHost", HOST, "--blobPort", str(self.port), "--location", str(folder), "--silent"]
        words += ["--skipApiVersionCheck", "--disableTelemetry"]
        self._process = Process([shutil.which("node") or "node", _MAIN, *words], folder)
        self._process.wait_until(lambda: fetch(f"http://{HOST}:{self.port}/")[0] != 0)
        with BlobServiceClient.from_connection_string(self._connection(self.port)) as client:
            client.create_container(_CONTAINER)

    def stop(self) -> None:
        """As in `Server`."""
        self._process.kill()

    def make(self, place: str) -> None:
        """Prefixes need not be made."""

    def folder(self, place: str) -> None:
        """Nothing that could be looked into."""

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        container = "nowhere" if case == "no-store" else _CONTAINER
        connection = self._connection(port or self.port, case)
        return Access(f"az://{container}/{place}", {}, {"AZURE_STORAGE_CONNECTION_STRING": connection})

    def _connection(self, port: int, case: str = "good") -> str:
        account = "nobody" if case == "unknown" else _ACCOUNT
        end = f"BlobEndpoint=http://{HOST}:{port}/{account};"
        if case == "read-only":
            return f"{end}SharedAccessSignature={_reader()};"
        key = _WRONG if case == "wrong" else _KEY
        return f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};{end}"


def _reader() -> str:
    """A signature that lets read and list."""
    from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

    return generate_account_sas(
        account_name=_ACCOUNT,
        account_key=_KEY,
        resource_types=ResourceTypes(service=True, container=True, object=True),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(timezone.utc) + timedelta(hours=2),
    )
