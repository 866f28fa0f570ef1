from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile, RemoteError
from gittrack.launch.projects import archive
from tests.support.web import served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def zipped(path: Path, files: dict[str, str], mode: int = 0o100644) -> Path:
    """A zip archive."""
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            opened.writestr(info, text)
    return path


def tarred(path: Path, members: list[tarfile.TarInfo], content: bytes = b"x") -> Path:
    """A compressed tar archive."""
    with tarfile.open(path, "w:gz") as opened:
        for one in members:
            one.size = len(content) if one.isfile() else 0
            opened.addfile(one, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A member of a tar archive."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_zip(tmp_path: Path) -> None:
    """Files, the right to execute them, and the digest of the archive."""
    path = zipped(tmp_path / "p.zip", {"MLproject": "name: x", "a/run.sh": "true"}, 0o100755)
    top, digest = archive.unpack(path, tmp_path / "out")
    assert (top / "MLproject").read_text() == "name: x"
    assert (top / "a" / "run.sh").stat().st_mode & 0o100
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_folder_is_the_top(tmp_path: Path) -> None:
    """Git hosts put everything into one folder."""
    path = tarred(tmp_path / "p.tar.gz", [member("wine-1.0/MLproject"), member("wine-1.0/train.py")])
    top, _ = archive.unpack(path, tmp_path / "out")
    assert sorted(one.name for one in top.iterdir()) == ["MLproject", "train.py"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "..\\x"])
def test_traversal(tmp_path: Path, name: str) -> None:
    """A member that would be outside is refused, and nothing is unpacked."""
    paths = [
        zipped(tmp_path / "p.zip", {"ok": "1", name: "x"}),
        tarred(tmp_path / "p.tgz", [member("ok"), member(name)]),
    ]
    for number, path in enumerate(paths):
        with pytest.raises(MalformedFile, match="would be outside"):
            archive.unpack(path, tmp_path / f"out{number}")
        assert list((tmp_path / f"out{number}" / "archive").iterdir()) == []
    assert not (tmp_path / "x").exists()


def test_links(tmp_path: Path) -> None:
    """Links that lead outside are refused, in a zip all of them."""
    bad = tarred(tmp_path / "p.tgz", [member("l", tarfile.SYMTYPE, "/etc"), member("l/x")])
    with pytest.raises(MalformedFile, match="unsafe member"):
        archive.unpack(bad, tmp_path / "a")
    with pytest.raises(MalformedFile, match="is a link"):
        archive.unpack(zipped(tmp_path / "p.zip", {"l": "/etc"}, 0o120777), tmp_path / "b")


def test_no_archive(tmp_path: Path) -> None:
    """Anything else is told."""
    (tmp_path / "p.zip").write_text("hello")
    with pytest.raises(MalformedFile, match="not an archive"):
        archive.unpack(tmp_path / "p.zip", tmp_path / "out")


def test_download(tmp_path: Path) -> None:
    """A file by HTTP; what is not there is told."""
    (tmp_path / "f").write_bytes(b"12")
    with served(tmp_path) as url:
        archive.download(f"{url}/f", tmp_path / "got")
        with pytest.raises(RemoteError, match="answers 404"):
            archive.download(f"{url}/none", tmp_path / "no")
    assert (tmp_path / "got").read_bytes() == b"12"


def test_no_server(tmp_path: Path) -> None:
    """A server that is not there is told."""
    with pytest.raises(RemoteError, match="cannot be reached"):
        archive.download("http://127.0.0.1:9/f", tmp_path / "no")


def zip_bomb(path: Path) -> Path:
    """Zeros that are small as long as they are packed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros", bytes(2_000_000))
    return path


def tar_bomb(path: Path) -> Path:
    """The same as a tar archive."""
    with tarfile.open(path, "w:gz") as opened:
        member = tarfile.TarInfo("zeros")
        member.size = 2_000_000
        opened.addfile(member, io.BytesIO(bytes(2_000_000)))
    return path


@pytest.mark.parametrize("make", [zip_bomb, tar_bomb])
def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]) -> None:
    """More than any project is when unpacked: refused before anything is written."""
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(MalformedFile, match="more than 1 MB when unpacked"):
        archive.unpack(make(tmp_path / "bomb"), tmp_path)
    assert list((tmp_path / "archive").iterdir()) == []


@pytest.mark.parametrize("make", [zip_bomb, tar_bomb])
def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]) -> None:
    """More members than any project has."""
    monkeypatch.setattr(archive, "MOST_MEMBERS", 0)
    with pytest.raises(MalformedFile, match="more than 0 members"):
        archive.unpack(make(tmp_path / "bomb"), tmp_path)
