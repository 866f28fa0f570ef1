"""Filters for tests: hypothesis strategies for any filter, and runs that it may find."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gittrack.artifacts.manifest import is_safe
from gittrack.core.records import STATUSES, Artifact, Input, MetricSummary, Run, Source
from gittrack.query.filter.fields import ATTRIBUTES, ITEMS, PARTS, type_of
from gittrack.query.filter.nodes import And, Compare, Field, Is, Node, Not, Or, Order

if TYPE_CHECKING:
    from collections.abc import Mapping

START = 1_795_492_993_123
_KEYS = ("a", "b c", "mlflow.x", "é`", "9-1/2")
_TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "Äb",
    "äB",
    "a'b",
    'q"`',
    "0.1",
    "1",
    "-2",
    "1e3",
    "nan",
    "NaN",
    "True",
    "x*y",
    "[a]?",
    "K",
    "l\nm",
)
_NUMBERS = (0, 1, -2, 0.1, 1.0, 1e3, 2**53 + 1, 2**62, 1e300, -1e-9, math.inf, -math.inf)
_PARAMS = (*_TEXTS, *filter(math.isfinite, _NUMBERS), True, False, None, [1, 0])
_PATTERNS = ("%", "a%", "%b", "_b", "", "A%", "%ä%", "x*y", "[a]?", "%'%", "k", "%%\n_")
_DIGESTS = ("0" * 64, "ab" * 32)
_PATHS = tuple(filter(is_safe, _TEXTS))
_ORDERED = ("<", "<=", ">", ">=")


def some_runs(seed: int) -> list[Run]:
    """A few runs out of few keys and values, so that filters find some; from a seed, which is fast."""
    chance = random.Random(seed)
    return [_run(chance, f"20261124-034313-{number:08d}") for number in range(chance.randint(1, 5))]


def _run(chance: random.Random, run_id: str) -> Run:
    def text() -> str:
        return chance.choice(_TEXTS)

    def optional() -> str | None:
        return chance.choice((None, *_TEXTS))

    def keys() -> list[str]:
        return chance.sample(_KEYS, 3)

    start = chance.choice((START, START + 5000))
    return Run(
        id=run_id,
        experiment=text() or "default",
        name=text(),
        status=chance.choice(STATUSES),
        start_time=start,
        end_time=chance.choice((None, START + 5000, START + 7500)),
        exit_code=chance.choice((None, 0, 1)),
        user=optional(),
        host=optional(),
        parent_id=optional(),
        source=Source(optional(), chance.random() < 0.5, optional(), optional()),
        params={key: chance.choice(_PARAMS) for key in keys()},
        metrics={key: _metric(chance) for key in keys()},
        tags={key: text() for key in keys()},
        note=text(),
        inputs=tuple(Input(text(), text(), optional()) for _ in range(chance.randint(0, 2))),
        artifacts=tuple(
            Artifact(chance.choice(_PATHS), chance.choice(_DIGESTS), 1) for _ in range(chance.randint(0, 2))
        ),
    )


def _metric(chance: random.Random) -> MetricSummary:
    last, low, high = (float(chance.choice((*_NUMBERS, math.nan))) for _ in range(3))
    return MetricSummary(last, chance.randint(-1, 2), START, low, high, chance.randint(1, 3))


def fields(*, items: bool = True) -> st.SearchStrategy[Field]:
    """Any field."""
    keys = st.sampled_from(_KEYS)
    found: st.SearchStrategy[Field] = (
        st.builds(Field, st.just("metrics"), keys, st.sampled_from(PARTS))
        | st.builds(Field, st.sampled_from(("params", "tags")), keys)
        | st.builds(Field, st.just("attributes"), st.sampled_from(sorted(ATTRIBUTES)))
    )
    if items:
        pairs = [Field(kind, key) for kind, names in ITEMS.items() for key in names]  # type: ignore[arg-type]  # a Kind
        found |= st.sampled_from(pairs)
    return found


_VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from((*_TEXTS, *_DIGESTS)),
    "status": st.sampled_from(STATUSES),
    "bool": st.booleans(),
    "number": st.sampled_from(_NUMBERS),
    "time": st.sampled_from((START, START + 5000, START + 6000, 0.5)),
    "duration": st.sampled_from((0, 2.5, 5, 7.5)),
    "loose": st.sampled_from((*_TEXTS, *_NUMBERS, True, False)),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Node:
    """Any comparison that a filter may hold."""
    field = draw(fields())
    kind = type_of(field)
    values = _VALUES[kind]
    operators = ["=", "!=", "IN", "NOT IN", "IS"]
    if kind in {"text", "loose", "status"}:
        operators += ["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"]
    if kind not in {"bool", "status"}:
        operators += _ORDERED
    operator: Any = draw(st.sampled_from(operators))
    if operator == "IS":
        nan = kind in {"number", "loose"} and field.kind != "attributes"
        states: Any = ("NULL", "NOT NULL", "NAN", "NOT NAN") if nan else ("NULL", "NOT NULL")
        return Is(field, draw(st.sampled_from(states)))
    if operator.endswith("IN"):
        return Compare(field, operator, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    if operator.endswith("LIKE"):
        return Compare(field, operator, draw(st.sampled_from(_PATTERNS)).lower())
    if operator in _ORDERED:
        values = values.filter(lambda value: not isinstance(value, bool))
    return Compare(field, operator, draw(values))


def nodes() -> st.SearchStrategy[Node]:
    """Any filter."""
    return st.recursive(
        comparisons(),
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
            | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
        ),
        max_leaves=5,
    )


def orders() -> st.SearchStrategy[list[Order]]:
    """Anything to sort by."""
    return st.lists(st.builds(Order, fields(items=False), st.booleans()), max_size=2)
