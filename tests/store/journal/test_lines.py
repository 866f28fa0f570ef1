"""What other languages append to a journal."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.events import Unknown
from gittrack.store.journal.lines import FileToLog, JournalLines
from gittrack.store.journal.writer import Journal
from tests.support.journals import foreign

if TYPE_CHECKING:
    from pathlib import Path


class TestForeignLines:
    """What other languages append."""

    def test_metric(self, begun: Path) -> None:
        """One key or several; steps and times may be left out."""
        live = foreign(
            begun,
            {"event": "metric", "key": "loss", "value": 0.5, "time": 7},
            {"event": "metric", "metrics": {"loss": 1, "acc": 0.5}, "step": 4},
            {"event": "metric", "key": "loss", "value": 2},
        )
        acc, loss = live.series
        assert (list(acc.steps), list(acc.times)) == ([4], [7])
        assert (list(loss.steps), list(loss.values), list(loss.times)) == ([0, 4, 5], [0.5, 1, 2], [7, 7, 7])
        assert not live.problems

    def test_time_of_the_file(self, begun: Path) -> None:
        """Without any time, that of the file."""
        live = foreign(begun, {"event": "metric", "key": "loss", "value": 0.5})
        assert live.series[0].times[0] == int((begun / "other.jsonl").stat().st_mtime * 1000)

    @pytest.mark.parametrize("text", ['"NaN"', "NaN"])
    def test_nan(self, begun: Path, text: str) -> None:
        """Quoted and bare."""
        live = foreign(begun, f'{{"event":"metric","key":"loss","value":{text}}}')
        assert math.isnan(live.series[0].values[0])

    @pytest.mark.parametrize("text", ['"-Infinity"', "-Infinity"])
    def test_infinity(self, begun: Path, text: str) -> None:
        """Quoted and bare."""
        live = foreign(begun, f'{{"event":"metric","key":"loss","value":{text}}}')
        assert live.series[0].values[0] == -math.inf

    def test_rank(self, begun: Path) -> None:
        """A program of many processes says which one speaks."""
        live = foreign(begun, {"event": "metric", "key": "loss", "value": 1, "rank": 3})
        assert live.series[0].rank == 3

    def test_params_and_tags(self, begun: Path) -> None:
        """Mappings, or a key with its value."""
        live = foreign(
            begun,
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

    def test_files(self, begun: Path) -> None:
        """Artifacts are asked for by file; the path is optional."""
        live = foreign(
            begun,
            {"event": "artifact", "file": "/home/ada/a.png", "path": "plots/a.png"},
            {"event": "artifact", "file": "model.bin"},
        )
        assert live.files == (FileToLog("/home/ada/a.png", "plots/a.png"), FileToLog("model.bin", None))

    def test_unknown_event_is_kept(self, begun: Path) -> None:
        """A newer version's event changes nothing."""
        live = foreign(begun, {"event": "party", "guests": 3})
        assert isinstance(live.events[-1], Unknown)
        assert not live.problems

    def test_last_line_without_newline(self, begun: Path) -> None:
        """A whole line counts, whatever ends it."""
        live = foreign(begun, {"event": "note", "note": "hi"}, end="")
        assert (live.run.note, live.problems) == ("hi", ())

    def test_cut_off_line_of_a_dead_writer(self, begun: Path) -> None:
        """It is named."""
        live = foreign(begun, {"event": "note", "note": "hi"}, '{"event":"no', end="")
        assert live.run.note == "hi"
        assert live.problems == ("other.jsonl:2: the line is cut off",)

    def test_cut_off_line_of_a_living_writer(self, begun: Path) -> None:
        """The rest is on its way."""
        journal = Journal(begun)
        assert foreign(begun, '{"event":"no', end="").problems == ()
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
    def test_bad_line_is_named_and_hides_nothing(self, begun: Path, line: object, reason: str) -> None:
        """File, line and reason; the lines around it count."""
        live = foreign(
            begun, {"event": "note", "note": "hi"}, line, {"event": "param", "key": "a", "value": 1}
        )
        (problem,) = live.problems
        assert problem.startswith("other.jsonl:2: ")
        assert reason in problem
        assert (live.run.note, live.run.params) == ("hi", {"a": 1})

    def test_absurd_time_is_ignored(self, begun: Path) -> None:
        """Times that no clock shows do not count."""
        live = foreign(
            begun,
            {"event": "metric", "key": "loss", "value": 1, "time": 5},
            {"event": "metric", "key": "loss", "value": 1, "time": 10**18},
            {"event": "metric", "key": "loss", "value": 1, "time": "now"},
        )
        assert list(live.series[0].times) == [5, 5, 5]


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
