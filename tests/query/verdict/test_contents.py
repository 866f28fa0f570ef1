"""Contents of artifacts and changes of code, for verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.records import Artifact, Run, Source
from gittrack.query.verdict.contents import Contents, changed_code
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

RUN = Run("20261124-000000-abcdefgh")


def test_files(store: RunStore) -> None:
    """What is in the local store is read; what is nowhere is None."""
    stored = store.objects.put_bytes(b"x")
    assert Contents(store).read(RUN, "a.csv", stored.sha256) == b"x"
    assert Contents(store).read(RUN, "a.csv", "0" * 64) is None


def test_directories(store: RunStore, tmp_path: Path) -> None:
    """The members of a directory, None where its manifest is nowhere."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w").write_text("w")
    stored = store.objects.put_directory(folder)
    found = Contents(store).members(RUN, Artifact("model", *stored, "directory"))
    assert [one.path for one in found or ()] == ["w"]
    assert Contents(store).members(RUN, Artifact("model", "0" * 64, 1, "directory")) is None


def _of(commit: str | None) -> Run:
    return Run("20261124-000000-abcdefgh", source=Source(commit, snapshot=commit))


def test_code(store: RunStore, repo: Path) -> None:
    """The files that differ, with how many lines; None where that is not known."""
    before = store.git.resolve("HEAD")
    (repo / "a.py").write_text("x\n")
    git_run("add", ".", cwd=repo)
    git_run("commit", "-q", "-m", "a", cwd=repo)
    after = store.git.resolve("HEAD")
    assert changed_code(store, _of(before), _of(after)) == ["a.py +1 -0"]
    assert changed_code(store, _of(before), _of(before)) == []
    assert changed_code(store, _of(before), _of("f" * 40)) is None
    assert changed_code(store, _of(before), _of(None)) is None
    assert changed_code(store, _of(before), _of("--output=x")) is None
