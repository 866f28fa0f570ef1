"""WebDAV: Apache with mod_dav."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, SECRET, Access, OfFolders, Process, lacking, listens
from tests.support.servers.webdav import shared

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAM = Path("/usr/sbin/apache2")
_SHARED = Path("/usr/lib/apache2/modules")
_MODULES = (
    *("mpm_event", "authz_core", "authz_user", "authn_core", "authn_file", "auth_basic"),
    *("dav", "dav_fs", "alias", "dir"),
)
_USER = "www-data"
_CONFIG = """\
ServerName {host}
ServerRoot {folder}
Listen {host}:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
DocumentRoot {folder}/data
DAVLockDB {folder}/lock
DirectorySlash Off
Alias /read {folder}/data
Alias /write {folder}/data
<Location />
  Dav On
  AuthType Basic
  AuthName stores
  AuthUserFile {folder}/users
  Require valid-user
</Location>
<Location /read>
  <LimitExcept GET HEAD OPTIONS PROPFIND>
    Require all denied
  </LimitExcept>
</Location>
"""


class Apache(OfFolders):
    """A store is a folder of one share; another share has the same folders and lets only read."""

    name = "apache"
    cannot: Mapping[str, str] = {}
    many = 100

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(_PROGRAM)

    def start(self, folder: Path) -> None:
        """As in `Server`; started by root it becomes another user, who must be able to read its files."""
        self._folder = Path(tempfile.mkdtemp(prefix="apache-"))
        self._root = self._folder / "data"
        self._root.mkdir()
        hashed = base64.b64encode(hashlib.sha1(SECRET.encode()).digest()).decode()  # noqa: S324  of the format
        (self._folder / "users").write_text(f"ada:{{SHA}}{hashed}\n")
        loaded = "".join(f"LoadModule {one}_module {_SHARED}/mod_{one}.so\n" for one in _MODULES)
        user = f"User {_USER}\nGroup {_USER}\n" if os.geteuid() == 0 else ""
        config = self._folder / "apache.conf"
        config.write_text(loaded + user + _CONFIG.format(host=HOST, folder=self._folder, port=self.port))
        self._give(self._folder, self._root)
        self._process = Process([_PROGRAM, "-X", "-f", config], folder)
        self._process.wait_until(lambda: listens(self.port))

    def stop(self) -> None:
        """As in `Server`."""
        super().stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def make(self, place: str) -> None:
        """As in `Server`."""
        super().make(place)
        self._give(self.folder(place))

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        return shared(port or self.port, place, case)

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                shutil.chown(path, _USER, _USER)
