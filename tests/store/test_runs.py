"""The store of runs: from journals to the branch and back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue, MalformedFile, RunNotFound
from gittrack.core.events import (
    Deleted,
    Ended,
    EnvironmentCaptured,
    Noted,
    ParamsLogged,
    SourceCaptured,
    TagsSet,
)
from gittrack.core.records import Run, Source
from gittrack.core.times import now_ms
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from gittrack.store.plumbing.fast_import import commit_head, fast_import
from gittrack.store.runs import RunStore
from tests.store.commit.test_branch import user_files
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Status


def recorded(store: RunStore, *values: float, status: Status = "finished", **fields: object) -> Run:
    """A run that was recorded and committed."""
    one = Run(id=store.new_id(), start_time=now_ms(), **fields)  # type: ignore[arg-type]  # whatever the test wants
    journal = store.create(one)
    for value in values:
        journal.point("loss", value)
    journal.event(EnvironmentCaptured({"schema": "gittrack.environment/1", "python": {"version": "3.11"}}))
    journal.event(Ended(status, now_ms(), 0))
    journal.close()
    finished = store.finish(one.id)
    assert finished is not None
    return finished


def test_a_run_from_start_to_commit(store: RunStore) -> None:
    """While it is written it is live; when it has ended it is on the branch, and only there."""
    one = Run(id=store.new_id(), start_time=now_ms(), name="base", experiment="digits")
    journal = store.create(one)
    journal.event(ParamsLogged({"lr": 0.1}))
    journal.point("loss", 0.5)
    assert store.is_running(one.id)
    assert [run.params for run in store.live()] == [{"lr": 0.1}]
    assert store.get(one.id).status == "running"
    journal.event(Ended("finished", now_ms(), 0))
    assert store.finish(one.id) is None, "its writer has not closed the journal"
    journal.close()
    finished = store.finish(one.id)
    assert finished == store.get(one.id)
    assert finished is not None
    assert (finished.status, finished.metrics["loss"].last) == ("finished", 0.5)
    assert not store.is_live(one.id)
    assert not list(store.live_directories())


def test_points_and_environment_come_back(store: RunStore) -> None:
    """What was logged is read from the branch."""
    run_id = recorded(store, 3.0, 2.0, 1.0).id
    (series,) = store.series(run_id)
    assert (series.key, series.steps.tolist(), series.values.tolist()) == ("loss", [0, 1, 2], [3.0, 2.0, 1.0])
    assert store.environment(run_id)["python"] == {"version": "3.11"}


def test_points_and_environment_of_a_live_run(store: RunStore) -> None:
    """The same from the journal while it runs."""
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    journal.point("loss", 0.5)
    journal.event(EnvironmentCaptured({"python": "3.12"}))
    assert store.series(one.id)[0].values.tolist() == [0.5]
    assert store.environment(one.id) == {"python": "3.12"}
    journal.close()


def test_a_run_that_has_not_ended_is_not_finished(store: RunStore) -> None:
    """A writer that only takes leave does not end the run."""
    one = Run(id=store.new_id(), start_time=now_ms())
    store.create(one).close()
    assert store.finish(one.id) is None


def test_an_id_is_taken_once(store: RunStore) -> None:
    """A second run of one id is refused with a hint."""
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    with pytest.raises(InvalidValue, match="running already"):
        store.create(one)
    journal.close()


@pytest.mark.parametrize("run_id", ["../x", "a/b", "", "-x", "a..b", "x.lock"])
def test_no_id_leaves_the_live_folder(store: RunStore, run_id: str) -> None:
    """An id that is none never becomes a path."""
    with pytest.raises(InvalidValue, match="not a run id"):
        store.create(Run(id=run_id))
    assert not store.is_live(run_id)
    with pytest.raises(RunNotFound):
        store.get(run_id)


def test_join(store: RunStore) -> None:
    """Two processes of one run: it is finished when the last one leaves."""
    one = Run(id=store.new_id(), start_time=now_ms())
    owner, worker = store.create(one), store.join(one.id, rank=1)
    worker.point("loss", 2.0)
    owner.point("loss", 1.0)
    owner.event(Ended("finished", now_ms()))
    owner.close()
    assert store.finish(one.id) is None
    worker.close()
    finished = store.finish(one.id)
    assert finished is not None
    assert finished.metrics["loss"].last == 1.0, "rank 0 speaks for the run"
    assert {(series.rank, series.values[0]) for series in store.series(one.id)} == {(0, 1.0), (1, 2.0)}


def test_join_what_is_not_live(store: RunStore) -> None:
    """A run that is not here cannot be joined."""
    with pytest.raises(RunNotFound, match="not running here"):
        store.join(store.new_id())


def test_finish_twice(store: RunStore) -> None:
    """A second call gives the run and commits nothing."""
    run = recorded(store, 1.0)
    before = branch.tip(store.git)
    assert store.finish(run.id) == run
    assert branch.tip(store.git) == before


def test_resume(store: RunStore) -> None:
    """A later attempt supersedes from its first step on; nothing is dropped, no file is rewritten."""
    run = recorded(store, 5.0, 4.0, 3.0, status="killed", params={"lr": 0.1})
    first = {entry.path: entry.oid for entry in store.git.tree(branch.tip(store.git) or "")}
    journal = store.resume(run.id, Run(id="ignored", start_time=now_ms()))
    journal.point("loss", 9.0, 1)
    journal.point("loss", 8.0)
    live = store.get(run.id)
    assert (live.status, live.attempt, live.params) == ("running", 2, {"lr": 0.1})
    journal.event(Ended("finished", now_ms(), 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished == store.get(run.id)
    (series,) = store.series(run.id)
    assert series.values.tolist() == [5.0, 4.0, 3.0, 9.0, 8.0]
    assert series.effective().values.tolist() == [5.0, 9.0, 8.0]
    assert finished.metrics["loss"].count == 3
    assert finished.status == "finished"
    now = {entry.path: entry.oid for entry in store.git.tree(branch.tip(store.git) or "")}
    assert first.items() <= now.items()


def test_resume_counts_on(store: RunStore) -> None:
    """Points without a step go on after the last one."""
    run = recorded(store, 5.0, 4.0)
    journal = store.resume(run.id, Run(id=run.id, start_time=now_ms()))
    journal.point("loss", 3.0)
    journal.event(Ended("finished", now_ms()))
    journal.close()
    store.finish(run.id)
    assert store.series(run.id)[0].steps.tolist() == [0, 1, 2]


def test_resume_twice(store: RunStore) -> None:
    """Three attempts are three."""
    run = recorded(store, 1.0)
    for _ in range(2):
        journal = store.resume(run.id, Run(id=run.id, start_time=now_ms()))
        journal.event(EnvironmentCaptured({"python": "3.13"}))
        journal.event(Ended("finished", now_ms()))
        journal.close()
        store.finish(run.id)
    assert store.get(run.id).attempt == 3
    assert store.environment(run.id) == {"python": "3.13"}


def test_resume_what_does_not_exist(store: RunStore) -> None:
    """There is nothing to resume."""
    with pytest.raises(RunNotFound, match="no run"):
        store.resume(store.new_id(), Run(id="x"))


def test_edit(store: RunStore) -> None:
    """Later changes are commits of small files, with author and time."""
    run = recorded(store)
    store.edit([run.id], [TagsSet({"stage": "prod"})])
    store.edit([run.id], [TagsSet({"stage": "dev"}), Noted("why")])
    known = store.committed(run.id)
    assert (known.run.tags, known.run.note) == ({"stage": "dev"}, "why")
    assert [edited.author for edited in known.edits] == ["Ada <ada@example.org>"] * 2
    assert known.edits[0].stamp < known.edits[1].stamp
    assert store.git.run("log", "-1", "--format=%s", "gittrack/runs").text == f"gittrack: tag {run.id}"


def test_edit_several_runs_in_one_commit(store: RunStore) -> None:
    """All or none: an unknown run changes nothing."""
    runs = [recorded(store).id for _ in range(2)]
    before = branch.tip(store.git)
    with pytest.raises(RunNotFound):
        store.edit([*runs, store.new_id()], [TagsSet({"a": "b"})])
    assert branch.tip(store.git) == before
    store.edit(runs, [TagsSet({"a": "b"})])
    assert store.git.run("rev-list", "--count", f"{before}..gittrack/runs").text == "1"
    assert all(store.get(run_id).tags == {"a": "b"} for run_id in runs)


def test_edit_a_live_run(store: RunStore) -> None:
    """A run that is being recorded can be tagged, and cannot be deleted."""
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    store.edit([one.id], [TagsSet({"a": "b"})])
    with pytest.raises(InvalidValue, match="still running"):
        store.edit([one.id], [Deleted()])
    journal.event(Ended("finished", now_ms()))
    journal.close()
    finished = store.finish(one.id)
    assert finished is not None
    assert finished.tags == {"a": "b"}


def test_snapshots_are_kept(store: RunStore, repo: Path) -> None:
    """The code of a run stays reachable from the code ref."""
    oid = git_run("commit-tree", "HEAD^{tree}", "-m", "gittrack snapshot", cwd=repo)
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    journal.event(SourceCaptured(Source(snapshot=oid)))
    journal.event(Ended("finished", now_ms()))
    journal.close()
    store.finish(one.id)
    git_run("merge-base", "--is-ancestor", oid, "refs/gittrack/code", cwd=repo)


def test_a_results_repository(repo: Path, tmp_path: Path) -> None:
    """Runs go to the other repository, their code stays reachable in its own."""
    git_run("init", "-q", "--bare", str(tmp_path / "results.git"), cwd=repo)
    store = RunStore.open(tmp_path / "results.git", start=repo)
    head = git_run("rev-parse", "HEAD", cwd=repo)
    run = recorded(store, 1.0, source=Source(commit=head, snapshot=head))
    assert store.get(run.id) == run
    assert store.git.place.work_tree is None
    assert git_run("for-each-ref", "refs/heads/gittrack", cwd=repo) == ""
    git_run("merge-base", "--is-ancestor", head, "refs/gittrack/code", cwd=repo)


def test_the_writer_keeps_its_name(store: RunStore, repo: Path) -> None:
    """A clone is one writer, whichever process asks."""
    assert store.writer == RunStore.open(start=repo).writer
    (store.git.directory / "writer").write_text("../evil")
    assert "/" not in RunStore.open(start=repo).writer


def test_a_broken_metrics_file_is_named(store: RunStore) -> None:
    """Points that cannot be read are an error with their path; the run itself still reads."""
    run = recorded(store, 1.0)
    directory = layout.run_directory(run)
    branch.submit(store.git, Changes("break", {f"{directory}/metrics.jsonl": b"not json\n"}))
    assert store.get(run.id).metrics["loss"].last == 1.0
    with pytest.raises(MalformedFile, match=r"metrics\.jsonl: line 1 is not a series"):
        store.series(run.id)


def test_a_link_is_not_read(store: RunStore, repo: Path) -> None:
    """A symbolic link that somebody pushed as a run file is not followed."""
    run = recorded(store, 1.0)
    directory = layout.run_directory(run)
    oid = git_run("hash-object", "-w", "--stdin", cwd=repo, stdin="/etc/passwd")
    stream = commit_head(store.git, "refs/heads/gittrack/runs", "evil", parent=branch.tip(store.git))
    fast_import(store.git, [stream, f"M 120000 {oid} {directory}/edits/1-aaaa.yaml\n".encode()])
    assert store.files(run.id).keys() == {"run.yaml", "metrics.jsonl", "environment.yaml"}


def test_nothing_of_the_user_changes(store: RunStore, repo: Path) -> None:
    """Recording, editing and reading leave the user's files as they are."""
    (repo / "train.py").write_text("changed\n")
    before = user_files(repo)
    run = recorded(store, 1.0)
    store.edit([run.id], [TagsSet({"a": "b"})])
    store.recover()
    assert user_files(repo) == before


def test_before_the_first_commit(tmp_path: Path) -> None:
    """A repository without any commit can hold runs."""
    git_run("init", "-q", str(tmp_path / "new"), cwd=tmp_path)
    store = RunStore.open(start=tmp_path / "new")
    assert store.live() == []
    run = recorded(store, 1.0)
    assert store.get(run.id) == run


def test_sha256(tmp_path: Path) -> None:
    """A SHA-256 repository can hold runs."""
    git_run("init", "-q", "--object-format=sha256", str(tmp_path / "new"), cwd=tmp_path)
    store = RunStore.open(start=tmp_path / "new")
    run = recorded(store, 1.0)
    store.edit([run.id], [Noted("n")])
    assert store.get(run.id) == dataclasses.replace(run, note="n")
