"""Requirements: their grammar, and when they hold."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.review.gates import GateError, Requirement, all_gates, hold, of_goal, parse
from gittrack.query.review.metrics import rows_of
from tests.support.reviews import made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gittrack.query.review.rows import MetricRow

BEFORE = [0.910, 0.911, 0.912, 0.913]
WORSE = [0.80, 0.81, 0.82, 0.83]


def row(
    before: Sequence[float],
    after: Sequence[float],
    rules: Mapping[str, Any] | None = None,
    *,
    seeds: bool = False,
) -> MetricRow:
    """The row of `acc`."""
    old, new = (
        [
            made({"acc": value}, params={"seed": number} if seeds else {})
            for number, value in enumerate(values)
        ]
        for values in (before, after)
    )
    return next(one for one in rows_of(old, new, rules or {}) if one.key == "acc")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("acc >= 0.9", ("acc", ">=", 0.9, 0.0, 0.0)),
        ("val_acc >= baseline - 0.002", ("val_acc", ">=", -0.002, 1.0, 0.0)),
        ("loss <= baseline * 1.01", ("loss", "<=", 0.0, 1.01, 0.0)),
        ("loss<=1.01*baseline", ("loss", "<=", 0.0, 1.01, 0.0)),
        ("loss < baseline + 1%", ("loss", "<", 0.0, 1.0, 0.01)),
        ("acc >= baseline - 2 %", ("acc", ">=", 0.0, 1.0, -0.02)),
        ("loss <= baseline * 101%", ("loss", "<=", 0.0, 1.01, 0.0)),
        ("val/acc > -1.5e-3", ("val/acc", ">", -0.0015, 0.0, 0.0)),
        ('"my metric" >= baseline', ("my metric", ">=", 0.0, 1.0, 0.0)),
        ("`a >= b` >= .5", ("a >= b", ">=", 0.5, 0.0, 0.0)),
        ("  acc   >=  1.  ", ("acc", ">=", 1.0, 0.0, 0.0)),
    ],
)
def test_grammar(text: str, wanted: tuple[str, str, float, float, float]) -> None:
    """Metric, operator, offset, scale and share."""
    found = parse(text)
    given_parts = (found.metric, found.operator, found.offset, found.scale, found.share)
    assert given_parts[:2] == wanted[:2]
    assert given_parts[2:] == pytest.approx(wanted[2:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acc",
        "acc >=",
        ">= 1",
        "acc == 1",
        "acc >= baseline / 2",
        "acc >= nan",
        "acc >= inf",
        "acc >= baseline - baseline",
        "acc >= 1 and loss <= 2",
        "acc >= 1e999",
        "acc >= __import__('os')",
        "acc ≥ 1",
        "a b >= 1",
        "x" * 600 + " >= 1",
    ],
)
def test_what_does_not_parse(text: str) -> None:
    """Says so, with an example; wrong usage."""
    with pytest.raises(GateError) as error:
        parse(text)
    assert error.value.exit_code == 2
    assert error.value.hint


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """A requirement, or a GateError."""
    with contextlib.suppress(GateError):
        assert isinstance(parse(text), Requirement)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("a >= 1", 1.0, True),
        ("a > 1", 1.0, False),
        ("a <= 1", 1.0, True),
        ("a < 1", 1.0, False),
        ("a >= 1", math.nan, False),
        ("a <= 1", math.nan, False),
    ],
)
def test_operators(text: str, value: float, holds: bool) -> None:  # noqa: FBT001  a parameter
    """Bounds count for >= and <=; NaN is nowhere."""
    assert parse(text).holds(value, 1.0) is holds


def test_a_share_is_of_the_size() -> None:
    """1 % more than -2 is -1.98."""
    assert parse("loss <= baseline + 1%").limit(-2.0) == pytest.approx(-1.98)


def test_absolute() -> None:
    """A number needs no baseline."""
    found = hold(parse("acc >= 0.9"), row([], [0.95]), compared=False)
    assert (found.status, found.limit, found.value) == ("passed", 0.9, 0.95)
    assert hold(parse("acc >= 0.96"), row([], [0.95]), compared=False).status == "failed"


def test_significantly_beyond_the_limit() -> None:
    """Four seeds a side, all of them worse."""
    found = hold(parse("acc >= baseline - 0.002"), row(BEFORE, WORSE), compared=True)
    assert found.status == "failed"
    assert "p = 0.029, n = 4 and 4" in found.reason


def test_within_the_slack() -> None:
    """The limit moves the baseline before anything is tested."""
    found = hold(parse("acc >= baseline - 0.2"), row(BEFORE, WORSE), compared=True)
    assert found.status == "passed"


def test_noise_is_no_failure() -> None:
    """The mean is beyond the limit, the seeds overlap."""
    found = hold(parse("acc >= baseline"), row(BEFORE, [0.90, 0.914, 0.911, 0.912]), compared=True)
    assert found.status == "passed"
    assert "not significantly" in found.reason


def test_few_seeds_are_held_as_written() -> None:
    """One seed: the slack alone decides, and the reason says so."""
    found = hold(parse("acc >= baseline - 0.002"), row([0.91], [0.90]), compared=True)
    assert found.status == "failed"
    assert "n = 1 and 1, too few seeds for a test" in found.reason
    assert hold(parse("acc >= baseline - 0.02"), row([0.91], [0.90]), compared=True).status == "passed"


def test_pairs() -> None:
    """Six seeds on both sides, each worse by a little: found, where the groups overlap."""
    before = [0.70, 0.75, 0.80, 0.85, 0.90, 0.95]
    after = [value - 0.01 - number / 10_000 for number, value in enumerate(before)]
    assert hold(parse("acc >= baseline"), row(before, after, seeds=True), compared=True).status == "failed"
    assert hold(parse("acc >= baseline"), row(before, after), compared=True).status == "passed"


@pytest.mark.parametrize("after", [[math.nan], [0.99, math.nan], [math.inf, 0.9]])
def test_nan_fails(after: list[float]) -> None:
    """In any run, whatever the others are."""
    found = hold(parse("acc >= 0.1"), row([0.9], after), compared=True)
    assert found.status == "failed"
    assert "NaN" in found.reason


def test_missing_fails() -> None:
    """No run has it, or not all."""
    assert hold(parse("nope >= 0.1"), None, compared=True).reason == "the metric is missing"
    rows = rows_of([made({"acc": 0.9})], [made({"acc": 0.9}), made({"b": 1.0})], {})
    found = hold(parse("acc >= 0.1"), next(one for one in rows if one.key == "acc"), compared=True)
    assert (found.status, found.reason) == ("failed", "the metric is missing in 1 of 2 runs")
    gone = rows_of([made({"acc": 0.9})], [made({"b": 1.0})], {})
    assert (
        hold(parse("acc >= 0.1"), next(one for one in gone if one.key == "acc"), compared=True).status
        == "failed"
    )


def test_the_baseline_lacks_it() -> None:
    """Nothing to hold it against: failed; undecided where there is no baseline at all."""
    assert hold(parse("acc >= baseline"), row([math.nan], [0.9]), compared=True).status == "failed"
    assert hold(parse("acc >= baseline"), row([], [0.9]), compared=False).status == "undecided"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (BEFORE, WORSE, "failed"),
        (WORSE, BEFORE, "passed"),
        (BEFORE, BEFORE[::-1], "passed"),
        ([0.9], [0.1], "undecided"),
        ([0.9], [math.nan], "failed"),
    ],
)
def test_a_goal_is_a_gate(before: list[float], after: list[float], status: str) -> None:
    """It fails when the metric got worse or is none, and is undecided with few seeds."""
    found = of_goal(row(before, after, {"acc": "max"}))
    assert found is not None
    assert found.status == status


@pytest.mark.parametrize("rules", [{}, {"acc": {"goal": "max", "gate": False}}])
def test_no_gate(rules: dict[str, Any]) -> None:
    """Without a goal, or with `gate: false`."""
    assert of_goal(row(BEFORE, WORSE, rules)) is None


def test_a_new_metric_is_no_gate() -> None:
    """There is nothing that it could be worse than."""
    assert of_goal(row([], [0.5], {"acc": "max"})) is None


def test_a_metric_that_is_gone() -> None:
    """A goal that nobody logs any more fails."""
    rows = rows_of([made({"acc": 0.9})], [made({"b": 1.0})], {"acc": "max"})
    (found,) = all_gates(rows, [], compared=True)
    assert (found.status, found.reason) == ("failed", "the metric is missing")


def test_not_comparable_is_undecided() -> None:
    """Other data: neither good nor bad."""
    old, new = ([made({"acc": value}) for value in values] for values in (BEFORE, WORSE))
    rows = rows_of(old, new, {"acc": "max"}, on_data=("other data",))
    (found,) = all_gates(rows, [], compared=True)
    assert (found.status, "other data" in found.reason) == ("undecided", True)


def test_a_requirement_takes_the_place_of_the_goal() -> None:
    """A metric is held once; failed gates come first."""
    rows = [row(BEFORE, WORSE, {"acc": "max"})]
    found = all_gates(rows, [parse("acc >= 0.1"), parse("acc >= baseline")], compared=True)
    assert [(one.text, one.status) for one in found] == [
        ("acc >= baseline", "failed"),
        ("acc >= 0.1", "passed"),
    ]


def test_the_floor_is_told() -> None:
    """The text of the gate of a goal says what change is none."""
    found = of_goal(row(BEFORE, WORSE, {"acc": {"goal": "max", "atol": 0.002}}))
    assert found is not None
    assert found.text == "acc must not get worse by more than 0.002"
