"""Running runs for people: blocks with all metrics where there is room, else a line each; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.compare.side_by_side import goal_of
from gittrack.query.plots.curve import sample
from gittrack.query.progress import Progress, is_own
from gittrack.terminal import figures
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import DIM, KEY, STATUS, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.watching import Watched
    from gittrack.store.journal.tail import Tail

_SHORT, _LONG = 10, 32  # values of a sparkline
_BAR = 12
_SHOWN = 3  # metrics in a line
_DIGITS = 4


def page(
    found: Sequence[Watched],
    *,
    now: int,
    rules: Mapping[str, Any],
    height: int | None = None,
    unicode: bool = True,
) -> list[Section]:
    """The runs in as many lines as there are, or all of them.

    Args:
        found: the runs.
        now: milliseconds since the epoch.
        rules: the setting `metrics`; metrics with a goal come first.
        height: lines that there are, None for any number.
        unicode: whether bars and curves can be shown.
    """
    if height is None or sum(map(_height, found)) <= height:
        return [_block(one, now, rules, unicode=unicode) for one in found]
    shown = found[: max(1, height - 3)]
    sections = [Section("", _rows(shown, now, rules, unicode=unicode), header=True)]
    if len(found) > len(shown):
        sections.append(Section("", lines=(Cell(f"and {len(found) - len(shown)} more", DIM),)))
    return sections


def said(one: Watched, now: int, rules: Mapping[str, Any]) -> str:
    """A run on one line, for a file or a pipe."""
    state = _state(one).partition(" ")[2]
    parts = [figures.moment(now), one.run.id, *([one.run.name] if one.run.name else []), state]
    if one.progress is not None:
        parts.append(_progress_text(one.progress))
        if one.progress.left is not None:
            parts.append(f"{figures.duration(one.progress.left * 1000)} left")
    parts += [f"{key}={figures.number(_last(tail), 5)}" for key, tail in _own(one, rules).items()]
    return " ".join(parts)


def ended(run: Run, now: int) -> str:
    """That a run has ended, on one line."""
    name = [run.name] if run.name else []
    spent = [] if run.duration_ms is None else [f"after {figures.duration(run.duration_ms)}"]
    return " ".join([figures.moment(now), run.id, *name, run.status, *spent])


def _height(one: Watched) -> int:
    """Lines of a block at most, with the one between blocks: head, three facts, titles."""
    return 6 + sum(1 for key in one.tails if not is_own(key))


def _block(one: Watched, now: int, rules: Mapping[str, Any], *, unicode: bool) -> Section:
    run = one.run
    title = f"{run.name} {run.id}".strip()
    where = [f"on {one.place}"] if one.place else []
    spent = figures.duration(max(0, now - run.start_time))
    lines = [Cell("  ".join([_state(one), run.experiment, spent, *where]), STATUS.get(run.status, ""))]
    if one.progress is not None:
        lines.append(Cell(_progress_line(one.progress, unicode=unicode), TITLE))
    if resources := _resources(one):
        lines.append(Cell("  ".join(f"{name} {text}" for name, text in resources.items()), DIM))
    return Section(title, _metrics(_own(one, rules), unicode=unicode), tuple(lines), header=True)


def _metrics(tails: Mapping[str, Tail], *, unicode: bool) -> Table | None:
    if not tails:
        return None
    summaries = [tail.summary() for tail in tails.values()]
    columns = [
        Column("metric", [Cell(key, KEY) for key in tails]),
        Column("last", [Cell(figures.number(one.last, 5), TITLE) for one in summaries], right=True),
        Column("min", [Cell(figures.number(one.min, 5)) for one in summaries], right=True, rank=2),
        Column("max", [Cell(figures.number(one.max, 5)) for one in summaries], right=True, rank=2),
        Column("step", [Cell(str(one.step)) for one in summaries], right=True, rank=3),
    ]
    if unicode:
        bars = [Cell(figures.sparkline(sample(tail.values, _LONG)), KEY) for tail in tails.values()]
        columns.append(Column("", bars, rank=1))
    return Table(tuple(columns))


def _rows(found: Sequence[Watched], now: int, rules: Mapping[str, Any], *, unicode: bool) -> Table:
    columns = [
        Column("run", [Cell(figures.tail(one.run.id), "yellow") for one in found], rank=0),
        Column("name", [Cell(one.run.name, TITLE) for one in found], rank=1),
        Column("state", [Cell(_state(one), STATUS.get(one.run.status, "")) for one in found], rank=9),
        Column("done", [Cell(_short_progress(one.progress, unicode=unicode)) for one in found], rank=2),
        Column("left", [Cell(_left(one.progress)) for one in found], right=True, rank=4),
        Column("rate", [Cell(_rate(one.progress)) for one in found], right=True, rank=7),
        Column("time", [_spent(one.run, now) for one in found], right=True, rank=5),
    ]
    for place, key in enumerate(_common(found, rules)):
        tails = [one.tails.get(key) for one in found]
        cells = [Cell("" if tail is None else _with_curve(tail, unicode=unicode)) for tail in tails]
        columns.append(Column(key, cells, right=True, rank=3 + place * 2))
    resources = [_resources(one) for one in found]
    columns += [
        Column(name, [Cell(one.get(name, ""), DIM) for one in resources], right=True, rank=8)
        for name in dict.fromkeys(name for one in resources for name in one)
    ]
    return Table(tuple(column for column in columns if any(cell.text for cell in column.cells)))


def _own(one: Watched, rules: Mapping[str, Any]) -> dict[str, Tail]:
    """The metrics of the training, those with a goal first."""
    keys = [key for key, tail in one.tails.items() if tail.count and not is_own(key)]
    return {key: one.tails[key] for key in sorted(keys, key=lambda key: goal_of(key, rules) is None)}


def _common(found: Sequence[Watched], rules: Mapping[str, Any]) -> list[str]:
    """The metrics that most runs have, those with a goal first."""
    counts: dict[str, int] = {}
    for one in found:
        for key, tail in one.tails.items():
            if tail.count and not is_own(key):
                counts[key] = counts.get(key, 0) + 1
    counts.pop("epoch", None)  # it is said as progress
    return sorted(counts, key=lambda key: (goal_of(key, rules) is None, -counts[key]))[:_SHOWN]


def _state(one: Watched) -> str:
    mark = figures.MARKS.get(one.run.status, "?")
    quiet = "" if one.alive or one.run.status != "running" else " (no sign of life)"
    return f"{mark} {one.run.status}{quiet}"


def _progress_line(found: Progress, *, unicode: bool) -> str:
    parts = [_bar(found.share, 2 * _BAR, unicode=unicode)] if found.share is not None else []
    parts.append(_progress_text(found))
    parts += [_rate(found)] * bool(found.rate)
    parts += [f"{_left(found)} left"] * (found.left is not None)
    return "  ".join(parts)


def _progress_text(found: Progress) -> str:
    if found.unit == "%":
        return f"{figures.number(found.done, 3)}%"
    done = figures.number(found.done, 3) if found.done < 1000 else f"{found.done:,.0f}"  # noqa: PLR2004  4 digits
    if found.total is None:
        return f"{found.unit} {done}"
    share = f" ({found.share:.0%})" if found.share is not None else ""
    return f"{found.unit} {done}/{found.total:,g}{share}"


def _short_progress(found: Progress | None, *, unicode: bool) -> str:
    if found is None:
        return ""
    if found.share is None:
        return _progress_text(found)
    return f"{_bar(found.share, _BAR, unicode=unicode)} {found.share:4.0%}"


def _bar(share: float | None, width: int, *, unicode: bool) -> str:
    filled, empty = ("━", "─") if unicode else ("#", "-")
    done = round((share or 0) * width)
    return filled * done + empty * (width - done)


def _left(found: Progress | None) -> str:
    return "" if found is None or found.left is None else figures.duration(found.left * 1000)


def _rate(found: Progress | None) -> str:
    if found is None or not found.rate:
        return ""
    if found.rate >= 0.1:  # noqa: PLR2004  slower ones are said by the minute
        return f"{figures.number(found.rate, 3)} {found.unit}/s"
    return f"{figures.number(found.rate * 60, 3)} {found.unit}/min"


def _spent(run: Run, now: int) -> Cell:
    return Cell(figures.duration(max(0, now - run.start_time)), DIM)


def _with_curve(tail: Tail, *, unicode: bool) -> str:
    curve = figures.sparkline(sample(tail.values, _SHORT)) + " " if unicode else ""
    return curve + figures.number(_last(tail), _DIGITS)


def _last(tail: Tail) -> float:
    return tail.last.value if tail.last is not None else float("nan")


def _resources(one: Watched) -> dict[str, str]:
    """What the run takes of the machine: processor, memory, GPUs."""
    last = {key: _last(tail) for key, tail in one.tails.items() if is_own(key) and tail.count}
    found = {}
    cpu = last.get("process/cpu_percent", last.get("system/cpu_percent"))
    if cpu is not None:
        found["cpu"] = f"{figures.number(cpu, 3)}%"
    memory = last.get("process/memory_rss", last.get("system/memory_used"))
    if memory is not None:
        found["memory"] = figures.size(memory)
    busy = [value for key, value in last.items() if key.startswith("gpu/") and key.endswith("/utilisation")]
    if busy:
        found["gpu"] = " ".join(f"{figures.number(value, 3)}%" for value in busy[:8])
    return found
