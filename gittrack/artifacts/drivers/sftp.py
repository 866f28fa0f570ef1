"""`sftp://`: SSH with fsspec's file system on paramiko, each connection used by one thread.

As `ssh` does: keys from the agent and `~/.ssh`, names, ports and identities from `~/.ssh/config`, and
only hosts whose key is known. Files are sent and read with many requests on the line (`putfo`,
`readv`): one by one they would go at 1 MB/s.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from gittrack.artifacts.drivers.folders import Folders
from gittrack.artifacts.drivers.logins import login
from gittrack.artifacts.failures import AccessDenied, StoreError, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from gittrack.artifacts.drivers.hashing import HashedFile

_PIECE = 1 << 15  # bytes of a request; what every server grants
_WINDOW = 1 << 23  # bytes that are asked for at once
_TIMEOUT = 30
_KNOWN = "/etc/ssh/ssh_known_hosts"


class UnknownHost(StoreError):
    """A host's key is not known, or has changed."""


class _FileSystem(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    cachable = False

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        try:
            self.client.load_system_host_keys()
            with contextlib.suppress(OSError):
                self.client.load_system_host_keys(_KNOWN)
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
        except BaseException:
            self.client.close()
            raise
        self.ftp.get_channel().settimeout(2 * _TIMEOUT)


class Sftp(Folders):
    """A plain rename does not replace in SFTP, so creating is atomic."""

    def _make(self) -> Any:  # noqa: ANN401
        host, words = self._connection()
        try:
            return _FileSystem(host, **words)
        except paramiko.SSHException as error:
            if "not found in known_hosts" in str(error) or isinstance(error, paramiko.BadHostKeyException):
                msg = f"the host key of {self._url.text} is not the one in known_hosts, or not there"
                raise UnknownHost(msg, hint=f"check it by connecting once with ssh to {host}") from None
            if "No authentication methods" in str(error):
                raise said(AccessDenied, self._url.text) from None
            raise

    def _connection(self) -> tuple[str, dict[str, Any]]:
        """Where to connect and how; what the URL and the options say holds over `~/.ssh/config`."""
        ssh = _ssh_config(self._url.host)
        user = self._options.get("user") or self._url.user or ssh.get("user")
        port = self._options.get("port") or self._url.port or int(ssh.get("port", 22))
        words: dict[str, Any] = {"port": port, "timeout": _TIMEOUT, "banner_timeout": _TIMEOUT}
        if user:
            words["username"] = user
        if found := login(self._url.host, user):
            words |= {"username": found[0], "password": found[1]}
        if "identityfile" in ssh:
            words["key_filename"] = [name for name in ssh["identityfile"] if Path(name).exists()]
        if "proxycommand" in ssh:
            words["sock"] = paramiko.ProxyCommand(ssh["proxycommand"])
        return ssh.get("hostname", self._url.host), words

    def _drop(self, fs: Any) -> None:  # noqa: ANN401
        fs.client.close()

    def _look(self, fs: Any, path: str) -> tuple[int, int | None] | None:  # noqa: ANN401
        try:
            found = fs.ftp.stat(path)
        except FileNotFoundError:
            return None
        return (found.st_size, found.st_mtime * 1000) if S_ISREG(found.st_mode) else None

    def _is_folder(self, fs: Any, path: str) -> bool:  # noqa: ANN401
        try:
            return S_ISDIR(fs.ftp.stat(path).st_mode)
        except FileNotFoundError:
            return False

    def _scan(self, fs: Any, path: str) -> Iterator[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        for one in fs.ftp.listdir_iter(path or "/"):
            if S_ISDIR(one.st_mode) or S_ISREG(one.st_mode):
                yield one.filename, S_ISDIR(one.st_mode), one.st_size, one.st_mtime * 1000

    def _send(self, fs: Any, source: HashedFile | BinaryIO, path: str) -> None:  # noqa: ANN401
        fs.ftp.putfo(source, path, confirm=False)

    def _read(self, fs: Any, path: str, start: int, size: int) -> Iterator[bytes]:  # noqa: ANN401
        with fs.ftp.open(path, "rb") as file:
            for begin in range(start, size, _WINDOW):
                end = min(begin + _WINDOW, size)
                yield b"".join(file.readv([(at, min(_PIECE, end - at)) for at in range(begin, end, _PIECE)]))

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        if replace:
            fs.ftp.posix_rename(source, target)
            return True
        try:
            fs.ftp.rename(source, target)
        except OSError:
            if self._look(fs, target) is None:
                raise
            return False
        return True

    def _make_folder(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.ftp.mkdir(path)

    def _unlink(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.ftp.remove(path)


def _ssh_config(host: str) -> dict[str, Any]:
    try:
        return dict(paramiko.SSHConfig.from_path(str(Path("~/.ssh/config").expanduser())).lookup(host))
    except (OSError, RuntimeError, paramiko.SSHException):
        return {}
