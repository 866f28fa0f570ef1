"""`ftp://`, `ftps://`: FTP with the connection of fsspec, each used by one thread.

Source: RFC 959 (STOR, RNFR, RNTO), RFC 3659 (SIZE, MDTM, REST, MLSD).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from ftplib import error_perm, error_temp
from typing import TYPE_CHECKING, Any

from fsspec.implementations.ftp import FTPFileSystem

from gittrack.artifacts.drivers.base import CHUNK, milliseconds
from gittrack.artifacts.drivers.folders import Folders
from gittrack.artifacts.drivers.logins import login

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from gittrack.artifacts.drivers.hashing import HashedFile

_TIMEOUT = 60  # seconds without a byte
_PATIENCE = 10  # seconds to say why an upload was broken off
_LINE = re.compile(r"([\w-])\S*\s+\d+\s+\S+\s+\S+\s+(\d+)\s+(\w{3}\s+\d+\s+[\d:]+)\s(.+)")


class Ftp(Folders):
    """Renaming replaces in FTP: the name is looked for before; contents of one digest are the same anyway."""

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        user = self._options.get("user") or self._url.user
        found = login(self._url.host, user)
        words = {"username": found[0], "password": found[1]} if found else {"username": user} if user else {}
        fs = FTPFileSystem(
            self._url.host,
            port=self._options.get("port") or self._url.port or 21,
            timeout=_TIMEOUT,
            tls=self._options.get("tls", self._url.scheme == "ftps"),
            skip_instance_cache=True,
            **words,
        )
        fs.ftp.voidcmd("TYPE I")  # SIZE counts bytes
        return fs

    def _drop(self, fs: Any) -> None:  # noqa: ANN401
        fs.ftp.close()

    def _look(self, fs: Any, path: str) -> tuple[int, int | None] | None:  # noqa: ANN401
        try:
            size = fs.ftp.size(path)
        except error_perm as error:
            if str(error).startswith("550"):
                return None
            raise
        return size or 0, self._time(fs, path)

    def _time(self, fs: Any, path: str) -> int | None:  # noqa: ANN401
        try:
            return _moment(fs.ftp.voidcmd(f"MDTM {path}").partition(" ")[2])
        except error_perm:
            return None

    def _is_folder(self, fs: Any, path: str) -> bool:  # noqa: ANN401
        try:
            fs.ftp.cwd(path)
        except error_perm as error:
            if str(error).startswith("550"):
                return False
            raise
        fs.ftp.cwd("/")
        return True

    def _scan(self, fs: Any, path: str) -> Iterator[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        try:
            found = list(fs.ftp.mlsd(path, ["type", "size", "modify"]))
        except error_perm:
            lines: list[str] = []
            fs.ftp.dir(path, lines.append)
            fs.ftp.voidcmd("TYPE I")  # a listing is text
            yield from (one for one in map(_listed, lines) if one)
            return
        fs.ftp.voidcmd("TYPE I")
        for name, facts in found:
            if facts.get("type") in {"file", "dir"}:
                yield (
                    name,
                    facts["type"] == "dir",
                    int(facts.get("size", 0)),
                    _moment(facts.get("modify", "")),
                )

    def _send(self, fs: Any, source: HashedFile | BinaryIO, path: str) -> None:  # noqa: ANN401
        try:
            fs.ftp.storbinary(f"STOR {path}", source, blocksize=CHUNK)
        except ConnectionError:  # who cannot write ends the line of the data, and says why on the other
            fs.ftp.sock.settimeout(_PATIENCE)
            try:
                fs.ftp.voidresp()
            except (error_temp, error_perm) as said:
                raise said from None
            raise

    def _read(self, fs: Any, path: str, start: int, size: int) -> Iterator[bytes]:  # noqa: ANN401, ARG002
        with fs.ftp.transfercmd(f"RETR {path}", rest=start or None) as line:
            while chunk := line.recv(CHUNK):
                yield chunk
        fs.ftp.voidresp()

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        found = self._look(fs, target)
        if found is not None and not replace:
            return False
        fs.ftp.rename(source, target)
        return True

    def _make_folder(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.ftp.mkd(path)

    def _unlink(self, fs: Any, path: str) -> None:  # noqa: ANN401
        fs.ftp.delete(path)


def _moment(text: str) -> int | None:
    """`20260131120000` or `20260131120000.123`, UTC."""
    try:
        return milliseconds(datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc))
    except ValueError:
        return None


def _listed(line: str) -> tuple[str, bool, int, int | None] | None:
    """A line of a listing as `ls -l` writes it."""
    match = _LINE.match(line)
    if not match or match.group(1) not in {"-", "d"} or match.group(4) in {".", ".."}:
        return None
    return match.group(4), match.group(1) == "d", int(match.group(2)), _listed_time(match.group(3))


def _listed_time(text: str) -> int | None:
    """`Jan 31 12:00` of the last year, or `Jan 31 2025`; to a day, as the time zone is the server's."""
    month, day, last = text.split()
    now = datetime.now(timezone.utc)
    try:
        moment = datetime.strptime(
            f"{month} {day} {now.year if ':' in last else last} {last if ':' in last else '00:00'}",
            "%b %d %Y %H:%M",
        ).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    if moment > now + timedelta(days=2):
        moment = moment.replace(year=moment.year - 1)
    return milliseconds(moment)
