"""FTP: vsftpd, for the user who runs the tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, SECRET, Access, OfFolders, Process, lacking, listens

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAM = Path("/usr/sbin/vsftpd")
_YES = (
    *("listen", "anonymous_enable", "write_enable", "anon_upload_enable", "anon_mkdir_write_enable"),
    *("anon_other_write_enable", "secure_email_list_enable", "run_as_launching_user"),
)
_NO = ("background", "local_enable", "anon_world_readable_only", "seccomp_sandbox")


class Vsftpd(OfFolders):
    """A store is a folder. Accounts need PAM, so its guest `anonymous` has a list of passwords."""

    name = "vsftpd"
    cannot: Mapping[str, str] = {
        "read-only": "its guest has the same rights with each password",
        "proxy": "FTP moves data on connections of their own, past the proxy",
        "atomic create": "a rename in FTP replaces: of writers at once several are told they made it",
    }
    many = 100

    def missing(self) -> str | None:
        """As in `Server`."""
        return lacking(_PROGRAM)

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._root = folder / "data"
        self._root.mkdir()
        (folder / "empty").mkdir()
        (folder / "passwords").write_text(f"{SECRET}\n")
        values = dict.fromkeys(_YES, "YES") | dict.fromkeys(_NO, "NO")
        values |= {"listen_address": HOST, "listen_port": str(self.port), "anon_umask": "022"}
        values |= dict.fromkeys(("delay_failed_login", "delay_successful_login"), "0")
        values |= {"secure_chroot_dir": f"{folder}/empty", "email_password_file": f"{folder}/passwords"}
        config = folder / "vsftpd.conf"
        config.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        self._process = Process([_PROGRAM, config], folder)
        self._process.wait_until(lambda: listens(self.port))

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        path = self._root / ("nowhere" if case == "no-store" else place)
        if case == "anonymous":
            return Access(f"ftp://{HOST}:{port or self.port}{path}")
        user = "nobody" if case == "unknown" else "anonymous"
        password = f"{SECRET}-wrong" if case == "wrong" else SECRET
        netrc = f"machine {HOST} login {user} password {password}\n"
        return Access(f"ftp://{user}@{HOST}:{port or self.port}{path}", files={".netrc": netrc})
