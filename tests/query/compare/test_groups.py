from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import SelectionError
from gittrack.core.records import Input, MetricSummary, Run, Source
from gittrack.query.compare.groups import Spread, fingerprints, group, grouped, spread
from tests.cli.recorded import ENVIRONMENT, record
from tests.support.arbitrary import VALUES

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def run(number: int, loss: float | None = None, **fields: Any) -> Run:
    """A run with a last value of `loss`."""
    metrics = {} if loss is None else {"loss": MetricSummary(loss, 1, 1, loss, loss, 1)}
    return Run(f"r{number}", **{"metrics": metrics, **fields})


def names(runs: list[Run], by: str) -> list[tuple[str, int]]:
    """Groups and how many runs each has."""
    return [(one.name, len(one.runs)) for one in group(runs, by)]


def test_by_param() -> None:
    """Numbers by size, then text, then runs without it."""
    values = [10, 2, "b", 2, 0.5, True, [1]]
    runs = [run(n, params={"lr": value}) for n, value in enumerate(values)] + [run(9)]
    assert names(runs, "param:lr") == [
        ("0.5", 1), ("2", 2), ("10", 1), ("[1]", 1), ("b", 1), ("true", 1), ("(none)", 1),
    ]  # fmt: skip


def test_by_tag_and_fact() -> None:
    """Tags, branches and the like."""
    runs = [run(0, tags={"who": "ada"}, source=Source(branch="main")), run(1, tags={"who": "bob"})]
    assert names(runs, "tag:who") == [("ada", 1), ("bob", 1)]
    assert names(runs, "branch") == [("main", 1), ("(none)", 1)]


def test_seeds() -> None:
    """Runs that differ in the seed only are one group."""
    runs = [run(n, name="a", params={"lr": lr, "seed": n}) for n, lr in enumerate((1, 1, 2))]
    assert names(runs, "seeds") == [("a", 2), ("a", 1)]


@pytest.mark.parametrize(
    ("by", "hint"),
    [("param:lrr", "param:lr?"), ("tag:x", "none"), ("rain", "fingerprint"), ("param:", "lr")],
)
def test_what_cannot_be_grouped_by(by: str, hint: str) -> None:
    """The hint says what can."""
    with pytest.raises(SelectionError) as caught:
        group([run(0, params={"lr": 1})], by)
    assert hint in str(caught.value.hint)


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_any_values_can_be_grouped_by(values: list[Any]) -> None:
    """Whatever a param is, every run is in exactly one group, and the groups are JSON."""
    runs = [run(n, float(n), params={"p": value}) for n, value in enumerate(values)]
    found = grouped(runs, "param:p")
    assert sorted(one.id for each in found.groups for one in each.runs) == sorted(one.id for one in runs)
    json.dumps(found.as_json(), allow_nan=False)


def test_mean_and_deviation() -> None:
    """The sample standard deviation, and n."""
    assert spread([1.0, 2.0, 3.0]) == Spread(3, 2.0, 1.0, 1.0, 3.0)
    assert spread([4.0]) == Spread(1, 4.0, None, 4.0, 4.0)


def test_what_is_not_there_is_counted() -> None:
    """Missing values and those that are no numbers are told apart, and do not poison the mean."""
    assert spread([1.0, None, math.nan, math.inf]) == Spread(1, 1.0, None, 1.0, 1.0, unfit=2, absent=1)
    assert spread([None, math.nan]) == Spread(0, unfit=1, absent=1)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=9))
def test_mean_lies_within(values: list[float]) -> None:
    """Even of the largest floats the mean is between the smallest and the largest."""
    one = spread(values)
    assert one.mean is not None
    room = 1e-9 * max(map(abs, values))
    assert min(values) - room <= one.mean <= max(values) + room
    assert one.deviation is not None
    assert one.deviation >= 0


def test_the_best_group() -> None:
    """By the mean, where a goal is known and the means differ."""
    runs = [run(n, loss, params={"lr": lr}) for n, (lr, loss) in enumerate([(1, 3.0), (1, 1.0), (2, 1.0)])]
    assert grouped(runs, "param:lr", rules={"loss": "min"}).best("loss") == 1
    assert grouped(runs, "param:lr", rules={"loss": "max"}).best("loss") == 0
    assert grouped(runs, "param:lr").best("loss") is None
    assert grouped(runs[:1], "param:lr", rules={"loss": "min"}).best("loss") is None


def test_fingerprints(store: RunStore) -> None:
    """Runs of the same code, params and environment share one; without code there is none."""
    code = Source("1" * 40, snapshot="1" * 40)
    fields: dict[str, Any] = {"command": ("python", "a.py"), "source": code, "params": {"lr": 1}}
    one, two = record(store, **fields), record(store, **fields)
    other = record(store, **fields, environment={**ENVIRONMENT, "packages": {"numpy": "3"}})
    bare = record(store, inputs=(Input("a", "a"),))
    found = fingerprints(store, [one, two, other, bare])
    assert found[one.id] == found[two.id] != found[other.id]
    assert found[bare.id] is None
    assert [len(each.runs) for each in group([one, two, other, bare], "fingerprint", store)][-1] == 1
