"""One suite for every backend, each with its real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.launch.backends import watching
from gittrack.store.journal.job import job_of
from tests.support.engines import process_of
from tests.support.servers.base import poll

if TYPE_CHECKING:
    from tests.launch.backends.conftest import Place

TEXT = """it's "two"  words; $HOME & `id` \\ %s *"""


def test_success(anywhere: Place) -> None:
    """A run comes back like any other: code as it was, params, metrics, output; and the tree is gone."""
    run = anywhere.run(text=TEXT)
    assert (run.status, run.exit_code, run.attempt) == ("finished", 0, 1)
    assert run.params["text"] == TEXT
    assert run.metrics["loss"].last == 0.5
    assert run.source.dirty
    assert run.source.snapshot not in {None, run.source.commit}
    assert f"uncommitted says {TEXT}" in "".join(anywhere.printed)
    assert [one.path for one in run.artifacts] == ["output.log"]
    tags = {name: run.tags[name] for name in ("gittrack.backend", "gittrack.project.backend")}
    assert set(tags.values()) == {anywhere.engine.name}
    assert run.tags["gittrack.job"]
    assert len(anywhere.store.git.run("worktree", "list").text.splitlines()) == 1
    assert not anywhere.store.live()


def test_failure(anywhere: Place) -> None:
    """A command that fails gives its exit code."""
    run = anywhere.run(code=3)
    assert (run.status, run.exit_code) == ("failed", 3)


def test_cancel(anywhere: Place) -> None:
    """A job that is cancelled ends, and its run says that it was ended."""
    submitted = anywhere.submit(seconds=60)
    process = process_of(submitted.run_id)
    poll(lambda: _began(anywhere, submitted.run_id), "it does not begin")
    run = watching.cancel(anywhere.store, submitted.run_id)
    assert run is not None
    assert run.status in {"killed", "interrupted"}
    poll(lambda: not process.is_running(), "it goes on")


def test_killed(anywhere: Place) -> None:
    """A job that is killed leaves a run that says so, with what it had logged."""
    submitted = anywhere.submit(seconds=60)
    poll(lambda: _began(anywhere, submitted.run_id), "it does not begin")
    process = process_of(submitted.run_id)
    children = process.children(recursive=True)
    process.kill()
    for child in children:
        child.kill()
    run = anywhere.follow(submitted)
    assert (run.status, run.metrics["loss"].last) == ("killed", 0.5)


@pytest.mark.parametrize("anywhere", ["local", "slurm"], indirect=True)
def test_queued(anywhere: Place) -> None:
    """A run is there as soon as it is submitted, with its params and its job."""
    submitted = anywhere.submit(text="seen", seconds=1)
    run = anywhere.store.get(submitted.run_id)
    assert run.status in {"queued", "running"}
    assert run.params["text"] == "seen"
    job = job_of(anywhere.store.live_directory(run.id))
    assert job is not None
    assert job["handle"]["id"] == submitted.handle["id"]
    anywhere.store.recover()
    assert anywhere.store.is_live(run.id)
    assert anywhere.follow(submitted).status == "finished"


def _began(place: Place, run_id: str) -> bool:
    """Whether the command of a run has logged its metric."""
    return any(series.key == "loss" for series in place.store.series(run_id))
