"""Groups of runs, and what params explain, as tables; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.compare.side_by_side import keys, same
from gittrack.terminal import figures
from gittrack.terminal.figures import spread
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import BEST, DIM, KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.query.compare.groups import Group, Grouped, Spread
    from gittrack.query.compare.importance import Importance

_SURE = 0.01


def table(found: Grouped, *, best: str = " *") -> Table:
    """One group a row: what its runs have in common, how many they are, and its metrics as mean ± deviation.

    Args:
        found: the groups.
        best: what stands behind the best mean of a metric with a goal.
    """
    groups = found.groups
    columns = [
        Column(found.by.partition(":")[2] or found.by, [Cell(_short(found, one), "bold") for one in groups]),
        Column("runs", [Cell(str(len(one.runs)), "yellow") for one in groups], right=True, rank=1),
    ]
    metrics = sorted(found.metrics, key=lambda key: key not in found.goals)
    for place, key in enumerate(metrics):
        won = found.best(key)
        cells = [
            _cell(one, row == won, best if key in found.goals else "")
            for row, one in enumerate(found.metrics[key])
        ]
        columns.append(Column(key, cells, right=True, rank=place + 2, style="bold"))
    columns += [
        Column(key, [Cell(_shared(one.runs, key)) for one in groups], rank=place + 1.5 + len(metrics))
        for place, key in enumerate(telling(found))
    ]
    return Table(tuple(columns))


def flat(found: Grouped) -> tuple[list[str], list[list[object]]]:
    """Header and rows of a CSV: one group and metric a row."""
    rows: list[list[object]] = [
        [group.name, len(group.runs), key, one.count, one.mean, one.deviation, one.low, one.high]
        for key, spreads in found.metrics.items()
        for group, one in zip(found.groups, spreads, strict=True)
    ]
    return [found.by, "runs", "metric", "n", "mean", "deviation", "min", "max"], rows


def importance_table(found: Sequence[Importance]) -> Table:
    """One param a row, those that explain most first."""
    return Table(
        (
            Column("param", [Cell(one.param, KEY) for one in found]),
            Column("explains", [Cell(_percent(one.explains), _sure(one)) for one in found], right=True),
            Column("p", [Cell(_p(one.p), _sure(one)) for one in found], right=True),
            Column("more of it", [Cell(_direction(one.direction)) for one in found], right=True, rank=2),
            Column("values", [Cell(str(one.values)) for one in found], right=True, rank=3),
            Column("runs", [Cell(str(one.runs)) for one in found], right=True, rank=1),
        )
    )


def telling(found: Grouped) -> list[str]:
    """Params that are the same within each group and not in all: what a group stands for besides."""
    runs = [run for one in found.groups for run in one.runs]
    named = found.by.partition(":")[2] if found.by.startswith("param:") else None
    return [
        key
        for key in keys(runs, "params")
        if key != named and all(_alike(one.runs, key) for one in found.groups) and not _alike(runs, key)
    ]


def _alike(runs: Sequence[Run], key: str) -> bool:
    first = runs[0].params.get(key)
    return all(same(first, run.params.get(key)) for run in runs)


def _shared(runs: Sequence[Run], key: str) -> str:
    return figures.value(runs[0].params[key]) if key in runs[0].params else ""


def _short(found: Grouped, one: Group) -> str:
    digest = found.by in {"fingerprint", "code"} and one.value
    return one.name[:10] if digest else one.name


def _cell(one: Spread, won: bool, best: str) -> Cell:  # noqa: FBT001  one of two looks
    if not one.count:
        return Cell("NaN" + " " * len(best) if one.unfit else "")
    few = f" ({one.count} of {one.count + one.unfit + one.absent})" if one.unfit or one.absent else ""
    mark = best if won else " " * len(best)
    return Cell(f"{spread(one.mean or 0.0, one.deviation)}{few}{mark}", BEST if won else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _p(value: float) -> str:
    return f"{value:.3f}".rstrip("0") if value >= 0.001 else "<0.001"  # noqa: PLR2004  what is shown


def _direction(value: Any) -> str:  # noqa: ANN401  a float or None
    return "" if value is None else figures.signed(round(value, 2), 2)


def _sure(one: Importance) -> str:
    return "bold" if one.p <= _SURE else DIM
