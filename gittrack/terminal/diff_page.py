"""What differs between two runs, as a page; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gittrack.query.compare import ABSENT
from gittrack.query.diff import code_of
from gittrack.terminal import figures
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import ADDED, BETTER, CHANGED, KEY, REMOVED, TITLE, WORSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.query.diff import Change, RunDiff

_KEYS = {"duration_ms": "duration"}


def page(diff: RunDiff) -> list[Section]:
    """The page of a diff; show `diff.differing()` for only what differs."""
    sections = [_heads(diff.before, diff.after)]
    for name, changes in diff.sections.items():
        sections.append(_metrics(changes) if name == "metrics" else _section(name.capitalize(), changes))
    return [*sections, _code(diff)]


def _heads(before: Run, after: Run) -> Section:
    runs = (before, after)
    table = Table(
        (
            Column("side", [Cell("-", REMOVED), Cell("+", ADDED)]),
            Column("name", [Cell(run.name, TITLE) for run in runs]),
            Column("run", [Cell(run.id, "yellow") for run in runs]),
            Column("started", [Cell(figures.moment(run.start_time), "dim") for run in runs], rank=1),
        )
    )
    return Section("", table)


def _section(title: str, changes: Sequence[Change]) -> Section:
    show = _digest if title in {"Inputs", "Artifacts"} else shown
    table = Table(
        (
            Column("key", [Cell(_KEYS.get(one.key, one.key), _style(one)) for one in changes]),
            Column("before", [Cell(show(one.key, one.before)) for one in changes], wrap=True),
            Column("", [Cell("→") for _ in changes]),
            Column("after", [Cell(show(one.key, one.after)) for one in changes], wrap=True),
        )
    )
    return Section(title, table)


def _metrics(changes: Sequence[Change]) -> Section:
    table = Table(
        (
            Column("key", [Cell(one.key, _style(one)) for one in changes]),
            Column("before", [Cell(_number(one.before)) for one in changes], right=True),
            Column("", [Cell("→") for _ in changes]),
            Column("after", [Cell(_number(one.after)) for one in changes], right=True),
            Column("Δ", [Cell(_delta(one), _verdict(one)) for one in changes], right=True),
            Column("%", [Cell(_percent(one), _verdict(one)) for one in changes], right=True),
            Column("", [Cell(_word(one), _verdict(one)) for one in changes]),
        )
    )
    return Section("Metrics", table)


def shown(key: str, value: Any) -> str:  # noqa: ANN401  a JSON value
    """A value of a run as text; the key says what it is."""
    if value is ABSENT:
        return ""
    if key == "command":
        return shlex.join(value)
    if key == "duration_ms":
        return figures.duration(value)
    if key == "start_time":
        return figures.moment(value)
    if key == "code":
        return figures.commit(value)
    return figures.value(value)


def _digest(_key: str, value: Any) -> str:  # noqa: ANN401  a digest or ABSENT
    return "" if value is ABSENT else figures.value(value)[:12]


def _number(value: Any) -> str:  # noqa: ANN401  a number or ABSENT
    return "" if value is ABSENT else figures.number(value, 6)


def _delta(one: Change) -> str:
    return "" if one.delta is None or not one.differs else figures.signed(one.delta, 4)


def _percent(one: Change) -> str:
    return "" if not one.ratio else figures.percent(one.ratio)


def _word(one: Change) -> str:
    return {True: "better", False: "worse", None: ""}[one.better]


def _verdict(one: Change) -> str:
    return {True: BETTER, False: WORSE, None: ""}[one.better]


def _style(one: Change) -> str:
    if not one.differs:
        return KEY
    return ADDED if one.before is ABSENT else REMOVED if one.after is ABSENT else CHANGED


def _code(diff: RunDiff) -> Section:
    if not diff.code_differs:
        return Section("")
    before, after = (figures.commit(code_of(run)) or "not recorded" for run in (diff.before, diff.after))
    return Section("Code", lines=(Cell(f"{before} → {after}"),))
