"""A list of runs as a table: which columns tell the runs apart, and what stands in them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.query.compare.side_by_side import goal_of, keys, same
from gittrack.terminal import figures
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import STATUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gittrack.core.records import Run

GROUPS = ("metrics", "params", "tags")
_HIDDEN = "system/"
_MISSING = Cell("")


def table(
    runs: Sequence[Run],
    *,
    now: int,
    rules: Mapping[str, Any] | None = None,
    columns: Sequence[str] = (),
    marks: bool = False,
) -> Table:
    """The runs as a table.

    Args:
        runs: one a row.
        now: milliseconds since the epoch, for ages.
        rules: the setting `metrics`; metrics with a goal come first.
        columns: names of columns; those that tell the runs apart when empty.
        marks: for eyes: marks before the status, ids cut to the part that differs, ages for times.

    Raises:
        UsageError: no run has a column of that name.
    """
    build = _Build(runs, now, marks=marks)
    chosen = [build.named(name) for name in columns] if columns else build.telling(rules or {})
    return Table(tuple(chosen))


class _Build:
    def __init__(self, runs: Sequence[Run], now: int, *, marks: bool) -> None:
        self.runs = runs
        self.now = now
        self.marks = marks
        self.facts: dict[str, Callable[[Run], Cell]] = {
            "id": self._id,
            "name": lambda run: Cell(run.name, "bold"),
            "status": self._status,
            "experiment": lambda run: Cell(run.experiment),
            "started": self._started,
            "ended": lambda run: Cell("" if run.end_time is None else figures.moment(run.end_time)),
            "duration": self._duration,
            "exit_code": lambda run: Cell("" if run.exit_code is None else str(run.exit_code)),
            "user": lambda run: Cell(run.user or ""),
            "host": lambda run: Cell(run.host or ""),
            "branch": lambda run: Cell(run.source.branch or ""),
            "commit": lambda run: Cell(figures.commit(run.source.commit) + ("+" if run.source.dirty else "")),
            "snapshot": lambda run: Cell(figures.commit(run.source.snapshot)),
            "command": lambda run: Cell(" ".join(run.command)),
            "note": lambda run: Cell(run.note.partition("\n")[0]),
            "parent": lambda run: Cell(figures.tail(run.parent_id) if run.parent_id else ""),
            "attempt": lambda run: Cell(str(run.attempt)),
        }

    def telling(self, rules: Mapping[str, Any]) -> Iterable[Column]:
        """The columns that tell the runs apart, most important ranked lowest."""
        yield self._fact("id", 0)
        yield self._fact("name", 1)
        yield self._fact("status", 2)
        if len({run.experiment for run in self.runs}) > 1:
            yield self._fact("experiment", 4.5)
        yield from self._ranked("metrics", 3, rules)
        yield from self._ranked("params", 3.5, rules)
        yield self._fact("started", 4)
        yield self._fact("duration", 6.2)
        if len({run.user for run in self.runs}) > 1:
            yield self._fact("user", 7.2)

    def _ranked(self, group: str, first: float, rules: Mapping[str, Any]) -> list[Column]:
        scores = {key: self._score(group, key, rules) for key in keys(self.runs, group)}  # type: ignore[arg-type]
        order = sorted((key for key in scores if scores[key] > 0), key=lambda key: -scores[key])
        return [self._key(group, key, first + place) for place, key in enumerate(order)]

    def _score(self, group: str, key: str, rules: Mapping[str, Any]) -> float:
        """How much a column says: how many runs have it; nothing when it is the same in all."""
        if group == "metrics":
            if key.startswith(_HIDDEN):
                return 0
            share = sum(key in run.metrics for run in self.runs) / len(self.runs)
            return share + (2 if goal_of(key, rules) else 0)
        values = [run.params[key] for run in self.runs if key in run.params]
        if len(values) == len(self.runs) and all(same(values[0], other) for other in values):
            return 0
        return len(values) / len(self.runs)

    def named(self, name: str) -> Column:
        """The column of that name: a fact, `params.lr`, or a key that some run has."""
        if name in self.facts:
            return self._fact(name, 0)
        group, dot, key = name.partition(".")
        if dot and group in GROUPS and key:
            return self._key(group, key, 0)
        for one in GROUPS:
            if any(name in getattr(run, one) for run in self.runs):
                return self._key(one, name, 0)
        msg = f"no column {name!r}"
        raise UsageError(msg, hint=self._nearest(name))

    def _nearest(self, name: str) -> str:
        import difflib

        known = [*self.facts, *(key for group in GROUPS for key in keys(self.runs, group))]  # type: ignore[arg-type]
        near = difflib.get_close_matches(name, known, n=1)
        return (
            f"did you mean {near[0]!r}?"
            if near
            else f"columns are {', '.join(self.facts)}, and params and metrics"
        )

    def _fact(self, name: str, rank: float) -> Column:
        cells = [self.facts[name](run) for run in self.runs]
        return Column(name, cells, right=name in {"duration", "exit_code", "attempt"}, rank=rank)

    def _key(self, group: str, key: str, rank: float) -> Column:
        values = [getattr(run, group).get(key) for run in self.runs]
        present = [key in getattr(run, group) for run in self.runs]
        if group == "metrics":
            cells = [Cell(figures.number(one.last)) if one else _MISSING for one in values]
        else:
            cells = [
                Cell(figures.value(one)) if there else _MISSING
                for one, there in zip(values, present, strict=True)
            ]
        numeric = all(
            isinstance(one, (int, float)) for one, there in zip(values, present, strict=True) if there
        )
        return Column(
            self._title(group, key), cells, right=group == "metrics" or numeric, rank=rank, style="bold"
        )

    def _title(self, group: str, key: str) -> str:
        """The key; with its group where a param and a metric bear the same name."""
        other = "params" if group == "metrics" else "metrics"
        return f"{group}.{key}" if any(key in getattr(run, other) for run in self.runs) else key

    def _id(self, run: Run) -> Cell:
        return Cell(figures.tail(run.id) if self.marks else run.id, "yellow")

    def _status(self, run: Run) -> Cell:
        mark = f"{figures.MARKS.get(run.status, '?')} " if self.marks else ""
        hidden = " (removed)" if run.deleted else ""
        return Cell(f"{mark}{run.status}{hidden}", STATUS.get(run.status, ""))

    def _started(self, run: Run) -> Cell:
        shown = figures.age(run.start_time, self.now) if self.marks else figures.moment(run.start_time)
        return Cell(shown, "dim")

    def _duration(self, run: Run) -> Cell:
        spent = run.duration_ms if run.end_time is not None else self.now - run.start_time
        return Cell("" if spent is None else figures.duration(spent))
