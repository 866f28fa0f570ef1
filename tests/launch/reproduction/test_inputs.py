"""Inputs of a run are found, verified and put in place."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError
from gittrack.core.records import Input
from gittrack.launch.reproduction import inputs as reproduce_inputs
from gittrack.launch.reproduction.inputs import look, place, recorded
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with one file."""
    path = tmp_path / "tree"
    path.mkdir()
    (path / "a.txt").write_text("a")
    return path


def known(store: RunStore, path: str, *, keep: bool = False) -> Input:
    """The input at a path of the user's tree."""
    return input_of(Wanted(path, keep=keep), store)


def state(store: RunStore, used: Input, tree: Path) -> str:
    """What is said of an input."""
    (found,) = look(store, (used,), tree)
    return found.state


def test_in_the_code(store: RunStore, repo: Path, tree: Path) -> None:
    """A file of the snapshot is verified there."""
    (repo / "a.txt").write_text("a")
    used = known(store, "a.txt")
    assert state(store, used, tree) == "in the code"
    (tree / "a.txt").write_text("b")
    assert state(store, used, tree) == "changed"


def test_a_folder_of_the_user(store: RunStore, repo: Path, tree: Path) -> None:
    """A folder that is only in the user's tree is copied into the work tree."""
    (repo / "data" / "sub").mkdir(parents=True)
    (repo / "data" / "sub" / "x").write_text("x")
    found = look(store, (known(store, "data"),), tree)
    place(store, found)
    assert [one.state for one in found] == ["here"]
    assert (tree / "data" / "sub" / "x").read_text() == "x"


def test_large_ones_are_linked(
    store: RunStore, repo: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too large to be copied is linked."""
    (repo / "big").write_text("big")
    found = look(store, (known(store, "big"),), tree)
    monkeypatch.setattr(reproduce_inputs, "_COPIED", 1)
    place(store, found)
    assert (tree / "big").is_symlink()
    assert (tree / "big").read_text() == "big"


@pytest.mark.parametrize("name", ["data.txt", "data"])
def test_kept(store: RunStore, repo: Path, tree: Path, name: str) -> None:
    """What was kept comes from the store when the user's is gone."""
    source = repo / name
    if name == "data":
        (source / "sub").mkdir(parents=True)
        (source / "sub" / "x").write_text("x")
    else:
        source.write_text("x")
    used = known(store, name, keep=True)
    source.rename(repo / "away")
    found = look(store, (used,), tree)
    place(store, found)
    assert found[0].state == "kept"
    assert (tree / name / "sub" / "x" if name == "data" else tree / name).read_text() == "x"


def test_kept_and_lost(store: RunStore, repo: Path, tree: Path) -> None:
    """What was kept and is nowhere any more is an error that names it."""
    (repo / "x.txt").write_text("x")
    used = known(store, "x.txt", keep=True)
    (repo / "x.txt").unlink()
    found = look(store, (used,), tree)
    store.objects.path_of(str(used.sha256)).unlink()
    with pytest.raises(GitTrackError, match=r"input x\.txt was kept"):
        place(store, found)


@pytest.mark.parametrize("uri", ["../../x", "/etc/passwd", "link/x"])
def test_paths_stay_below_the_code(store: RunStore, tree: Path, tmp_path: Path, uri: str) -> None:
    """A record cannot write outside of the work tree, nor can a link in its code."""
    (tree / "link").symlink_to(tmp_path)
    assert state(store, Input("x", uri, "a" * 64), tree) == "missing"


def test_outside(store: RunStore, tree: Path, tmp_path: Path) -> None:
    """A file outside of the code is verified where it is."""
    path = tmp_path / "far.txt"
    path.write_text("x")
    used = known(store, str(path))
    assert state(store, used, tree) == "in place"
    path.write_text("y")
    assert state(store, used, tree) == "changed"
    path.unlink()
    assert state(store, used, tree) == "missing"


def test_what_is_no_file(store: RunStore, tree: Path) -> None:
    """A table is read by the command, which records it again."""
    used = Input("frame", "memory", "a" * 64, kind="dataframe")
    found = look(store, (used,), tree)
    assert found[0].state == "checked by the command"
    assert recorded(found) == ()


def test_without_digest(store: RunStore, repo: Path, tree: Path) -> None:
    """An input without a digest cannot be verified; it is put in place all the same."""
    (repo / "x.txt").write_text("x")
    used = dataclasses.replace(known(store, "x.txt"), sha256=None)
    found = look(store, (used,), tree)
    place(store, found)
    assert found[0].state == "not verified"
    assert (tree / "x.txt").read_text() == "x"
    assert recorded(found) == (used,)


def test_urls(store: RunStore, tree: Path) -> None:
    """A URL is held against what its store says now."""
    import fsspec

    with fsspec.open("memory://gittrack/x.csv", "wb") as file:
        file.write(b"x")
    same = Input("x", "memory://gittrack/x.csv", size=1, kind="file")
    assert state(store, same, tree) == "in place"
    assert state(store, dataclasses.replace(same, size=2), tree) == "changed"
    assert state(store, dataclasses.replace(same, uri="nosuch://x/y"), tree) == "not verified"
