"""`gittrack watch`."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.cli.main import invoke
from gittrack.core.events import Ended
from gittrack.store.sync.live_refs import Publication
from tests.cli.recorded import begin, record
from tests.store.sync.test_live_refs import state
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    import pytest

    from gittrack.core.records import Run
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

_WATCH = [sys.executable, "-m", "gittrack", "watch", "--interval", "0.1"]


def _end(store: RunStore, run: Run, journal: Journal) -> None:
    journal.event(Ended("finished", run.start_time + 1000, 0))
    journal.close()
    store.finish(run.id)


def test_once(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each running run."""
    _, journal = begin(store, name="going", params={"max_steps": 40})
    assert invoke(["watch", "--once"]) == 0
    out = capsys.readouterr().out
    assert "going running step 20/40 (50%)" in out
    journal.close()


def test_nothing_runs(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said, on standard error."""
    record(store)
    for words in (["watch"], ["watch", "--once"]):
        assert invoke(words) == 0
        found = capsys.readouterr()
        assert (found.out, found.err) == ("", "no run is running here\n")


def test_a_run_that_has_ended(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """It is asked for by name: its end is said."""
    run = record(store, name="over")
    assert invoke(["watch", "over"]) == 0
    assert f"{run.id} over finished after 5.0s" in capsys.readouterr().out
    assert invoke(["watch", "over", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "finished"


def test_json_lines(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """One for each run, with progress."""
    run, journal = begin(store, params={"epochs": 20})
    assert invoke(["watch", "--once", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["run_id"], body["alive"], body["place"]) == (run.id, True, None)
    assert body["progress"]["total"] == 20
    journal.close()


def test_into_a_pipe_until_it_ends(store: RunStore, repo: Path) -> None:
    """Lines as it goes on, and one for its end."""
    run, journal = begin(store, name="going")
    watching = subprocess.Popen([*_WATCH], cwd=repo, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    assert "running step 20" in watching.stdout.readline()
    journal.point("loss", 0.5, 29)
    assert "running step 30" in watching.stdout.readline()
    _end(store, run, journal)
    last = watching.stdout.read()
    assert "finished after 1.0s" in last
    assert watching.wait(30) == 0
    watching.stdout.close()


def test_on_a_terminal(store: RunStore, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn again and again; what has ended stays above; ^C leaves."""
    monkeypatch.chdir(repo)
    run, journal = begin(store, name="going", params={"max_steps": 40})
    terminal = Terminal(_WATCH)
    try:
        terminal.wait_for("step 20/40")
        journal.point("loss", 0.5, 29)
        terminal.wait_for("step 30/40")
        _end(store, run, journal)
        terminal.wait_for("finished after 1.0s")
        terminal.wait_for("^C leaves")
        terminal.type("\x03")
        assert terminal.end() == 0
    finally:
        terminal.kill()


def test_a_run_whose_process_died(store: RunStore, repo: Path) -> None:
    """It is finished, and its end is said."""
    run, journal = begin(store, name="dies")
    watching = subprocess.Popen([*_WATCH, run.id], cwd=repo, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    assert "running" in watching.stdout.readline()
    threading.Thread(target=journal.close).start()
    assert "killed" in watching.stdout.read()
    assert watching.wait(30) == 0
    watching.stdout.close()


def test_blocks_for_eyes(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--once` on a terminal says everything."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, journal = begin(store, name="going")
    assert invoke(["watch", "--once"]) == 0
    assert "loss" in capsys.readouterr().out
    journal.close()


def test_runs_elsewhere(
    store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--remote` shows what another clone pushes, by name too; without a remote it is an error."""
    monkeypatch.setattr("gittrack.query.watching.RemoteWatcher.__init__.__defaults__", (None, 0.0))
    assert invoke(["watch", "--remote", "--once"]) == 1
    hub = make_remote(tmp_path / "hub.git")
    git_run("remote", "add", "origin", str(hub), cwd=Path(str(store.git.place.work_tree)))
    other = clone(hub, tmp_path / "other")
    run, journal = begin(other, name="far", host="node7")
    publication = Publication(other, run.id)
    publication.put(state(other, run))
    capsys.readouterr()
    assert invoke(["watch", "--remote", "--once", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["place"] == "node7"
    assert invoke(["watch", "far", "--remote", "--once"]) == 0
    assert run.id in capsys.readouterr().out
    assert invoke(["watch", "near", "--remote", "--once"]) == 0
    assert invoke(["watch", "near", "--once"]) == 1
    threading.Timer(0.5, publication.remove).start()
    assert invoke(["watch", "--remote", "--interval", "0.1"]) == 0
    journal.close()
