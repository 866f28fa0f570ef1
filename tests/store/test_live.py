"""What is read from a live directory, our lines and those of other languages."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import MalformedFile
from gittrack.core.events import Ended, EnvironmentCaptured, Noted, ParamsLogged, Started, Unknown
from gittrack.core.records import Run
from gittrack.store.journal import Journal
from gittrack.store.journal_lines import FileToLog, JournalLines
from gittrack.store.live import Live, is_alive, read_live

if TYPE_CHECKING:
    from pathlib import Path

RUN = Run("20261124-000000-abcdefgh")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A run that has started and whose owner is gone."""
    journal = Journal(tmp_path / RUN.id)
    journal.event(Started(RUN))
    journal.close()
    return tmp_path / RUN.id


def foreign(directory: Path, *lines: object, end: str = "\n") -> Live:
    """The run after another language appended these lines (objects as JSON)."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end
    (directory / "other.jsonl").write_text(text)
    return read_live(directory)


def test_run_is_the_fold_of_its_events(directory: Path) -> None:
    """Params, environment and end are where they belong."""
    journal = Journal(directory)
    journal.event(ParamsLogged({"lr": 0.1}))
    journal.event(EnvironmentCaptured({"python": "3.11"}))
    journal.event(Ended("failed", 5, exit_code=2))
    live = read_live(directory)
    journal.close()
    assert (live.run.params, live.run.status, live.run.exit_code) == ({"lr": 0.1}, "failed", 2)
    assert (live.environment, live.ended, live.alive) == ({"python": "3.11"}, True, True)
    assert not live.problems


def test_run_that_goes_on(directory: Path) -> None:
    """Without an end event it has not ended, alive or not."""
    live = read_live(directory)
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


def test_later_value_holds_whoever_wrote_it(directory: Path) -> None:
    """Events of several writers are ordered by the time of their lines."""
    live = foreign(
        directory,
        {"event": "param", "key": "lr", "value": 1, "time": 4_000_000_000_000},
        {"event": "param", "key": "lr", "value": 2, "time": 1000},
    )
    assert live.run.params == {"lr": 2}  # a clock that was set back moves nothing within a file
    journal = Journal(directory)
    journal.event(ParamsLogged({"lr": 3}))
    journal.close()
    assert read_live(directory).run.params == {"lr": 2}


def test_start_comes_first(directory: Path) -> None:
    """Even when another writer's clock is behind."""
    live = foreign(directory, {"event": "note", "note": "early", "time": 1})
    assert isinstance(live.events[0], Started)
    assert live.run.note == "early"


def test_latest_attempt_holds(directory: Path) -> None:
    """Of two starts, that of the later attempt."""
    journal = Journal(directory)
    journal.event(Started(Run(RUN.id, attempt=2, name="again")))
    journal.close()
    live = read_live(directory)
    assert (live.run.attempt, live.run.name) == (2, "again")


