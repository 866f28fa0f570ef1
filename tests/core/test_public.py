from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.public import finite, flat, record
from gittrack.core.records import MetricSummary, Run
from tests.golden.samples import hostile, run


def test_fields() -> None:
    """The record has the public names of its fields, always all of them."""
    assert list(record(Run("a"))) == [
        "run_id", "run_name", "experiment", "status", "start_time", "end_time", "exit_code", "signal",
        "command",
        "params", "metrics", "tags", "note", "source", "inputs", "artifacts", "parent_run_id", "user", "host",
        "peak_memory", "attempt", "deleted",
    ]  # fmt: skip
    assert record(Run("a")).keys() == record(run(0), detail=True).keys()


def test_metrics() -> None:
    """A metric is its last value; in detail its summary."""
    one = Run("a", metrics={"loss": MetricSummary(0.5, 3, 1000, 0.1, math.inf, 4)})
    assert record(one)["metrics"] == {"loss": 0.5}
    assert record(one, detail=True)["metrics"]["loss"] == {
        "last": 0.5, "step": 3, "time": "1970-01-01T00:00:01.000Z", "min": 0.1, "max": "Infinity", "count": 4,
    }  # fmt: skip


def test_source() -> None:
    """The code as five fields; in detail also what was left out."""
    assert list(record(run(0))["source"]) == ["commit", "dirty", "snapshot", "branch", "remote"]
    assert {"left_out", "missing", "directory"} <= record(run(0), detail=True)["source"].keys()


def test_times() -> None:
    """Times are ISO 8601 in UTC, null while there is none."""
    body = record(Run("a", start_time=1500))
    assert (body["start_time"], body["end_time"]) == ("1970-01-01T00:00:01.500Z", None)


@pytest.mark.parametrize("one", [run(0), run(3), hostile(), Run("a")])
def test_strict_json(one: Run) -> None:
    """Any run is JSON without NaN."""
    for detail in (False, True):
        body = record(one, detail=detail)
        assert json.loads(json.dumps(body, allow_nan=False)) == body


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_finite(value: object) -> None:
    """No float that JSON lacks is left, at any depth."""
    json.dumps(finite(value), allow_nan=False)


def test_flat() -> None:
    """One level: groups as prefixes, values without structure, the command as a shell would read it."""
    row = flat(run(0, params={"lr": 0.1, "layers": [1, 2]}))
    assert row["params.layers"] == "[1,2]"
    assert row["command"] == "python train.py --lr 0.1 --note 'two words'"
    assert row["source.branch"] == "main"
    assert not any(isinstance(value, (dict, list)) for value in row.values())
