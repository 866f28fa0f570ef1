"""A live run that is looked at again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import Ended, ParamsLogged, Started
from gittrack.store.journal.follow import Follower
from gittrack.store.journal.live import read_live
from gittrack.store.journal.tail import KEPT, Point, Tail
from gittrack.store.journal.writer import Journal
from tests.support.journals import RUN, log_many

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_what_read_live_says(begun: Path) -> None:
    """The same run and summaries, after any number of looks."""
    follower = Follower(begun)
    journal = Journal(begun)
    for start in range(0, 9000, 3000):
        log_many(journal, start + 3000, start)
        journal.event(ParamsLogged({"start": start}))
        assert follower.poll()
        assert not follower.poll()
    live = read_live(begun)
    assert follower.run is not None
    assert follower.run.params == live.run.params == {"start": 6000}
    assert follower.run.metrics["loss"] == live.series[0].summary()
    assert follower.tails["loss", 0].count == 9000
    assert follower.alive
    journal.event(Ended("finished", 5, 0))
    journal.close()
    assert follower.poll()
    assert (follower.ended, follower.run.status) == (True, "finished")


def test_lines_of_other_languages(begun: Path) -> None:
    """A line counts when its newline is there."""
    follower = Follower(begun)
    path = begun / "other.jsonl"
    path.write_text('{"event": "metric", "key": "acc", "value": 0.5}\n{"event": "met')
    follower.poll()
    assert follower.tails["acc", 0].values == [0.5]
    with path.open("a") as file:
        file.write('ric", "key": "acc", "value": 0.75}\n')
    follower.poll()
    assert follower.tails["acc", 0].values == [0.5, 0.75]


def test_a_file_that_was_written_anew(begun: Path) -> None:
    """Everything is read again."""
    follower = Follower(begun)
    path = begun / "other.jsonl"
    path.write_text('{"event": "metric", "key": "acc", "value": 0.5}\n' * 3)
    follower.poll()
    path.write_text('{"event": "metric", "key": "acc", "value": 0.25}\n')
    assert follower.poll()
    follower.poll()
    assert follower.tails["acc", 0].values == [0.25]


def test_nothing_yet_and_nothing_more(tmp_path: Path) -> None:
    """Before its start a run is none; a directory that is gone is said to be."""
    folder = tmp_path / "live"
    folder.mkdir()
    follower = Follower(folder)
    assert not follower.poll()
    assert follower.run is None
    (folder / "x.1.points").write_bytes(b"rubbish")
    (folder / "x.jsonl").write_text('{"event": "writer", "rank": 0}\n')
    follower.poll()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert follower.poll()
    assert (follower.gone, follower.alive) == (True, False)


def test_points_whose_key_has_no_name_yet(tmp_path: Path) -> None:
    """They come at the next look."""
    journal = Journal(tmp_path)
    journal.event(Started(RUN))
    journal.point("loss", 1.0)
    path = next(tmp_path.glob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    other = tmp_path / "copy"
    other.mkdir()
    (other / path.name).write_bytes(b"".join(line for line in lines if b'"key"' not in line))
    for points in tmp_path.glob("*.points"):
        (other / points.name).write_bytes(points.read_bytes())
    follower = Follower(other)
    follower.poll()
    assert not follower.tails
    with (other / path.name).open("ab") as file:
        file.writelines(line for line in lines if b'"key"' in line)
    follower.poll()
    assert follower.tails["loss", 0].values == [1.0]
    journal.close()


def test_a_history_stays_small() -> None:
    """It is thinned evenly; the summary counts everything."""
    tail = Tail("loss")
    tail.add(Point(step, float(step), step) for step in range(10 * KEPT))
    assert len(tail.history) <= KEPT
    gaps = {second.step - first.step for first, second in zip(tail.history, tail.history[1:], strict=False)}
    assert len(gaps) == 1
    summary = tail.summary()
    assert (summary.count, summary.min, summary.max, summary.last) == (10 * KEPT, 0, 1279, 1279)


def test_a_tail_of_nothing_but_nan() -> None:
    """Its smallest and largest value are NaN."""
    tail = Tail("loss")
    tail.add([Point(0, float("nan"), 0)])
    assert tail.summary().min != tail.summary().min


def test_an_empty_tail_has_no_summary() -> None:
    """There is nothing to say."""
    with pytest.raises(ValueError, match="no point"):
        Tail("loss").summary()
