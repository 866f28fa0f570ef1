"""WebDAV: WsgiDAV on cheroot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, SECRET, Access, OfFolders, Process, lacking, listens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class WsgiDav(OfFolders):
    """A store is a folder of one share; another share has the same folders and lets only read."""

    name = "webdav"
    cannot: Mapping[str, str] = {
        "say full": "WsgiDAV answers 500 rather than 507 when a disk is full",
        "room again": "WsgiDAV keeps the file of a failed upload open after it was removed",
    }
    many = 300

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(PARTS / "python" / "bin" / "wsgidav")

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._root = folder / "data"
        self._root.mkdir()
        config = folder / "wsgidav.json"
        config.write_text(json.dumps(self._config()))
        self._process = Process([PARTS / "python" / "bin" / "wsgidav", "--config", config], folder)
        self._process.wait_until(lambda: listens(self.port))

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        return shared(port or self.port, place, case)

    def _config(self) -> dict[str, object]:
        return {
            "host": HOST,
            "port": self.port,
            "provider_mapping": {
                "/write": str(self._root),
                "/read": {"root": str(self._root), "readonly": True},
            },
            "simple_dc": {"user_mapping": {"*": {"ada": {"password": SECRET}}}},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
        }


def shared(port: int, place: str, case: str) -> Access:
    """How to come to a store below the shares `write` and `read`."""
    share = "read" if case == "read-only" else "write"
    folder = "nowhere" if case == "no-store" else place
    url = f"webdav://{HOST}:{port}/{share}/{folder}"
    if case == "anonymous":
        return Access(url)
    user = "nobody" if case == "unknown" else "ada"
    password = f"{SECRET}-wrong" if case == "wrong" else SECRET
    return Access(url, files={".netrc": f"machine {HOST} login {user} password {password}\n"})
