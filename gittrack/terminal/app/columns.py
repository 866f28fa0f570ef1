"""Which columns the list has, and what stands in them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.query.compare.side_by_side import goal_of
from gittrack.query.filter.fields import ATTRIBUTES
from gittrack.query.filter.nodes import Field
from gittrack.query.progress import is_own
from gittrack.terminal import listing
from gittrack.terminal.escape import columns as width_of
from gittrack.terminal.escape import line
from gittrack.terminal.table import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run

FACTS = (
    "id",
    "name",
    "status",
    "experiment",
    "started",
    "ended",
    "duration",
    "exit_code",
    "user",
    "host",
    "branch",
    "commit",
    "snapshot",
    "command",
    "note",
    "parent",
    "attempt",
)
WIDEST = 28
_GROUPS = ("metrics", "params", "tags")
_FIELDS = {
    "id": "run_id",
    "name": "run_name",
    "started": "start_time",
    "ended": "end_time",
    "parent": "parent_run_id",
}
_FIRST_METRICS, _FIRST_PARAMS = 4, 6
_RIGHT = ("metrics.",)
_RIGHT_FACTS = frozenset({"duration", "exit_code", "attempt"})


def first_choice(runs: Sequence[Run], rules: Mapping[str, Any]) -> list[str]:
    """The columns of somebody who has not chosen: what tells these runs apart, metrics with a goal first."""
    table = listing.table(runs, now=0, rules=rules) if runs else None
    titles = [column.title for column in table.columns] if table is not None else []
    metrics = [key for key in _keys(runs, "metrics") if key in titles or f"metrics.{key}" in titles]
    metrics = [key for key in metrics if not is_own(key) and key != "epoch"]
    metrics.sort(key=lambda key: goal_of(key, rules) is None)
    params = [key for key in _keys(runs, "params") if key in titles or f"params.{key}" in titles]
    chosen = ["id", "name", "status", "started", "duration"]
    if "experiment" in titles:
        chosen.insert(3, "experiment")
    chosen += [f"metrics.{key}" for key in metrics[:_FIRST_METRICS]]
    return chosen + [f"params.{key}" for key in params[:_FIRST_PARAMS]]


def known(keys: Mapping[str, Sequence[str]]) -> list[str]:
    """All columns that there are.

    Args:
        keys: names by `metrics`, `params` and `tags`.
    """
    return [*FACTS, *(f"{group}.{key}" for group in _GROUPS for key in keys.get(group, ()))]


def is_column(name: str) -> bool:
    """Whether it may be the name of a column."""
    group, dot, key = name.partition(".")
    return name in FACTS or (group in _GROUPS and bool(dot) and bool(key))


def title(name: str, names: Sequence[str]) -> str:
    """What stands above a column: the key alone, where no other column would be called the same."""
    group, dot, key = name.partition(".")
    if not dot or group not in _GROUPS:
        return line(name)
    same = [one for one in names if one.partition(".")[2] == key or one == key]
    return line(key if len(same) == 1 else name)


def field_of(name: str) -> Field | None:
    """The field that a column is sorted and grouped by; None where that is not possible."""
    group, dot, key = name.partition(".")
    if dot and group in _GROUPS:
        return Field(group, key)  # type: ignore[arg-type]  # one of the three
    attribute = _FIELDS.get(name, name)
    return Field("attributes", attribute) if attribute in ATTRIBUTES else None


def cells(runs: Sequence[Run], names: Sequence[str], now: int, *, marks: bool) -> list[tuple[Cell, ...]]:
    """What stands in the columns, a row for each run."""
    if not runs:
        return []
    try:
        table = listing.table(runs, now=now, columns=names, marks=marks)
    except GitTrackError:  # unreachable with names that `is_column` takes
        return [tuple(Cell("") for _ in names) for _ in runs]
    return list(table.rows)


def metrics_of(names: Sequence[str]) -> list[str]:
    """The metrics among some columns."""
    return [name.partition(".")[2] for name in names if name.startswith("metrics.")]


def is_right(name: str) -> bool:
    """Whether numbers stand in a column, flush right."""
    return name.startswith(_RIGHT) or name in _RIGHT_FACTS


def width(text: str) -> int:
    """Columns of the terminal for a cell that is harmless already, at most `WIDEST`."""
    return min(WIDEST, width_of(text))


def _keys(runs: Sequence[Run], group: str) -> list[str]:
    return list(dict.fromkeys(key for run in runs for key in getattr(run, group)))
