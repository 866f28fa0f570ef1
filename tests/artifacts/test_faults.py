"""Connections that break, programs that are killed, disks that are full: no half object can be read."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import StoreError, StoreFull, Unreachable
from tests.artifacts.conftest import Site
from tests.support.servers.client import start
from tests.support.servers.local import Folder
from tests.support.servers.proxy import Proxy
from tests.support.servers.webhdfs import Hadoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gittrack.artifacts.remote import Remote
    from tests.support.servers.base import Access, Server

SIZE = (17 << 20) + 5  # several parts on every store
CONTENT = random.Random(11).randbytes(SIZE)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that is sent in several parts."""
    path = tmp_path / "large.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    """What breaks connections to the server."""
    site.need("proxy")
    with Proxy(site.server.port) as proxy:
        yield proxy


def both(site: Site, proxy: Proxy) -> tuple[Remote, Remote]:
    """The store, and the same through the proxy; what is in the environment is read by the first call."""
    direct = site.open()
    direct.check()
    return direct, site.open(port=proxy.port)


def left(remote: Remote) -> list[str]:
    """What a store lists, without what was being written."""
    return [entry.name for entry in remote.list() if not entry.name.startswith("tmp/")]


def is_whole_or_nothing(remote: Remote) -> bool:
    """Whether there is no object, or all of it."""
    return left(remote) == [] or remote.read("a") == CONTENT


class TestUpload:
    """An upload that is cut."""

    def test_leaves_nothing(self, site: Site, proxy: Proxy, large: Path) -> None:
        """Nothing of it can be read; when the line is good again, all of it comes."""
        direct, broken = both(site, proxy)
        proxy.break_after(10 << 20, "up")
        with pytest.raises(Unreachable):
            broken.put_file(large, "a")
        assert proxy.cut
        assert direct.stat("a") is None
        assert left(direct) == []
        proxy.heal()
        assert broken.put_file(large, "a")
        assert direct.read("a") == CONTENT

    def test_answer_lost(self, site: Site, proxy: Proxy, large: Path) -> None:
        """When only the answers are lost, it is there as a whole or not at all."""
        direct, broken = both(site, proxy)
        broken.check()
        proxy.break_after(0, "down", rounds=3)
        try:
            broken.put_file(large, "a")
        except StoreError:
            assert is_whole_or_nothing(direct)
        proxy.heal()
        broken.put_file(large, "a")
        assert direct.read("a") == CONTENT

    def test_killed(self, site: Site, large: Path) -> None:
        """A program that is killed in the middle leaves nothing to be read, and the next one sends it."""
        site.need("processes")
        access = site.access()
        client = start("put-slowly", access, large, "a")
        assert client.stdout is not None
        assert client.stderr is not None
        said = client.stdout.readline()
        client.kill()
        assert said.strip() == "half", client.stderr.read()
        client.communicate()
        direct = site.open()
        assert direct.stat("a") is None
        assert left(direct) == []
        assert direct.put_file(large, "a")
        assert direct.read("a") == CONTENT


class TestDownload:
    """A download that is cut."""

    @pytest.mark.parametrize("orderly", [False, True], ids=["reset", "ended"])
    def test_goes_on(self, site: Site, proxy: Proxy, large: Path, tmp_path: Path, orderly: bool) -> None:  # noqa: FBT001  a parameter of the test
        """What came is the beginning of the file, and the next tries go on from there."""
        site.open().put_file(large, "a")
        broken, target = site.open(port=proxy.port), tmp_path / "back"
        proxy.break_after(5 << 20, "down", rounds=2, orderly=orderly)
        for _ in range(3):
            try:
                broken.get_file("a", target)
            except Unreachable:
                came = target.stat().st_size if target.exists() else 0
                assert not came or target.read_bytes() == CONTENT[:came]
            else:
                break
        assert proxy.cut
        assert target.read_bytes() == CONTENT


class TestDead:
    """A line that lets nothing through any more."""

    @pytest.mark.parametrize(("name", "most"), [("gcs", 5), ("azure", 8)])
    def test_is_given_up(
        self, running: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch, name: str, most: int
    ) -> None:
        """After a few tries, a few seconds apart: clients of the clouds would go on for a minute."""
        site = Site(running(name), Path.home(), monkeypatch)
        with Proxy(site.server.port) as proxy:
            _, broken = both(site, proxy)
            broken.check()
            proxy.break_after(0, "up")
            with pytest.raises(Unreachable):
                broken.put_bytes(b"x", "a")
            assert 0 < proxy.cut <= most
        site.close()


class TestDelay:
    """A slow line."""

    def test_nothing_is_damaged(self, site: Site, tmp_path: Path) -> None:
        """What comes late is what was sent."""
        site.need("proxy")
        source = tmp_path / "source"
        source.write_bytes(CONTENT[: 1 << 20])
        with Proxy(site.server.port, delay=0.005) as proxy:
            remote = site.open(port=proxy.port)
            assert remote.put_file(source, "a")
            assert remote.read("a") == source.read_bytes()


class TestFull:
    """A store that is full."""

    @pytest.fixture(params=["file", "sftp", "ftp", "vsftpd", "webdav", "apache"])
    def full(
        self,
        request: pytest.FixtureRequest,
        running: Callable[[str], Server],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Iterator[Site]:
        """A store on a disk of 4 MiB."""
        if os.geteuid() != 0:
            pytest.skip("only root may mount")
        site = Site(running(request.param), Path.home(), monkeypatch)
        folder = site.server.folder(site.place)
        assert folder is not None
        words = ["-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
        if subprocess.run(["mount", *words], check=False, capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        yield site
        site.close()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)

    def test_disk(self, full: Site, large: Path, tmp_path: Path) -> None:
        """It says so where it can, leaves nothing to be read, and takes what fits."""
        remote = full.open()
        with pytest.raises(StoreError if "say full" in full.server.cannot else StoreFull):
            remote.put_file(large, "a")
        assert remote.stat("a") is None
        assert left(remote) == []
        full.need("room again")
        (tmp_path / "small").write_bytes(b"x")
        assert remote.put_file(tmp_path / "small", "small")

    @pytest.mark.parametrize(("kind", "most"), [("-setQuota", 1), ("-setSpaceQuota", 10 << 20)])
    def test_quota(
        self,
        running: Callable[[str], Server],
        monkeypatch: pytest.MonkeyPatch,
        large: Path,
        tmp_path: Path,
        kind: str,
        most: int,
    ) -> None:
        """A quota of HDFS, of names or of bytes, is a full store, too."""
        server = running("webhdfs")
        assert isinstance(server, Hadoop)
        site = Site(server, Path.home(), monkeypatch)
        server.set_quota(tmp_path, site.place, kind, most)
        remote = site.open()
        with pytest.raises(StoreFull):
            remote.put_file(large, "a")
        assert left(remote) == []
        site.close()

    def test_limit(self, tmp_path: Path, large: Path) -> None:
        """A limit of the system on the size of files as well."""
        server = Folder()
        server.start(tmp_path)
        server.make("store")
        done = _limited("4096", server.access("store"), large)
        assert done.returncode == 1
        assert "StoreFull" in done.stderr
        assert not (tmp_path / "store" / "a").exists()


def _limited(blocks: str, access: Access, source: Path) -> subprocess.CompletedProcess[str]:
    """Send a file in a process that may write so many blocks of 1 KiB to a file."""
    import sys

    words = ["-m", "tests.support.servers.client", "put", access.url, "{}", str(source), "a"]
    return subprocess.run(
        ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "-", sys.executable, *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
        capture_output=True,
        text=True,
    )
