"""FTP: pyftpdlib."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, SECRET, Access, OfFolders, Process, lacking, listens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PROGRAM = """\
import json, sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import ThreadedFTPServer
port, root, users = json.loads(sys.argv[1])
FTPHandler.authorizer = DummyAuthorizer()
for name, password, rights in users:
    FTPHandler.authorizer.add_user(name, password, root, perm=rights)
FTPHandler.auth_failed_timeout = 0.1
ThreadedFTPServer(("127.0.0.1", port), FTPHandler).serve_forever()
"""
_USERS = {"good": ("ada", "elradfmwMT"), "read-only": ("reader", "elr")}


class Pyftpd(OfFolders):
    """A store is a folder below the one folder of all users."""

    name = "ftp"
    cannot: Mapping[str, str] = {
        "proxy": "FTP moves data on connections of their own, past the proxy",
        "atomic create": "a rename in FTP replaces: of writers at once several are told they made it",
    }
    many = 300

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(PARTS / "python" / "bin" / "python", PARTS / "python" / "bin" / "ftpbench")

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._root = folder / "data"
        self._root.mkdir()
        users = [(name, SECRET, rights) for name, rights in _USERS.values()]
        words = json.dumps([self.port, str(self._root), users])
        self._process = Process([PARTS / "python" / "bin" / "python", "-c", _PROGRAM, words], folder)
        self._process.wait_until(lambda: listens(self.port))

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        folder = "nowhere" if case == "no-store" else place
        if case == "anonymous":
            return Access(f"ftp://{HOST}:{port or self.port}/{folder}")
        user = "nobody" if case == "unknown" else _USERS.get(case, _USERS["good"])[0]
        password = f"{SECRET}-wrong" if case == "wrong" else SECRET
        netrc = f"machine {HOST} login {user} password {password}\n"
        return Access(f"ftp://{user}@{HOST}:{port or self.port}/{folder}", files={".netrc": netrc})
