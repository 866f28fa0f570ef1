"""What is read from a live directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.core.events import Ended, EnvironmentCaptured, Noted, ParamsLogged, Started
from gittrack.core.records import Run
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.journal.writer import Journal
from tests.support.journals import RUN, foreign

if TYPE_CHECKING:
    from pathlib import Path


def test_run_is_the_fold_of_its_events(begun: Path) -> None:
    """Params, environment and end are where they belong."""
    journal = Journal(begun)
    journal.event(ParamsLogged({"lr": 0.1}))
    journal.event(EnvironmentCaptured({"python": "3.11"}))
    journal.event(Ended("failed", 5, exit_code=2))
    live = read_live(begun)
    journal.close()
    assert (live.run.params, live.run.status, live.run.exit_code) == ({"lr": 0.1}, "failed", 2)
    assert (live.environment, live.ended, live.alive) == ({"python": "3.11"}, True, True)
    assert not live.problems


def test_run_that_goes_on(begun: Path) -> None:
    """Without an end event it has not ended, alive or not."""
    live = read_live(begun)
    assert (live.run, live.ended, live.alive, live.environment) == (RUN, False, False, None)


def test_no_start(tmp_path: Path) -> None:
    """A directory without a start is no run."""
    with pytest.raises(MalformedFile, match="how the run starts"):
        read_live(tmp_path)
    Journal(tmp_path).close()
    with pytest.raises(MalformedFile):
        read_live(tmp_path)


def test_no_directory(tmp_path: Path) -> None:
    """A run that was finished meanwhile is not there."""
    assert not is_alive(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        read_live(tmp_path / "gone")


def test_later_value_holds_whoever_wrote_it(begun: Path) -> None:
    """Events of several writers are ordered by the time of their lines."""
    live = foreign(
        begun,
        {"event": "param", "key": "lr", "value": 1, "time": 4_000_000_000_000},
        {"event": "param", "key": "lr", "value": 2, "time": 1000},
    )
    assert live.run.params == {"lr": 2}  # a clock that was set back moves nothing within a file
    journal = Journal(begun)
    journal.event(ParamsLogged({"lr": 3}))
    journal.close()
    assert read_live(begun).run.params == {"lr": 2}


def test_start_comes_first(begun: Path) -> None:
    """Even when another writer's clock is behind."""
    live = foreign(begun, {"event": "note", "note": "early", "time": 1})
    assert isinstance(live.events[0], Started)
    assert live.run.note == "early"


def test_latest_attempt_holds(begun: Path) -> None:
    """Of two starts, that of the later attempt."""
    journal = Journal(begun)
    journal.event(Started(Run(RUN.id, attempt=2, name="again")))
    journal.close()
    live = read_live(begun)
    assert (live.run.attempt, live.run.name) == (2, "again")


def test_points_and_lines_of_one_metric_are_merged(begun: Path) -> None:
    """A run may log the same metric from two languages."""
    journal = Journal(begun)
    journal.point("loss", 1.0, 1, 1_000_000)
    journal.point("loss", 3.0, 3, 3_000_000)
    live = foreign(begun, {"event": "metric", "key": "loss", "value": 2, "step": 2, "time": 2})
    journal.close()
    assert list(live.series[0].steps) == [1, 2, 3]


def test_points_of_an_unnamed_metric_are_kept(begun: Path) -> None:
    """When the line that named it is lost, the points are not."""
    journal = Journal(begun)
    journal.point("loss", 1.0)
    journal.close()
    path = begun / f"{journal.writer}.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    live = read_live(begun)
    assert [one.key for one in live.series] == ["unnamed-1"]
    assert live.problems == (f"{journal.writer}.jsonl: does not name metric 1",)


def test_notes_of_two_writers(begun: Path) -> None:
    """Each writer's events keep their order."""
    journal = Journal(begun)
    for text in ("a", "b", "c"):
        journal.event(Noted(text))
    journal.close()
    live = read_live(begun)
    assert [event.note for event in live.events if isinstance(event, Noted)] == ["a", "b", "c"]
