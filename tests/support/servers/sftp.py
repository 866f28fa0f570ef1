"""SFTP: OpenSSH, for the user who runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, Access, Process, free_port, lacking, listens

if TYPE_CHECKING:
    from collections.abc import Mapping

_SSHD = Path("/usr/sbin/sshd")
_KEYS = ("host", "good", "read-only", "wrong")
_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
"""


class OpenSsh:
    """A store is a folder; one key may write, one is forced to only read, one is not known."""

    name = "sftp"
    cannot: Mapping[str, str] = {"say full": "SFTP has no word for a full disk"}
    many = 300

    def __init__(self) -> None:
        self.port = free_port()

    def missing(self) -> str | None:
        """As in `Server`."""
        if os.geteuid() == 0:  # sshd gives up its rights in an empty folder, which a package makes at boot
            Path("/run/sshd").mkdir(exist_ok=True)
        return lacking(_SSHD, Path(shutil.which("ssh-keygen") or "/usr/bin/ssh-keygen"))

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._folder = folder
        for name in _KEYS:
            words = ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
            subprocess.run(["ssh-keygen", *words], check=True)
        reader, writer = self._text("read-only.pub"), self._text("good.pub")
        (folder / "authorized_keys").write_text(f'{writer}command="internal-sftp -R" {reader}')
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(port=self.port, folder=folder))
        self._process = Process([_SSHD, "-D", "-e", "-f", config], folder)
        self._process.wait_until(lambda: listens(self.port))

    def stop(self) -> None:
        """As in `Server`."""
        self._process.kill()

    def make(self, place: str) -> None:
        """As in `Server`."""
        (self._folder / "data" / place).mkdir(parents=True)

    def folder(self, place: str) -> Path:
        """As in `Server`."""
        return self._folder / "data" / place

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        port = port or self.port
        user = "nobody-of-the-tests" if case == "unknown" else getpass.getuser()
        path = self._folder / "data" / ("nowhere" if case == "no-store" else place)
        files = {".ssh/known_hosts": f"[{HOST}]:{port} {self._text('host.pub')}"}
        if case != "anonymous":
            files[".ssh/id_ed25519"] = self._text(case if case in _KEYS else "good")
        return Access(f"sftp://{user}@{HOST}:{port}{path}", files=files)

    def _text(self, name: str) -> str:
        return (self._folder / name).read_text()
