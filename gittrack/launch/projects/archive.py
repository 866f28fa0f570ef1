"""Projects from archives: unpacked into a folder, and nothing outside of it."""

from __future__ import annotations

import hashlib
import shutil
import stat
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, MalformedFile, RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TIMEOUT = 60.0  # seconds without a byte
_EXECUTABLE = 0o111
MOST_MEMBERS = 100_000
MOST_BYTES = 4_000_000_000  # unpacked; data goes into `path` params, not into the code


def unpack(archive: Path, into: Path) -> tuple[Path, str]:
    """Unpack a `.zip` or a tar archive.

    Args:
        archive: the file.
        into: a new folder is made there.

    Returns:
        The top of the project (the only folder in the archive where there is nothing else, as in
        those that Git hosts make), and the SHA-256 of the archive in hexadecimal.

    Raises:
        MalformedFile: it is no archive, a member of it would be outside of the folder, or it has more than
            `MOST_MEMBERS` members or `MOST_BYTES` unpacked.
        OSError: it cannot be read or unpacked.
    """
    root = into / "archive"
    root.mkdir(parents=True)
    try:
        if zipfile.is_zipfile(archive):
            _unzip(archive, root)
        else:
            _untar(archive, root)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, ValueError) as error:
        raise MalformedFile(str(archive), f"not an archive that can be unpacked: {error}") from error
    with archive.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    inside = list(root.iterdir())
    top = inside[0] if len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink() else root
    return top, digest.hexdigest()


def download(url: str, target: Path) -> None:
    """Get a file by HTTP.

    Raises:
        RemoteError: it cannot be had.
        OSError: the target cannot be written.
    """
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "gittrack"})  # noqa: S310  http(s) only
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer, target.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file)
    except urllib.error.HTTPError as error:
        error.close()
        msg = f"{url} answers {error.code} {error.reason}"
        raise RemoteError(msg, hint="check the address, and that you may read it") from error
    except (urllib.error.URLError, TimeoutError) as error:
        msg = f"{url} cannot be reached: {getattr(error, 'reason', error)}"
        raise RemoteError(msg, hint="check the address and the network") from error


def _unzip(archive: Path, root: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        _refuse_outside(archive, (one.filename for one in members))
        _refuse_large(archive, (one.file_size for one in members))
        for one in members:
            mode = one.external_attr >> 16
            if stat.S_ISLNK(mode):
                raise MalformedFile(str(archive), f"{one.filename!r} is a link", "pack the file itself")
            path = Path(opened.extract(one, root))
            if mode & _EXECUTABLE and path.is_file():
                path.chmod(path.stat().st_mode | (mode & _EXECUTABLE))


def _untar(archive: Path, root: Path) -> None:
    with tarfile.open(archive) as opened:
        members: list[tarfile.TarInfo] = []
        _refuse_large(archive, (one.size for one in _kept(opened, members)))  # stops before it reads on
        _refuse_outside(archive, (one.name for one in members))
        if not hasattr(tarfile, "data_filter"):
            msg = "this Python cannot unpack tar archives safely"
            raise GitTrackError(msg, hint="use Python 3.10.12, 3.11.4 or newer, or a .zip")
        try:
            opened.extractall(root, members, filter="data")
        except tarfile.FilterError as error:
            raise MalformedFile(str(archive), f"unsafe member: {error}") from error


def _kept(opened: tarfile.TarFile, members: list[tarfile.TarInfo]) -> Iterator[tarfile.TarInfo]:
    """The members, one after the other as they are read, and put into the list."""
    for one in opened:
        members.append(one)
        yield one


def _refuse_large(archive: Path, sizes: Iterable[int]) -> None:
    total = 0
    for number, size in enumerate(sizes, 1):
        total += size
        if number > MOST_MEMBERS:
            raise MalformedFile(
                str(archive), f"more than {MOST_MEMBERS:,} members", "put data elsewhere: a `path` param"
            )
        if total > MOST_BYTES:
            raise MalformedFile(
                str(archive),
                f"more than {MOST_BYTES // 10**6:,} MB when unpacked",
                "do not trust it, or put data elsewhere: a `path` param",
            )


def _refuse_outside(archive: Path, names: Iterable[str]) -> None:
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or "\0" in name:
            raise MalformedFile(
                str(archive), f"member {name!r} would be outside of the folder", "do not trust it"
            )
