from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.core.files import locked
from gittrack.launch.environments.cache import MARKER, Cache, default_folder

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = ("a" * 40, "b" * 40, "c" * 40)


@pytest.fixture
def kept(cache: Path) -> Cache:
    """Three environments, used one after the other."""
    found = Cache(cache)
    for second, digest in enumerate((A, B, C)):
        with found.alone(digest), found.beside(digest) as folder:
            (folder / "env").mkdir()
            (folder / "env" / "file").write_text("12345")
            found.put(digest, folder, {"tool": "uv"})
        os.utime(cache / digest / MARKER, (second, second))
    return found


def names(found: Cache) -> list[str]:
    """The digests that are there."""
    return [one.digest for one in found.all()]


def test_the_least_recently_used_comes_first(kept: Cache) -> None:
    """Use makes it the last."""
    assert names(kept) == [A, B, C]
    kept.touch(A)
    assert names(kept) == [B, C, A]


def test_the_size_is_what_removing_frees(kept: Cache, tmp_path: Path) -> None:
    """A file that is also elsewhere frees nothing."""
    one = kept.all()[0]
    assert one.size() == 5 + (kept.folder / A / MARKER).stat().st_size
    os.link(one.path / "file", tmp_path / "file")
    assert one.size() == (kept.folder / A / MARKER).stat().st_size


def test_trimming(kept: Cache) -> None:
    """By number and by time."""
    kept.touch(C)
    assert [one.digest for one in kept.trim(keep=2)] == [A]
    assert [one.digest for one in kept.trim(unused_for=3600)] == [B]
    assert names(kept) == [C]


def test_one_that_is_being_made_is_not_removed(kept: Cache) -> None:
    """Its lock is held."""
    with locked(kept.lock_of(A)):
        assert (kept.remove(A), kept.trim(keep=2)) == (False, [])
    assert (kept.remove(A), kept.remove(A), kept.remove("../x")) == (True, False, False)


def test_what_killed_processes_left_is_swept(kept: Cache) -> None:
    """Half made and half removed."""
    (kept.folder / "making" / f"{A}-x").mkdir()
    (kept.folder / "removing" / "x").mkdir(parents=True)
    kept.trim()
    assert (list((kept.folder / "making").iterdir()), (kept.folder / "removing").exists()) == ([], False)


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_a_damaged_environment_is_none(kept: Cache, content: bytes) -> None:
    """It goes when it is made again."""
    (kept.folder / A / MARKER).write_bytes(content)
    assert kept.find(A) is None
    with kept.alone(A):
        assert not (kept.folder / A).exists()


def test_no_folder_is_no_environment(tmp_path: Path) -> None:
    """Nothing was made yet."""
    assert Cache(tmp_path / "x").all() == []


def test_where_they_are_kept(tmp_path: Path) -> None:
    """In the cache folder of the user."""
    assert default_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "gittrack" / "environments"
    assert default_folder({"HOME": str(tmp_path)}).is_relative_to(tmp_path)


def test_trimming_by_size(kept: Cache) -> None:
    """The least recently used ones go until the others fit."""
    size = kept.all()[0].size()
    assert [one.digest for one in kept.trim(max_size=2 * size)] == [A]
    assert [one.digest for one in kept.trim(max_size=0)] == [B, C]


def test_one_in_use_is_not_removed(kept: Cache) -> None:
    """As long as the process lives that runs something in it."""
    program = (
        "import sys; from pathlib import Path; from gittrack.launch.environments.cache import Cache; "
        f"print(Cache(Path(sys.argv[1])).hold('{A}').digest, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(kept.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{A}\n"
        assert (kept.in_use(A), kept.remove(A), kept.in_use(B)) == (True, False, False)
        process.kill()
    assert (kept.in_use(A), kept.remove(A)) == (False, True)


def test_holding_none(kept: Cache) -> None:
    """There is nothing to hold; holding twice is holding once."""
    assert kept.hold("d" * 40) is None
    assert kept.hold(B) == kept.hold(B)
    assert len(list((kept.folder / "locks").glob(f"{B}.*.use"))) == 1
