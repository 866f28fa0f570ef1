"""Showing a running run to others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.cli.main import invoke
from gittrack.core.errors import GitTrackWarning
from gittrack.store.sync.live_refs import look
from gittrack.store.sync.remote import resolve
from gittrack.tracking.publish import Publisher, publishing
from tests.cli.recorded import begin
from tests.support.git import git_run
from tests.support.journals import wait_until
from tests.support.remotes import make_remote

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


@pytest.fixture
def hub(store: RunStore, tmp_path: Path) -> Path:
    """A remote of the store."""
    path = make_remote(tmp_path / "hub.git")
    git_run("remote", "add", "origin", str(path), cwd=Path(str(store.git.place.work_tree)))
    return path


def test_not_unless_asked(store: RunStore) -> None:
    """By default nothing is pushed."""
    assert publishing(store, store.live_directory(store.new_id())) is None


def test_a_run_of_the_python_api(store: RunStore, hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there while it goes on, and gone at its end."""
    monkeypatch.setenv("GITTRACK_LIVE_PUBLISH_EVERY", "1")
    remote = resolve(store.git, None)
    with gittrack.start_run("shown") as run:
        gittrack.log_metric("loss", 0.5)
        wait_until(lambda: any(one.state.run.metrics for one in look(store.git, remote)[0]))
        assert look(store.git, remote)[0][0].state.run.id == run.run_id
    assert look(store.git, remote)[0] == []
    assert hub.is_dir()


def test_a_command(store: RunStore, hub: Path, tmp_path: Path) -> None:
    """`gittrack run --publish-every`."""
    refs = tmp_path / "refs.txt"
    program = (
        "import subprocess, sys, time\n"
        "for _ in range(300):\n"
        "    out = subprocess.check_output(['git', '-C', sys.argv[1], 'for-each-ref'], text=True)\n"
        "    if 'refs/gittrack/live/' in out: break\n"
        "    time.sleep(0.1)\n"
        "open(sys.argv[2], 'w').write(out)"
    )
    words = ["run", "--publish-every", "1", "-q", "--", sys.executable, "-c", program, str(hub), str(refs)]
    assert invoke(words) == 0
    assert "refs/gittrack/live/" in refs.read_text()
    assert "refs/gittrack/live/" not in git_run("for-each-ref", cwd=hub)
    del store


def test_without_a_remote(store: RunStore) -> None:
    """One warning; the run goes on."""
    run, journal = begin(store)
    publisher = Publisher(store, store.live_directory(run.id), 1.0)
    with pytest.warns(GitTrackWarning, match="not shown to others: this repository has no remote"):
        publisher._run()
    journal.close()


def test_a_remote_that_is_away(store: RunStore, hub: Path) -> None:
    """It is tried again, with one warning in all."""
    run, journal = begin(store)
    away = hub.rename(hub.with_name("away"))
    publisher = Publisher(store, store.live_directory(run.id), 0.05)
    with pytest.warns(GitTrackWarning, match="not shown to others") as caught:  # noqa: PT031  of a thread
        publisher.start()
        wait_until(lambda: bool(caught.list))
        away.rename(hub)
        wait_until(lambda: bool(look(store.git, resolve(store.git, None))[0]))
        publisher.stop()
    assert len(caught.list) == 1
    journal.close()


def test_a_run_without_a_start(store: RunStore, hub: Path) -> None:
    """There is nothing to show of it yet."""
    directory = store.live_directory(store.new_id())
    directory.mkdir(parents=True)
    publisher = Publisher(store, directory, 0.01)
    publisher.start()
    publisher.stop()
    assert look(store.git, resolve(store.git, None))[0] == []
    assert hub.is_dir()
