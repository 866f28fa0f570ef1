"""Small reviewable artifacts beside the run on the branch, and whoever meets them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.checks.run_files import validate_run
from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact, Run
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.doctor.checkup import diagnose
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.remotes import START, where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def record(store: RunStore, files: Mapping[str, bytes], run_id: str | None = None) -> Run:
    """A committed run, or one more attempt of it, with these artifacts."""
    if run_id is None:
        run_id = store.new_id()
        journal = store.create(Run(run_id, start_time=START))
    else:
        journal = store.resume(run_id, Run(run_id, start_time=START))
    for path, content in files.items():
        journal.event(ArtifactLogged(Artifact(path, *store.objects.put_bytes(content))))
    journal.event(Ended("finished", START + 1))
    journal.close()
    run = store.finish(run_id)
    assert run is not None
    return run


def with_folder(store: RunStore, folder: Path) -> Run:
    """A committed run with a folder as an artifact."""
    run_id = store.new_id()
    journal = store.create(Run(run_id, start_time=START))
    kept = store.objects.put_directory(folder)
    journal.event(ArtifactLogged(Artifact("report", kept.sha256, kept.size, "directory")))
    journal.event(Ended("finished", START + 1))
    journal.close()
    run = store.finish(run_id)
    assert run is not None
    return run


def beside(store: RunStore, run: Run) -> dict[str, bytes]:
    """The artifacts of a run that are on the branch."""
    return {path: data for path, data in store.files(run.id).items() if "artifacts/" in path}


def test_small_files_are_on_the_branch(store: RunStore) -> None:
    """Those that a reviewer can look at, up to the limit; the others are in the artifact store only."""
    run = record(
        store, {"loss.png": b"PNG", "plots/t.csv": b"a,b\n", "m.pkl": b"x", "big.txt": b"x" * 1_000_001}
    )
    assert beside(store, run) == {"artifacts/loss.png": b"PNG", "artifacts/plots/t.csv": b"a,b\n"}
    assert len(run.artifacts) == 4


def test_members_of_a_folder(store: RunStore, tmp_path: Path) -> None:
    """Under the name of the folder."""
    folder = tmp_path / "made"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.md").write_text("fine")
    (folder / "b.txt").write_text("api_key: sk-live-0123456789abcdef0123456789\n")
    (folder / "c.bin").write_bytes(b"1")
    assert beside(store, with_folder(store, folder)) == {"artifacts/report/deep/a.md": b"fine"}


def test_limits_are_configured(store: RunStore) -> None:
    """A total of nothing keeps all off."""
    git_run("config", "gittrack.artifacts.branchTotal", "0", cwd=where(store))
    store = RunStore.open(start=where(store))
    assert beside(store, record(store, {"a.md": b"fine"})) == {}


def test_a_content_that_is_gone(store: RunStore) -> None:
    """The run is committed without it."""
    run_id = store.new_id()
    journal = store.create(Run(run_id, start_time=START))
    journal.event(ArtifactLogged(Artifact("a.md", "ab" * 32, 4)))
    journal.event(ArtifactLogged(Artifact("folder", "cd" * 32, 4, "directory")))
    journal.event(Ended("finished", START + 1))
    journal.close()
    run = store.finish(run_id)
    assert run is not None
    assert len(run.artifacts) == 2
    assert beside(store, run) == {}


def test_a_damaged_manifest(store: RunStore) -> None:
    """The same."""
    run_id = store.new_id()
    journal = store.create(Run(run_id, start_time=START))
    kept = store.objects.put_bytes(b"no manifest")
    journal.event(ArtifactLogged(Artifact("folder", kept.sha256, 4, "directory")))
    journal.event(Ended("finished", START + 1))
    journal.close()
    run = store.finish(run_id)
    assert run is not None
    assert beside(store, run) == {}


def test_a_later_attempt_has_its_own(store: RunStore) -> None:
    """Nothing is rewritten: it is in the folder of the attempt, and the run's list names the last."""
    first = record(store, {"loss.md": b"one", "once.md": b"once"})
    last = record(store, {"loss.md": b"two"}, first.id)
    found = beside(store, last)
    assert sorted(found.values()) == [b"once", b"one", b"two"]
    assert found["artifacts/loss.md"] == b"one"
    assert {one.path for one in last.artifacts} == {"loss.md", "once.md"}
    assert store.committed(first.id).problems == ()


def test_names_like_files_of_a_run(store: RunStore) -> None:
    """An artifact called as one of our files is not taken for it."""
    run = record(store, {"environment.json": b"{}", "edits/x.md": b"x", "attempts/1-aaaa/run.md": b"y"})
    assert len(beside(store, run)) == 3
    assert store.environment(run.id) == {}
    assert store.committed(run.id).problems == ()


def test_an_artifact_called_environment(store: RunStore) -> None:
    """Put onto the branch by another clone, it is not read as the environment."""
    run = record(store, {"a.md": b"x"})
    directory = store.index.path_of(run.id)
    files = {f"{directory}/artifacts/environment.yaml": b'python: "9"\n'}
    branch.submit(store.git, Changes("by hand", files))
    assert store.environment(run.id) == {}


def test_validate_and_doctor_take_them(store: RunStore) -> None:
    """Nothing is wrong with them."""
    run = record(store, {"a.md": b"x", "b/run.json": b"{", "c/metrics.csv": b","})
    record(store, {"a.md": b"y"}, run.id)
    assert validate_run(store, run.id) == []
    assert [one for one in diagnose(store) if one.level in {"error", "warning"}] == []


def test_the_index_passes_them_over(store: RunStore) -> None:
    """It lists runs and has no problem, made anew or brought up to date."""
    run = record(store, {"a.md": b"x"})
    assert store.index.refresh() == []
    record(store, {"b.md": b"x"}, run.id)
    assert store.index.refresh() == []
    store.index.close()
    store.index.path.unlink()
    assert store.index.refresh() == []
    found = store.index.get(run.id)
    assert found is not None
    assert [one.path for one in found.artifacts] == ["a.md", "b.md"]


def test_push_and_pull_take_them_along(ada: RunStore, bob: RunStore) -> None:
    """Both sides of a merge keep theirs, and the run counts once."""
    mine = record(ada, {"a.md": b"ada", "a b/ü.md": b"x"})
    theirs = record(bob, {"a.md": b"bob"})
    assert push(ada).sent == {mine.id: "new"}
    assert push(bob).problems == ()
    pull(ada)
    assert beside(ada, theirs) == {"artifacts/a.md": b"bob"}
    assert beside(bob, mine) == {"artifacts/a.md": b"ada", "artifacts/a b/ü.md": b"x"}


def test_a_checkout_has_them(store: RunStore, tmp_path: Path) -> None:
    """The branch can be checked out: that is how a reviewer sees them."""
    run = record(store, {"plots/loss.svg": b"<svg/>"})
    git_run("worktree", "add", "-q", str(tmp_path / "review"), "gittrack/runs", cwd=where(store))
    [found] = (tmp_path / "review").rglob("loss.svg")
    assert found.read_bytes() == b"<svg/>"
    assert run.id in found.parts
