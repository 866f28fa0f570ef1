"""Runs whose process did not end them."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackWarning, RunNotFound
from gittrack.core.events import Ended
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store import finish
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes, leave
from gittrack.store.journal import gate
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

WRITER = """
import sys
import threading
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.runs import RunStore
import platform
store = RunStore.open()
journal = store.create(Run(id=sys.argv[1], start_time=now_ms(), host=platform.node()))
for n in range(10**9):
    journal.point("loss", float(n), n)
    if n % 1000 == 0:
        print(n, flush=True)
"""


def killed(repo: Path, run_id: str) -> int:
    """A process that logs and is killed; gives the last point it acknowledged."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-c", WRITER, run_id]
    with subprocess.Popen(words, cwd=repo, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 3000:
                break
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        return int(rest[-1]) if rest else int(line)


def abandoned(store: RunStore, *, host: str | None = None) -> str:
    """A run whose journal was left without an end."""
    one = Run(id=store.new_id(), start_time=now_ms(), host=host or platform.node())
    journal = store.create(one)
    journal.point("loss", 0.5)
    journal.close()
    return one.id


def test_a_killed_run_is_finished_by_the_next_command(store: RunStore, repo: Path) -> None:
    """It has the true status and every acknowledged point."""
    run_id = store.new_id()
    last = killed(repo, run_id)
    assert not store.is_running(run_id)
    (run,) = store.recover()
    assert (run.id, run.status) == (run_id, "killed")
    assert store.get(run_id) == run
    assert run.metrics["loss"].last >= last
    (series,) = store.series(run_id)
    assert series.values.tolist() == [float(n) for n in range(len(series))]
    assert run.end_time is not None
    assert run.end_time >= series.times[-1]
    assert store.recover() == []


def test_a_living_run_is_left_alone(store: RunStore) -> None:
    """What is still written is not finished."""
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    assert store.recover() == []
    assert store.is_running(one.id)
    journal.close()


def test_a_run_killed_before_its_commit(store: RunStore) -> None:
    """A run that had ended keeps the status it ended with."""
    one = Run(id=store.new_id(), start_time=now_ms())
    journal = store.create(one)
    journal.event(Ended("failed", now_ms(), 3))
    journal.close()
    (run,) = store.recover()
    assert (run.status, run.exit_code) == ("failed", 3)


def test_a_run_killed_after_its_commit(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journals that were left are removed, and nothing is committed twice."""
    run_id = abandoned(store)
    monkeypatch.setattr(finish, "_remove", lambda _: None)
    store.recover()
    monkeypatch.undo()
    before = branch.tip(store.git)
    assert store.recover() == []
    assert not store.is_live(run_id)
    assert branch.tip(store.git) == before


def test_a_run_killed_between_commit_and_mark(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed a moment earlier, the same."""
    run_id = abandoned(store)
    monkeypatch.setattr(finish, "_remove", lambda directory: (directory / gate._DONE).unlink())
    store.recover()
    monkeypatch.undo()
    before = branch.tip(store.git)
    (run,) = store.recover()
    assert run.id == run_id
    assert not store.is_live(run_id)
    assert branch.tip(store.git) == before


def test_an_attempt_killed_between_commit_and_mark(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resumed run is not given the same attempt twice."""
    run_id = abandoned(store)
    store.recover()
    journal = store.resume(run_id, Run(id=run_id, start_time=now_ms()))
    journal.event(Ended("finished", now_ms()))
    journal.close()
    monkeypatch.setattr(finish, "_remove", lambda directory: (directory / gate._DONE).unlink())
    store.finish(run_id)
    monkeypatch.undo()
    before = branch.tip(store.git)
    store.recover()
    assert branch.tip(store.git) == before
    assert store.get(run_id).attempt == 2


def test_the_machine_was_restarted(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run from before the start of the machine is lost: nobody knows how it ended."""
    abandoned(store)
    monkeypatch.setattr(time, "clock_gettime", lambda _: 0.0)
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    (run,) = store.recover()
    assert run.status == "lost"


def test_a_run_of_another_machine_that_is_still_heard_of(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a shared file system without locks, a run counts as lost only after a long silence."""
    run_id = abandoned(store, host="node17")
    assert store.recover() == []
    monkeypatch.setattr(finish, "_ELSEWHERE", -1.0)
    (run,) = store.recover()
    assert (run.id, run.status) == (run_id, "lost")


def test_a_live_folder_without_a_start(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process killed at once leaves nothing to finish; it is named when it is old."""
    directory = store.live_directory(store.new_id())
    directory.mkdir(parents=True)
    (directory / "aaaa.jsonl").write_bytes(b"")
    assert store.recover() == []
    monkeypatch.setattr(finish, "_FRESH", -1.0)
    with pytest.warns(GitTrackWarning, match="doctor"):
        assert store.recover() == []


def test_many_recover_at_once(store: RunStore, repo: Path) -> None:
    """Several commands at once finish an abandoned run once."""
    run_ids = [abandoned(store) for _ in range(5)]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    script = "from gittrack.store.runs import RunStore; RunStore.open().recover()"
    words = [sys.executable, "-c", script]
    running = [subprocess.Popen(words, cwd=repo, env=env) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert all(store.get(run_id).status == "killed" for run_id in run_ids)
    assert git_run("rev-list", "--count", "gittrack/runs", cwd=repo) <= "6"
    assert not list(store.live_directories())


def test_pending_changes_are_committed(store: RunStore) -> None:
    """What a killed writer had handed in is committed by the next command."""
    leave(store.git, Changes("gittrack: left", {"x": b"y"}))
    store.recover()
    assert store.git.read("gittrack/runs:x") == b"y"


def test_joining_and_finishing_at_once(store: RunStore) -> None:
    """Whoever joins a run that is about to be committed is in it or is told, never lost between."""
    for _ in range(20):
        one = Run(id=store.new_id(), start_time=now_ms(), host=platform.node())
        owner = store.create(one)
        owner.event(Ended("finished", now_ms()))
        joined = threading.Event()

        def late(run_id: str = one.id, done: threading.Event = joined) -> None:
            with contextlib.suppress(RunNotFound):
                journal = store.join(run_id)
                journal.point("late", 1.0)
                done.set()
                journal.close()
                store.finish(run_id)

        thread = threading.Thread(target=late)
        thread.start()
        owner.close()
        store.finish(one.id)
        thread.join()
        store.finish(one.id)
        assert ("late" in store.get(one.id).metrics) == joined.is_set()
        assert not store.is_live(one.id)


def test_secrets_in_an_abandoned_journal_are_not_committed(store: RunStore) -> None:
    """What another language logged before everything was killed is looked at before the commit."""
    one = Run(id=store.new_id(), start_time=now_ms(), host=platform.node())
    store.create(one).close()
    token = "ghp_" + "a1B2" * 9
    lines = f'{{"event":"param","params":{{"api_key":"hunter2","text":"{token}"}}}}\n'
    (store.live_directory(one.id) / "child.jsonl").write_text(lines)
    (run,) = store.recover()
    assert run.params == {"api_key": "[redacted]", "text": "[redacted]"}
    committed = b"".join(store.files(one.id).values())
    assert b"hunter2" not in committed
    assert token.encode() not in committed


def test_the_output_of_a_killed_wrapper_is_kept(store: RunStore) -> None:
    """What the command had printed becomes the artifact that it would have become."""
    run_id = abandoned(store)
    (store.live_directory(run_id) / "output.log").write_bytes(b"epoch 1\n")
    (run,) = store.recover()
    (artifact,) = run.artifacts
    assert artifact.path == "output.log"
    assert store.objects.read(artifact.sha256) == b"epoch 1\n"