class TestForeignLines:
    """What other languages append."""

    def test_metric(self, directory: Path) -> None:
        """One key or several; steps and times may be left out."""
        live = foreign(
            directory,
            {"event": "metric", "key": "loss", "value": 0.5, "time": 7},
            {"event": "metric", "metrics": {"loss": 1, "acc": 0.5}, "step": 4},
            {"event": "metric", "key": "loss", "value": 2},
        )
        acc, loss = live.series
        assert (list(acc.steps), list(acc.times)) == ([4], [7])
        assert (list(loss.steps), list(loss.values), list(loss.times)) == ([0, 4, 5], [0.5, 1, 2], [7, 7, 7])
        assert not live.problems

    def test_time_of_the_file(self, directory: Path) -> None:
        """Without any time, that of the file."""
        live = foreign(directory, {"event": "metric", "key": "loss", "value": 0.5})
        assert live.series[0].times[0] == int((directory / "other.jsonl").stat().st_mtime * 1000)

    @pytest.mark.parametrize("text", ['"NaN"', "NaN"])
    def test_nan(self, directory: Path, text: str) -> None:
        """Quoted and bare."""
        live = foreign(directory, f'{{"event":"metric","key":"loss","value":{text}}}')
        assert math.isnan(live.series[0].values[0])

    @pytest.mark.parametrize("text", ['"-Infinity"', "-Infinity"])
    def test_infinity(self, directory: Path, text: str) -> None:
        """Quoted and bare."""
        live = foreign(directory, f'{{"event":"metric","key":"loss","value":{text}}}')
        assert live.series[0].values[0] == -math.inf

    def test_rank(self, directory: Path) -> None:
        """A program of many processes says which one speaks."""
        live = foreign(directory, {"event": "metric", "key": "loss", "value": 1, "rank": 3})
        assert live.series[0].rank == 3

    def test_params_and_tags(self, directory: Path) -> None:
        """Mappings, or a key with its value."""
        live = foreign(
            directory,
            {"event": "param", "params": {"lr": 0.1}},
            {"event": "param", "key": "opt", "value": "sgd"},
            {"event": "tag", "tags": {"a": "1", "n": 2}},
            {"event": "tag", "key": "b", "value": "x"},
            {"event": "tag", "key": "a", "value": None},
            {"event": "note", "note": "hi"},
        )
        assert live.run.params == {"lr": 0.1, "opt": "sgd"}
        assert (live.run.tags, live.run.note) == ({"n": "2", "b": "x"}, "hi")
        assert not live.problems

    def test_files(self, directory: Path) -> None:
        """Artifacts are asked for by file; the path is optional."""
        live = foreign(
            directory,
            {"event": "artifact", "file": "/home/ada/a.png", "path": "plots/a.png"},
            {"event": "artifact", "file": "model.bin"},
        )
        assert live.files == (FileToLog("/home/ada/a.png", "plots/a.png"), FileToLog("model.bin", None))

    def test_unknown_event_is_kept(self, directory: Path) -> None:
        """A newer version's event changes nothing."""
        live = foreign(directory, {"event": "party", "guests": 3})
        assert isinstance(live.events[-1], Unknown)
        assert not live.problems

    def test_last_line_without_newline(self, directory: Path) -> None:
        """A whole line counts, whatever ends it."""
        live = foreign(directory, {"event": "note", "note": "hi"}, end="")
        assert (live.run.note, live.problems) == ("hi", ())

    def test_cut_off_line_of_a_dead_writer(self, directory: Path) -> None:
        """It is named."""
        live = foreign(directory, {"event": "note", "note": "hi"}, '{"event":"no', end="")
        assert live.run.note == "hi"
        assert live.problems == ("other.jsonl:2: the line is cut off",)

    def test_cut_off_line_of_a_living_writer(self, directory: Path) -> None:
        """The rest is on its way."""
        journal = Journal(directory)
        assert foreign(directory, '{"event":"no', end="").problems == ()
        journal.close()

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("garbage", "not JSON"),
            ("NaN,", "not JSON"),
            ("[1]", "not a JSON object"),
            ("[" * 100_000 + "NaN", "not JSON"),
            ({"event": "metric", "key": "a\nb", "value": 1}, "not a name"),
            ({"event": "metric", "key": 3, "value": 1}, "not a name"),
            ({"event": "metric", "key": "loss"}, "'value'"),
            ({"event": "metric", "key": "loss", "value": "high"}, "not a number"),
            ({"event": "metric", "key": "loss", "value": 1, "step": 1.5}, "step is not"),
            ({"event": "metric", "key": "loss", "value": 1, "step": 2**63}, "step is not"),
            ({"event": "metric", "key": "loss", "value": 1, "rank": -1}, "not a rank"),
            ({"event": "metric", "metrics": [1]}, "metrics is not an object"),
            ({"event": "param", "params": 3}, "params is not an object"),
            ({"event": "artifact", "file": 3}, "file and path are text"),
            ({"event": "artifact", "file": "a", "path": 3}, "file and path are text"),
            ({"event": "end", "status": "great"}, "status"),
            ({"event": "key", "n": 1}, "'key'"),
            ({"event": "writer", "rank": "x"}, "not a rank"),
        ],
    )
    def test_bad_line_is_named_and_hides_nothing(self, directory: Path, line: object, reason: str) -> None:
        """File, line and reason; the lines around it count."""
        live = foreign(
            directory, {"event": "note", "note": "hi"}, line, {"event": "param", "key": "a", "value": 1}
        )
        (problem,) = live.problems
        assert problem.startswith("other.jsonl:2: ")
        assert reason in problem
        assert (live.run.note, live.run.params) == ("hi", {"a": 1})

    def test_absurd_time_is_ignored(self, directory: Path) -> None:
        """Times that no clock shows do not count."""
        live = foreign(
            directory,
            {"event": "metric", "key": "loss", "value": 1, "time": 5},
            {"event": "metric", "key": "loss", "value": 1, "time": 10**18},
            {"event": "metric", "key": "loss", "value": 1, "time": "now"},
        )
        assert list(live.series[0].times) == [5, 5, 5]


def test_points_and_lines_of_one_metric_are_merged(directory: Path) -> None:
    """A run may log the same metric from two languages."""
    journal = Journal(directory)
    journal.point("loss", 1.0, 1, 1_000_000)
    journal.point("loss", 3.0, 3, 3_000_000)
    live = foreign(directory, {"event": "metric", "key": "loss", "value": 2, "step": 2, "time": 2})
    journal.close()
    assert list(live.series[0].steps) == [1, 2, 3]


def test_points_of_an_unnamed_metric_are_kept(directory: Path) -> None:
    """When the line that named it is lost, the points are not."""
    journal = Journal(directory)
    journal.point("loss", 1.0)
    journal.close()
    path = directory / f"{journal.writer}.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    live = read_live(directory)
    assert [one.key for one in live.series] == ["unnamed-1"]
    assert live.problems == (f"{journal.writer}.jsonl: does not name metric 1",)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    "key",
    "value",
    "metrics",
    "params",
    "tags",
    "n",
    "rank",
    "step",
    "time",
    "file",
    "path",
    "note",
    "run",
)
EVENTS = ("metric", "param", "tag", "writer", "key", "artifact", "note", "start", "end", "source", "input")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(EVENTS))
def test_any_fields_are_read_or_named(fields: dict[str, Any], event: str) -> None:
    """No line makes the reader fail."""
    lines = JournalLines("other.jsonl", 1, alive=False)
    lines.read(json.dumps({**fields, "event": event}).encode() + b"\n")
    assert len(lines.problems) <= 1


@given(st.binary())
def test_any_bytes_are_read_or_named(data: bytes) -> None:
    """The same for a file of garbage."""
    JournalLines("other.jsonl", 1, alive=True).read(data)


def test_notes_of_two_writers(directory: Path) -> None:
    """Each writer's events keep their order."""
    journal = Journal(directory)
    for text in ("a", "b", "c"):
        journal.event(Noted(text))
    journal.close()
    live = read_live(directory)
    assert [event.note for event in live.events if isinstance(event, Noted)] == ["a", "b", "c"]
