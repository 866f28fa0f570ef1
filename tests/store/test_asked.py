"""Runs whose wrapper was killed: what their journals ask to keep."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackWarning
from gittrack.core.events import ArtifactLogged, Unknown
from gittrack.core.records import Artifact, Input, Run
from gittrack.core.text import dump_json
from gittrack.core.times import now_ms

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gittrack.store.runs import RunStore


def recovered(store: RunStore, *lines: dict[str, Any], folder: Path | None = None, known: str = "") -> Run:
    """A run that a killed wrapper left, with lines of its command, as the next command commits it."""
    one = Run(id=store.new_id(), start_time=now_ms(), host=platform.node())
    journal = store.create(one)
    if folder is not None:
        journal.event(Unknown({"event": "folder", "folder": str(folder)}))
    if known:
        journal.event(ArtifactLogged(Artifact(known, *store.objects.put_bytes(b"before"))))
    journal.close()
    content = b"".join(dump_json(line) + b"\n" for line in lines)
    (store.live_directory(one.id) / "child.jsonl").write_bytes(content)
    (run,) = store.recover()
    return run


def asks(file: str | Path, path: str | None = None) -> dict[str, Any]:
    """A line that asks to keep a file."""
    return {"event": "artifact", "file": str(file), **({"path": path} if path else {})}


def test_files_are_kept(store: RunStore, tmp_path: Path) -> None:
    """Files and folders, absolute and from where the command ran."""
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "b").write_bytes(b"b")
    (tmp_path / "a.txt").write_bytes(b"a")
    run = recovered(
        store, asks("a.txt"), asks("./dir", "kept/dir"), asks(tmp_path / "dir" / "b"), folder=tmp_path
    )
    assert {one.path: one.kind for one in run.artifacts} == {
        "a.txt": "file",
        "kept/dir": "directory",
        "b": "file",
    }
    assert all(store.objects.has(one.sha256) for one in run.artifacts)
    assert store.files(run.id)["artifacts/a.txt"] == b"a"


def test_what_cannot_be_kept_is_named(store: RunStore, tmp_path: Path) -> None:
    """It hides nothing else."""
    (tmp_path / "a.txt").write_bytes(b"a")
    with pytest.warns(GitTrackWarning) as caught:
        run = recovered(store, asks("gone.txt"), asks("a.txt", "../evil"), asks("a.txt"), folder=tmp_path)
    assert [one.path for one in run.artifacts] == ["a.txt"]
    assert ["gone.txt" in str(one.message) for one in caught] == [True, False]
    assert "not a name for an artifact" in str(caught[1].message)


def test_a_file_of_a_later_run(store: RunStore, tmp_path: Path) -> None:
    """A file that was written long after the last sign of the run is not taken for the run's."""
    path = tmp_path / "model.bin"
    path.write_bytes(b"later")
    later = time.time() + 3600
    os.utime(path, (later, later))
    with pytest.warns(GitTrackWarning, match="it was written after the run"):
        assert recovered(store, asks(path), folder=tmp_path).artifacts == ()


@pytest.mark.parametrize("name", ["a.txt", "/etc/hostname"])
def test_where_it_ran_is_not_known(store: RunStore, name: str) -> None:
    """It was in a container: no name says anything then."""
    with pytest.warns(GitTrackWarning, match="where the command ran is not known"):
        assert recovered(store, asks(name)).artifacts == ()


def test_what_the_wrapper_had_kept_stays(store: RunStore, tmp_path: Path) -> None:
    """It is not read a second time: it may be another file by now."""
    (tmp_path / "a.txt").write_bytes(b"after")
    run = recovered(store, asks("a.txt"), folder=tmp_path, known="a.txt")
    [one] = run.artifacts
    assert store.objects.read(one.sha256) == b"before"


def test_inputs_are_known_by_their_place(store: RunStore) -> None:
    """What they held when they were used, nobody can tell any more."""
    run = recovered(
        store,
        {"event": "input", "file": "a.csv", "context": "train"},
        {"event": "input", "file": "s3://key:pw@b/x", "name": "x"},
    )
    assert run.inputs == (Input("a.csv", "a.csv", context="train"), Input("x", "s3://b/x"))
