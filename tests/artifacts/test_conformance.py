"""What a store promises, on every server and in memory; the same tests for all of them."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.failures import (
    AccessDenied,
    DigestMismatch,
    NoSuchStore,
    NotPermitted,
    ObjectMissing,
    StoreError,
    Unreachable,
)
from gittrack.artifacts.remote import Get, Put
from gittrack.core.errors import InvalidValue
from tests.support.servers.base import SECRET, free_port
from tests.support.servers.client import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.artifacts.remote import Remote
    from tests.artifacts.conftest import Site

LARGE = random.Random(7).randbytes((17 << 20) + 5)  # several parts on every store
NAMES = ("x" * 200, "-dash", "_", "a..b", "Upper.and.lower-1_2")
ODD_NAMES = ("a b.txt", "a+b%20c.txt", "ü/日本.bin", "#hash?q=1&x", "it's;(1)", "~tilde", "a=b")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that is sent in several parts."""
    path = tmp_path / "large.bin"
    path.write_bytes(LARGE)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small file."""
    path = tmp_path / "small.txt"
    path.write_bytes(b"content")
    return path


def names(remote: Remote, prefix: str = "") -> list[str]:
    """What a store lists."""
    return sorted(entry.name for entry in remote.list(prefix))


def digest(content: bytes) -> str:
    """As objects are named."""
    return hashlib.sha256(content).hexdigest()


class TestRoundTrip:
    """What is put can be found and got again."""

    def test_check(self, remote: Remote) -> None:
        """A store that is there passes."""
        remote.check()

    def test_small(self, remote: Remote, small: Path) -> None:
        """A small file comes back."""
        assert remote.put_file(small, "a/b/small.txt", sha256=digest(b"content"))
        assert remote.read("a/b/small.txt") == b"content"

    def test_bytes(self, remote: Remote) -> None:
        """Bytes come back."""
        assert remote.put_bytes(b"\x00\xff\r\n", "a/bytes")
        assert remote.read("a/bytes") == b"\x00\xff\r\n"

    def test_empty(self, remote: Remote, tmp_path: Path) -> None:
        """An empty file is a file."""
        (tmp_path / "empty").touch()
        assert remote.put_file(tmp_path / "empty", "empty")
        found = remote.stat("empty")
        assert found is not None
        assert (found.size, remote.read("empty")) == (0, b"")

    def test_large(self, remote: Remote, large: Path, tmp_path: Path) -> None:
        """A file of several parts comes back, and each byte is counted once each way."""
        sent: list[int] = []
        got: list[int] = []
        assert remote.put_file(large, "large", sha256=digest(LARGE), progress=sent.append)
        remote.get_file("large", tmp_path / "back", progress=got.append)
        assert (tmp_path / "back").read_bytes() == LARGE
        assert (sum(sent), sum(got)) == (len(LARGE), len(LARGE))

    def test_stream(self, remote: Remote, large: Path) -> None:
        """A stream comes in pieces, none of them the whole."""
        remote.put_file(large, "large")
        pieces = list(remote.stream("large"))
        assert b"".join(pieces) == LARGE
        assert len(pieces) > 1

    def test_stat(self, remote: Remote, small: Path) -> None:
        """A file has its size and a time of today."""
        remote.put_file(small, "a/small")
        found = remote.stat("a/small")
        assert found is not None
        assert (found.name, found.size) == ("a/small", 7)
        assert found.modified is None or abs(found.modified / 1000 - small.stat().st_mtime) < 86_400

    def test_stat_nothing(self, remote: Remote) -> None:
        """What is not there has none."""
        assert remote.stat("a/nothing") is None

    def test_stat_folder(self, remote: Remote) -> None:
        """A folder is no file."""
        remote.put_bytes(b"x", "a/b/c")
        assert remote.stat("a/b") is None

    @pytest.mark.parametrize("name", NAMES)
    def test_names(self, remote: Remote, name: str) -> None:
        """Names are kept as they are."""
        assert remote.put_bytes(name.encode(), f"a/{name}")
        assert names(remote) == [f"a/{name}"]
        assert remote.read(f"a/{name}") == name.encode()

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names(self, remote: Remote, name: str) -> None:
        """What servers do not agree about is not written."""
        with pytest.raises(InvalidValue, match="not a name for a new file"):
            remote.put_bytes(b"x", f"a/{name}")

    @pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/./b", "", "a\nb", "a\\b"])
    def test_unsafe_names(self, remote: Remote, name: str) -> None:
        """A name that leaves the store, or may, is refused."""
        with pytest.raises(InvalidValue):
            remote.put_bytes(b"x", name)


class TestList:
    """Listings hold all that is there and nothing else."""

    def test_empty(self, remote: Remote) -> None:
        """An empty store has no files."""
        assert names(remote) == []

    def test_all(self, remote: Remote) -> None:
        """All files below, at any depth, with their sizes."""
        for name in ("a", "b/c", "b/d/e"):
            remote.put_bytes(name.encode(), name)
        assert {entry.name: entry.size for entry in remote.list()} == {"a": 1, "b/c": 3, "b/d/e": 5}

    def test_below(self, remote: Remote) -> None:
        """A folder holds what is below it, not what begins like it."""
        for name in ("b/c", "b/d/e", "bc", "bb/c"):
            remote.put_bytes(b"x", name)
        assert names(remote, "b") == names(remote, "b/") == ["b/c", "b/d/e"]

    def test_nothing(self, remote: Remote) -> None:
        """A folder that is not there holds nothing."""
        assert names(remote, "nowhere") == []

    def test_no_rubbish(self, remote: Remote, large: Path) -> None:
        """Temporary files are gone when a file is there."""
        remote.put_file(large, "large", sha256=digest(LARGE))
        remote.put_bytes(b"x", "small")
        assert names(remote) == ["large", "small"]


class TestDelete:
    """Files go, and only they."""

    def test_several(self, remote: Remote) -> None:
        """Those that are named go; one that is not there counts as gone."""
        for name in ("a", "b/c", "b/d"):
            remote.put_bytes(b"x", name)
        remote.delete(["a", "b/c", "nothing"])
        assert names(remote) == ["b/d"]


class TestCreateOnly:
    """What is there stays as it is."""

    def test_bytes(self, remote: Remote) -> None:
        """The second put changes nothing and says so."""
        assert remote.put_bytes(b"first", "a")
        assert not remote.put_bytes(b"second", "a")
        assert remote.read("a") == b"first"

    def test_file(self, remote: Remote, small: Path) -> None:
        """The same for a file."""
        remote.put_bytes(b"first", "a")
        assert not remote.put_file(small, "a")
        assert remote.read("a") == b"first"

    def test_parts(self, remote: Remote, large: Path) -> None:
        """The same for a file of several parts."""
        remote.put_bytes(b"first", "a")
        assert not remote.put_file(large, "a", sha256=digest(LARGE))
        assert remote.read("a") == b"first"
        assert names(remote) == ["a"]

    def test_replace(self, remote: Remote, small: Path) -> None:
        """It is replaced on demand."""
        remote.put_bytes(b"first", "a")
        assert remote.put_file(small, "a", replace=True)
        assert remote.read("a") == b"content"

    def test_threads(self, site: Site, remote: Remote) -> None:
        """Of many at once one is told that it made the object."""
        with ThreadPoolExecutor(8) as pool:
            new = list(pool.map(lambda _: remote.put_bytes(b"same", "a"), range(8)))
        assert remote.read("a") == b"same"
        assert names(remote) == ["a"]
        assert any(new)
        site.need("atomic create")
        assert sum(new) == 1

    def test_processes(self, site: Site, large: Path) -> None:
        """Of two processes at once both succeed and the object is whole."""
        site.need("processes")
        access = site.access()
        clients = [start("put", access, large, "a") for _ in range(2)]
        said = [client.communicate(timeout=60) for client in clients]
        assert [client.returncode for client in clients] == [0, 0], said
        assert any(out.strip() == "True" for out, _ in said)
        remote = site.open()
        assert (names(remote), remote.read("a") == LARGE) == (["a"], True)


class TestDigest:
    """A file that is not what it should be never gets there."""

    @pytest.mark.parametrize("which", ["small", "large"])
    def test_mismatch(self, remote: Remote, which: str, request: pytest.FixtureRequest) -> None:
        """It is refused and leaves nothing."""
        source = request.getfixturevalue(which)
        with pytest.raises(DigestMismatch):
            remote.put_file(source, "a", sha256=digest(b"other"))
        assert remote.stat("a") is None
        assert names(remote) == []


class TestResume:
    """A broken download goes on."""

    @pytest.mark.parametrize("came", [1, 1 << 20, (8 << 20) + 3, len(LARGE)])
    def test_goes_on(self, remote: Remote, large: Path, tmp_path: Path, came: int) -> None:
        """Only what is missing is moved."""
        remote.put_file(large, "large")
        (tmp_path / "back").write_bytes(LARGE[:came])
        got: list[int] = []
        remote.get_file("large", tmp_path / "back", progress=got.append)
        assert (tmp_path / "back").read_bytes() == LARGE
        assert sum(got) == len(LARGE) - came


class TestMany:
    """Many small files at once."""

    def test_all_arrive(self, site: Site, remote: Remote, tmp_path: Path) -> None:
        """All are new, all are there, each with its content."""
        items = []
        for number in range(site.server.many):
            path = tmp_path / f"{number}"
            path.write_bytes(b"%d" % number)
            items.append(Put(path, f"many/{number % 7}/{number}", digest(b"%d" % number)))
        done = list(remote.put_many(items, jobs=8))
        assert sorted(done) == sorted((item, True) for item in items)
        assert names(remote) == sorted(item.name for item in items)
        for number in (0, 13, len(items) - 1):
            assert remote.read(items[number].name) == b"%d" % number

    def test_again(self, remote: Remote, small: Path) -> None:
        """What is there is not new."""
        items = [Put(small, f"a/{number}") for number in range(5)]
        list(remote.put_many(items[:2]))
        assert sorted(new for _, new in remote.put_many(items)) == [False, False, True, True, True]

    def test_all_come(self, remote: Remote) -> None:
        """All contents come, an empty one too, and of a larger one not much more than was asked for."""
        contents = {"a/0": b"", **{f"a/{number}": b"%d" % number for number in range(1, 12)}}
        for name, content in contents.items():
            remote.put_bytes(content, name)
        asked = [Get(name, len(content)) for name, content in contents.items()]
        assert {item.name: content for item, content in remote.get_many(asked)} == contents
        [(_, cut)] = remote.get_many([Get("a/11", 1)])
        assert cut.startswith(b"1")

    def test_none_to_come(self, remote: Remote) -> None:
        """One that is not there breaks it off."""
        remote.put_bytes(b"x", "there")
        with pytest.raises(ObjectMissing):
            list(remote.get_many([Get("there", 1), Get("gone", 1)]))

    def test_mismatch(self, remote: Remote, small: Path) -> None:
        """One that is not what it should be breaks it off, and leaves nothing of itself."""
        with pytest.raises(DigestMismatch):
            list(remote.put_many([Put(small, "bad", digest(b"other"))]))
        assert remote.stat("bad") is None


class TestMistakes:
    """Each mistake has one error, on every store, and no message holds a secret."""

    @pytest.mark.parametrize(
        "call",
        [lambda remote: remote.read("a"), lambda remote: list(remote.stream("a"))],
        ids=["read", "stream"],
    )
    def test_object_missing(self, remote: Remote, call: Callable[[Remote], object]) -> None:
        """No such object."""
        with pytest.raises(ObjectMissing) as caught:
            call(remote)
        assert_says(caught.value, remote)

    def test_get_missing(self, remote: Remote, tmp_path: Path) -> None:
        """No such object to get."""
        with pytest.raises(ObjectMissing):
            remote.get_file("a", tmp_path / "a")

    @pytest.mark.parametrize("call", ["check", "put", "put_many", "list"])
    def test_no_such_store(self, site: Site, small: Path, call: str) -> None:
        """The bucket or folder does not exist, and is not made."""
        remote = site.open("no-store")
        with pytest.raises(NoSuchStore) as caught:
            _calls(remote, small)[call]()
        assert_says(caught.value, remote)

    @pytest.mark.parametrize("call", ["check", "put", "list", "stat", "read"])
    @pytest.mark.parametrize("case", ["wrong", "unknown"])
    def test_wrong_credentials(self, site: Site, small: Path, case: str, call: str) -> None:
        """The store does not take the credentials."""
        remote = site.open(case)
        with pytest.raises(AccessDenied if call != "stat" or not remote.flat else StoreError) as caught:
            _calls(remote, small)[call]()
        assert_says(caught.value, remote)

    @pytest.mark.parametrize("call", ["check", "put"])
    def test_no_credentials(self, site: Site, small: Path, call: str) -> None:
        """The store wants credentials and there are none."""
        remote = site.open("anonymous")
        with pytest.raises((AccessDenied, NotPermitted)) as caught:
            _calls(remote, small)[call]()
        assert_says(caught.value, remote)

    @pytest.mark.parametrize("call", ["put", "put_many", "put_bytes"])
    def test_read_only(self, site: Site, small: Path, call: str) -> None:
        """The credentials let read, and nothing else."""
        site.open().put_bytes(b"x", "there")
        remote = site.open("read-only")
        assert remote.read("there") == b"x"
        with pytest.raises(NotPermitted) as caught:
            _calls(remote, small)[call]()
        assert_says(caught.value, remote)
        assert names(remote) == ["there"]

    def test_read_only_delete(self, site: Site) -> None:
        """Nor do they let remove."""
        site.open().put_bytes(b"x", "there")
        remote = site.open("read-only")
        with pytest.raises(NotPermitted):
            remote.delete(["there"])
        assert remote.read("there") == b"x"

    @pytest.mark.parametrize("call", ["check", "put", "list", "read"])
    def test_unreachable(self, site: Site, small: Path, call: str) -> None:
        """Nobody listens."""
        site.need("unreachable")
        remote = site.open(port=free_port())
        with pytest.raises(Unreachable) as caught:
            _calls(remote, small)[call]()
        assert_says(caught.value, remote)

    def test_repr(self, site: Site) -> None:
        """No secret is in what is shown of a store."""
        remote = site.open()
        assert SECRET not in f"{remote!r} {remote.url}"


def _calls(remote: Remote, source: Path) -> dict[str, Callable[[], object]]:
    return {
        "check": remote.check,
        "put": lambda: remote.put_file(source, "a"),
        "put_bytes": lambda: remote.put_bytes(b"x", "a"),
        "put_many": lambda: list(remote.put_many([Put(source, "a")])),
        "list": lambda: list(remote.list()),
        "stat": lambda: remote.stat("a"),
        "read": lambda: remote.read("a"),
    }


def assert_says(error: StoreError, remote: Remote) -> None:
    """The message names the store, the hint helps, and neither holds a secret."""
    text = f"{error} {error.hint} {error.__cause__!r} {error.__context__!r}"
    assert remote.url in str(error)
    assert error.hint
    assert SECRET not in text
    assert "\n" not in str(error)
