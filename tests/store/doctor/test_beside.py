"""What `diagnose` finds beside the branch, and what `repair` does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import SourceCaptured, TagsSet
from gittrack.core.files import locked
from gittrack.core.records import Artifact, Run, Source
from gittrack.core.times import now_ms
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes, leave
from gittrack.store.doctor.checkup import diagnose, repair
from gittrack.store.format import layout
from gittrack.store.plumbing.git import CODE
from tests.store.doctor.test_checkup import found, old, only, repaired
from tests.store.test_runs import recorded
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


class TestLocal:
    """What is beside the branch."""

    def test_running(self, store: RunStore) -> None:
        """A run whose process lives is fine."""
        journal = store.create(Run(store.new_id(), start_time=now_ms()))
        assert found(store) == []
        assert any(finding.what == "1 run running" for finding in diagnose(store))
        journal.close()

    def test_abandoned(self, store: RunStore) -> None:
        """An abandoned run is finished by a repair."""
        one = Run(store.new_id(), start_time=now_ms())
        store.create(one).close()
        assert only(store, "journals").what == f"run {one.id} was abandoned"
        assert repaired(store) == [f"finished 1 run: {one.id} (killed)"]
        assert store.get(one.id).status == "killed"

    def test_damaged_journal(self, store: RunStore) -> None:
        """A line that cannot be read is named."""
        one = Run(store.new_id(), start_time=now_ms())
        journal = store.create(one)
        journal.close()
        with (store.live_directory(one.id) / f"{journal.writer}.jsonl").open("ab") as file:
            file.write(b'{"event": "tag"}\n')
        assert any("rest of the journal" in str(finding.hint) for finding in found(store, "warning"))

    def test_garbage(self, store: RunStore) -> None:
        """A live directory without a run is set aside, not deleted."""
        directory = store.live_directory(store.new_id())
        directory.mkdir(parents=True)
        (directory / "x.jsonl").write_text("?\n")
        assert found(store) == [], "its process may be about to write"
        old(directory)
        assert only(store, "journals").repairable
        repaired(store)
        assert (store.git.directory / "broken" / directory.name / "x.jsonl").exists()

    def test_file_among_journals(self, store: RunStore) -> None:
        """A file where a directory should be is passed over."""
        (store.git.directory / "live").mkdir(parents=True)
        (store.git.directory / "live" / "stray").touch()
        assert found(store) == []

    def test_leftovers(self, store: RunStore) -> None:
        """What a killed process was about to remove is removed."""
        trash = store.git.directory / "live" / f".{store.new_id()}.abcd"
        trash.mkdir(parents=True)
        assert only(store, "journals").level == "info"
        assert repaired(store) == ["removed 1 folder of committed runs"]
        assert not trash.exists()

    def test_pending(self, store: RunStore) -> None:
        """A change that a killed process left is committed."""
        one = recorded(store, 0.5)
        path, data = store._edit_file(one.id, [TagsSet({"a": "1"})])
        leave(store.git, Changes("left", {path: data}))
        assert only(store, "pending").what == "1 change not committed yet"
        assert repaired(store) == ["committed pending changes; finished 0 runs"]
        assert store.get(one.id).tags == {"a": "1"}

    def test_pending_while_written(self, store: RunStore) -> None:
        """While another process writes, pending changes are in good hands."""
        recorded(store, 0.5)
        leave(store.git, Changes("left", {}))
        with locked(store.git.directory / "writer.lock"):
            assert only(store, "pending").what == "another process is writing right now"

    def test_cut_off(self, store: RunStore) -> None:
        """A change that was never whole is removed, one that cannot be read is left to people."""
        folder = store.git.directory / "pending"
        folder.mkdir(parents=True)
        (folder / ".1.x.tmp").touch()
        (folder / "1.broken").touch()
        old(folder / ".1.x.tmp")
        levels = [finding.level for finding in found(store) if finding.check == "pending"]
        assert levels == ["error", "info"]
        assert repaired(store) == ["removed 1 change that were never whole"]
        assert [path.name for path in folder.iterdir()] == ["1.broken"]

    @pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"x" * 5000])
    def test_index(self, store: RunStore, content: bytes) -> None:
        """A damaged index is made anew."""
        one = recorded(store, 0.5)
        store.index.refresh()
        store.index.close()
        (store.git.directory / "index.sqlite").write_bytes(content)
        finding = only(store, "index")
        assert finding.repairable
        assert repair(store, [finding]) == ["made the index anew"]
        assert found(store) == []
        assert store.index.path_of(one.id)

    def test_artifacts(self, store: RunStore) -> None:
        """Artifacts that are not here are counted."""
        here = store.objects.put_bytes(b"x")
        one = recorded(
            store, 0.5, artifacts=(Artifact("a", *here), Artifact("b", "0" * 64, 1), Artifact("c", "?", 1))
        )
        assert only(store, "artifacts").what == f"1 artifact of 1 run not in this clone: {one.id}"

    def test_code(self, store: RunStore) -> None:
        """Code that is here and not kept is kept by a repair; code that is elsewhere is counted."""
        head = git_run("rev-parse", "HEAD", cwd=store.git.place.common_dir)
        recorded(store, 0.5, source=Source(commit=head, snapshot=head))
        assert found(store) == []
        git_run("update-ref", "-d", CODE, cwd=store.git.place.common_dir)
        (store.git.directory / "kept").unlink()
        assert "1 snapshot of code not kept" in only(store, "code").what
        assert repaired(store) == ["kept 1 snapshot of code"]
        assert store.git.resolve(CODE)

    def test_code_elsewhere(self, store: RunStore) -> None:
        """Code that is not in this clone is said."""
        journal = store.create(Run(store.new_id(), start_time=now_ms()))
        journal.event(SourceCaptured(Source(commit="a" * 40)))
        files = layout.run_files(
            Run("20261124-034313-k3f9a2x1", status="finished", source=Source(commit="a" * 40)), [], None
        )
        branch.submit(store.git, Changes("theirs", files))
        assert "the code of 1 snapshot is not in this clone" in only(store, "code").what
        journal.close()
