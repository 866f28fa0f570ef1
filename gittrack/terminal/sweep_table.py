"""A sweep as a table while it runs, as lines where nobody watches, and its end; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.trials import OPEN
from gittrack.query.plots.curve import sample
from gittrack.terminal import figures
from gittrack.terminal.escape import line
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import BEST, DIM, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gittrack.launch.sweep.trials import SweepResult, Trial
    from gittrack.launch.sweep.view import View

_STYLES = {**STATUS, "pruned": "yellow"}
_SPARK = 16
_AROUND = 6  # lines of the page that are no trials
_ERROR = 60


def page(view: View, height: int) -> list[Section]:
    """The page of a sweep that runs: how far it is, then what runs, what is best, what ended last.

    Args:
        view: how it stands.
        height: lines of the terminal.
    """
    head = [Cell(headline(view)), Cell(_best(view), BEST if view.best else DIM)]
    trials = _chosen(view, max(3, height - _AROUND))
    return [
        Section("", lines=tuple(cell for cell in head if cell.text)),
        Section("", _table(view, trials), header=True),
    ]


def headline(view: View) -> str:
    """`sweep 20261124-…: 12 of 200 trials, 2 running, 1 failed, 3m04s left`."""
    counts: dict[str, int] = {}
    for one in view.trials:
        counts[one.state] = counts.get(one.state, 0) + 1
    ended = sum(count for state, count in counts.items() if state not in OPEN)
    parts = [f"{ended} of {view.plan.trials} trials"]
    parts += [
        f"{counts[state]} {state}"
        for state in ("running", "queued", "pruned", "failed", "killed")
        if state in counts
    ]
    if view.stopping:
        parts.append(f"ending: {view.stopping}")
    elif view.remaining_ms is not None:
        parts.append(f"{figures.duration(view.remaining_ms)} left")
    return f"sweep {view.sweep_id}: {', '.join(parts)}"


def _best(view: View) -> str:
    if view.plan.metric is None:
        return ""
    if view.best is None:
        return f"no value of {view.plan.metric} yet"
    params = _params(view.best, spaces.varying(view.plan.space))
    return f"best {view.plan.metric} {_value(view.best)} in trial {view.best.number}: {params}"


def _chosen(view: View, room: int) -> list[Trial]:
    """The trials that have room: running ones, the best, the newest of the others; by number."""
    running = [one for one in view.trials if one.status in OPEN]
    others = [one for one in view.trials if one.status not in OPEN and one is not view.best]
    others.sort(key=lambda one: one.end_time or 0, reverse=True)
    best = [view.best] if view.best is not None else []
    return sorted([*running[:room], *best, *others][:room], key=lambda one: one.number)


def _table(view: View, trials: Sequence[Trial]) -> Table:
    metric = view.plan.metric
    columns = [Column("trial", [Cell(str(one.number)) for one in trials], right=True)]
    columns += [
        Column(name, [Cell(figures.value(one.params.get(name))) for one in trials], right=True, rank=2)
        for name in spaces.varying(view.plan.space)
    ]
    if metric is not None:
        columns.append(
            Column(
                metric,
                [Cell(_live_value(view, one), BEST if one is view.best else "") for one in trials],
                right=True,
            )
        )
        columns.append(Column("", [Cell(_spark(view, one), DIM) for one in trials], rank=3))
    columns.append(Column("status", [Cell(_mark(one), _STYLES.get(one.state, "")) for one in trials], rank=1))
    columns.append(Column("time", [Cell(_time(view, one), DIM) for one in trials], right=True, rank=4))
    return Table(tuple(columns))


def _live_value(view: View, one: Trial) -> str:
    if one.value is not None:
        return _value(one)
    curve = view.curves.get(one.number)
    return figures.number(curve[-1][1]) if curve else ""


def _spark(view: View, one: Trial) -> str:
    return figures.sparkline(sample([value for _, value in view.curves.get(one.number, ())], _SPARK))


def _mark(one: Trial) -> str:
    mark = "■" if one.pruned is not None else figures.MARKS.get(one.status, "·")
    return f"{mark} {one.state}"


def _time(view: View, one: Trial) -> str:
    if one.duration_ms is not None:
        return figures.duration(one.duration_ms)
    from gittrack.core.times import now_ms

    return figures.duration(min(now_ms() - one.start_time, view.elapsed_ms)) if one.start_time else ""


def _value(one: Trial) -> str:
    return "" if one.value is None else figures.number(one.value)


def _params(one: Trial, names: Iterable[str]) -> str:
    return " ".join(f"{line(name)}={figures.value(one.params.get(name))}" for name in names)


# ---- lines


def lines(view: View) -> Iterator[str]:
    """The line of the trial that has just ended; nothing where none has."""
    one = view.ended
    if one is None:
        return
    metric = view.plan.metric
    value = f" {line(metric)} {_value(one)}" if metric is not None and one.value is not None else ""
    took = f" in {figures.duration(one.duration_ms)}" if one.duration_ms is not None else ""
    why = f": {line((one.pruned or one.error or '')[:_ERROR])}" if one.pruned or one.error else ""
    best = " (best so far)" if view.best is not None and view.best.number == one.number else ""
    ended = sum(each.status not in OPEN for each in view.trials)
    params = _params(one, spaces.varying(view.plan.space))
    yield f"{ended}/{view.plan.trials} trial {one.number} {params}{value} {one.state}{took}{best}{why}"


def summary(result: SweepResult) -> Iterator[str]:
    """What came of a sweep: its id, the best trial, and how to have it again."""
    counts: dict[str, int] = {}
    for one in result.trials:
        counts[one.state] = counts.get(one.state, 0) + 1
    said = ", ".join(f"{count} {state}" for state, count in counts.items())
    yield f"sweep {result.run_id} {result.status}: {said} of {result.plan.trials} trials"
    if result.reason:
        yield f"ended early: {result.reason}; `gittrack sweep --resume {result.run_id}` goes on"
    failed = next((one for one in result.trials if one.failed), None)
    if failed is not None:
        why = line(failed.error or failed.status)
        yield f"first failure: trial {failed.number}, run {failed.run_id}, {why}"
    found = result.best
    if found is None:
        return
    params = _params(found, spaces.varying(result.plan.space))
    metric = line(result.plan.metric)
    yield f"best {metric} {_value(found)}: trial {found.number}, run {found.run_id}, {params}"
    yield f"again: gittrack reproduce {found.run_id}"


# ---- before it runs


def preview_lines(preview: Mapping[str, Any]) -> Iterator[str]:
    """What would be run, without the trials."""
    yield line(preview["says"])
    if preview["command"]:
        yield f"the first: {line(preview['command'])}"
    if not preview["points"]:
        yield "each trial depends on those before it"
    for name, one in preview["space"].items():
        if not preview["points"]:
            ((kind, ends),) = one.items()
            yield f"  {line(name)}: {kind}({', '.join(figures.value(end) for end in ends)})"


def preview_table(preview: Mapping[str, Any]) -> Table:
    """The trials."""
    points = preview["points"]
    numbers = Column("trial", [Cell(str(number)) for number in range(len(points))], right=True)
    return Table(
        (
            numbers,
            *(
                Column(name, [Cell(figures.value(params[name])) for params in points], right=True, rank=1)
                for name in preview["varying"]
            ),
        )
    )
