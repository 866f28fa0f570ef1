"""Whether a run matches a filter, and where it sorts; pure. Says what `filter_sql` says in SQL."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.query.filter.fields import type_of
from gittrack.query.filter.nodes import And, Compare, Field, Is, Node, Not, Or, Order
from gittrack.store.index.values import NAN_TEXTS, clean, like, number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gittrack.core.records import Run
    from gittrack.query.filter.nodes import Value

DEFAULT_ORDER = (
    Order(Field("attributes", "start_time"), descending=True),
    Order(Field("attributes", "run_id")),
)


class Found(NamedTuple):
    """What a run has of a field: a text, a number, or both; a number that is NaN is None."""

    text: str | None
    number: float | None


def matches(node: Node, run: Run) -> bool:
    """Whether the run matches the filter."""
    match node:
        case Compare(field=field):
            return any(_compare(node, found) for found in values_of(field, run))
        case Is(field=field, state="NULL" | "NOT NULL"):
            return bool(values_of(field, run)) is (node.state == "NOT NULL")
        case Is(field=field):
            return any(_is_nan(field, found) is (node.state == "NAN") for found in values_of(field, run))
        case Not(node=inner):
            return not matches(inner, run)
        case And(nodes=nodes):
            return all(matches(one, run) for one in nodes)
        case Or(nodes=nodes):
            return any(matches(one, run) for one in nodes)


def values_of(field: Field, run: Run) -> list[Found]:
    """What the run has of a field: nothing, one, or for inputs and artifacts several."""
    key = field.key
    if field.kind == "metrics":
        if key not in run.metrics:
            return []
        number = getattr(run.metrics[key], field.part)
        return [Found(None, None if math.isnan(number) else number)]
    if field.kind in {"params", "tags"}:
        values = run.params if field.kind == "params" else run.tags
        return [Found(text_of(values[key]), number_of(values[key]))] if key in values else []
    if field.kind == "attributes":
        value = _ATTRIBUTES[key](run)
        return [] if value is None else [_attribute(field, value)]
    items: Iterable[Any] = run.inputs if field.kind == "inputs" else run.artifacts
    texts = [getattr(one, key) for one in items]
    return [Found(clean(text), None) for text in texts if text is not None]


def sort_runs(runs: Sequence[Run], orders: Sequence[Order]) -> list[Run]:
    """The runs in order; the newest first where nothing else decides."""
    ordered = list(runs)
    for order in reversed((*orders, *DEFAULT_ORDER)):
        keyed = [(_sort_key(order.field, run), run) for run in ordered]
        present = [(key, run) for key, run in keyed if key is not None and key[0] < _NAN]
        present.sort(key=lambda pair: pair[0] or (_NAN, 0), reverse=order.descending)
        nan = [run for key, run in keyed if key is not None and key[0] == _NAN]
        ordered = [run for _, run in present] + nan + [run for key, run in keyed if key is None]
    return ordered


_NAN = 2


def _sort_key(field: Field, run: Run) -> tuple[int, Any] | None:
    """Numbers before texts; NaN after both; None for what is missing."""
    found = values_of(field, run)
    if not found:
        return None
    text, number = found[0]
    if number is not None:
        return 0, number
    return (_NAN, 0) if _is_nan(field, found[0]) else (1, text)


def _is_nan(field: Field, found: Found) -> bool:
    if field.kind == "metrics":
        return found.number is None
    return field.kind in {"params", "tags"} and found.number is None and found.text in NAN_TEXTS


def _attribute(field: Field, value: Any) -> Found:  # noqa: ANN401  as the attribute has it
    if type_of(field) in {"text", "status"}:
        return Found(clean(value), None)
    return Found(None, value)


_ATTRIBUTES: dict[str, Callable[[Run], Any]] = {
    "run_id": lambda run: run.id,
    "run_name": lambda run: run.name or None,
    "status": lambda run: run.status,
    "experiment": lambda run: run.experiment,
    "start_time": lambda run: run.start_time,
    "end_time": lambda run: run.end_time,
    "duration": lambda run: None if run.duration_ms is None else run.duration_ms / 1000,
    "user": lambda run: run.user,
    "host": lambda run: run.host,
    "exit_code": lambda run: run.exit_code,
    "note": lambda run: run.note or None,
    "parent_run_id": lambda run: run.parent_id,
    "commit": lambda run: run.source.commit,
    "branch": lambda run: run.source.branch,
    "snapshot": lambda run: run.source.snapshot,
    "dirty": lambda run: run.source.dirty,
    "deleted": lambda run: run.deleted,
}


def _compare(node: Compare, found: Found) -> bool:
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    match node.operator:
        case "=" | "IN":
            return any(_equal(found, value) for value in values)
        case "!=" | "NOT IN":
            return not any(_equal(found, value) for value in values)
        case "LIKE" | "NOT LIKE" | "ILIKE" | "NOT ILIKE":
            pattern = str(values[0])
            hit = like(pattern, found.text or "", ignore_case=node.operator.endswith("ILIKE"))
            return hit is not node.operator.startswith("NOT")
        case _:
            known: Any = found.text if isinstance(values[0], str) else found.number
            return known is not None and _ORDERED[node.operator](known, values[0])


_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _equal(found: Found, value: Value) -> bool:
    if isinstance(value, str):
        return found.text == value
    if isinstance(value, bool) and found.text is not None:
        return found.text.lower() == str(value).lower()
    return found.number is not None and found.number == value
