"""Runs as dots: a param or metric against a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import SelectionError
from gittrack.query.compare.groups import group
from gittrack.query.compare.side_by_side import keys
from gittrack.query.drawing.plan import Curve
from gittrack.query.plots.plotting import Plot, Shown, finite_number, group_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

_NAMES = 40  # texts on an axis at most


def scatter_plot(
    runs: Sequence[Run], x: str, y: str, *, by: str | None = None, store: RunStore | None = None
) -> Plot:
    """One dot a run: a param or metric against a metric.

    Args:
        runs: which ones; those that lack one of the two, or have no finite number of `y`, have no dot.
        x: a param, else a metric; `params.NAME` or `metrics.NAME` where a name is both. Texts stand in
            the order of the alphabet.
        y: a metric, or a param that is a number.
        by: what to group by: a colour a group.
        store: of the runs; only needed to group by fingerprint.

    Raises:
        SelectionError: no run has one of them.
    """
    value_x, value_y = value_of(runs, x), value_of(runs, y)
    names = _texts(runs, value_x)
    groups = [Shown("", tuple(runs))] if by is None else [
        Shown(group_label(by, one.name), one.runs) for one in group(runs, by, store)
    ]  # fmt: skip
    curves = []
    for one in groups:
        pairs = ((_position(value_x(run), names), finite_number(value_y(run))) for run in one.runs)
        dots = sorted((left, right) for left, right in pairs if left is not None and right is not None)
        curves.append(Curve(one.name or f"{len(dots)} runs", dots, joined=False))
    return Plot(f"{y} by {x}", tuple(curves), x, y, names)


def value_of(runs: Sequence[Run], name: str) -> Callable[[Run], Any]:
    """How to read a param or a metric of that name from a run; None where it has none.

    Raises:
        SelectionError: no run has one.
    """
    group_name, _, key = name.partition(".")
    wanted = [(group_name, key)] if group_name in {"params", "metrics"} else []
    for kind, own in [*wanted, ("params", name), ("metrics", name)]:
        if any(own in getattr(run, kind) for run in runs):
            if kind == "params":
                return lambda run: run.params.get(own)
            return lambda run: run.metrics[own].last if own in run.metrics else None
    import difflib

    known = [*keys(runs, "params"), *keys(runs, "metrics")]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known[:10]) or 'none'}"
    msg = f"no param or metric {name[:80]!r}"
    raise SelectionError(msg, hint=hint)


def _texts(runs: Sequence[Run], value: Callable[[Run], Any]) -> tuple[str, ...]:
    """The texts of an axis, none where all values are numbers."""
    given = [one for one in map(value, runs) if one is not None]
    if all(finite_number(one) is not None or isinstance(one, float) for one in given):
        return ()
    return tuple(sorted({_said(one) for one in given})[:_NAMES])


def _position(value: Any, names: tuple[str, ...]) -> float | None:  # noqa: ANN401  a JSON value
    if not names:
        return finite_number(value)
    text = None if value is None else _said(value)
    return float(names.index(text)) if text in names else None


def _said(value: Any) -> str:  # noqa: ANN401  a JSON value
    from gittrack.core.public import finite
    from gittrack.core.text import dump_json

    return value if isinstance(value, str) else dump_json(finite(value)).decode()
