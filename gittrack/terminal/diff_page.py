"""What differs between two runs, as a page; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gittrack.core.ids import is_run_id
from gittrack.query.changes.diff import code_of
from gittrack.query.compare.side_by_side import ABSENT
from gittrack.terminal import figures
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import ADDED, BETTER, CHANGED, DIM, KEY, REMOVED, TITLE, WORSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.changes.diff import Change, RunDiff
    from gittrack.query.changes.diff import Section as SectionName

_KEYS = {"duration_ms": "duration"}
_HARDWARE = "hardware."
ORDER: tuple[SectionName, ...] = (
    "run",
    "command",
    "params",
    "metrics",
    "inputs",
    "packages",
    "environment",
    "tags",
    "artifacts",
)
"""How sections stand on a page: what was wanted, what came of it, then what may have changed it."""


def page(diff: RunDiff) -> list[Section]:
    """The page of a diff; show `diff.differing()` for only what differs."""
    return [heads((("-", diff.before), ("+", diff.after))), *sections(diff), code_line(diff)]


def sections(diff: RunDiff, *, why: Mapping[str, str] | None = None) -> Iterator[Section]:
    """The sections of a diff, without its head and its code.

    Args:
        diff: what differs.
        why: metric to what may be why, in a few words.
    """
    for name in ORDER:
        changes = diff.sections.get(name, ())
        if name == "metrics":
            yield _metrics(changes, why or {})
        elif name == "environment":
            yield from environment(changes)
        else:
            yield _section(titled(name), changes)


def environment(changes: Sequence[Change]) -> Iterator[Section]:
    """Hardware, and the rest of the environment."""
    hardware = [one for one in changes if one.key.startswith(_HARDWARE)]
    yield _section("Hardware", hardware)
    yield _section("Environment", [one for one in changes if one not in hardware])


def heads(runs: Sequence[tuple[str, Run]]) -> Section:
    """Which runs are held against each other: a sign and a run for each line."""
    styles = [REMOVED, ADDED] if len(runs) == 2 else [TITLE] * len(runs)  # noqa: PLR2004  before and after
    table = Table(
        (
            Column("", [Cell(sign, style) for (sign, _), style in zip(runs, styles, strict=True)]),
            Column("name", [Cell(run.name, TITLE) for _, run in runs]),
            Column("run", [Cell(run.id, "yellow") for _, run in runs]),
            Column("started", [Cell(_started(run), DIM) for _, run in runs], rank=1),
        )
    )
    return Section("", table)


def _started(run: Run) -> str:
    return figures.moment(run.start_time) if is_run_id(run.id) else "now"


def titled(name: str) -> str:
    """The title of a section."""
    return {"inputs": "Data"}.get(name, name.capitalize())


def _section(title: str, changes: Sequence[Change]) -> Section:
    show = digest if title in {"Data", "Artifacts"} else shown
    table = Table(
        (
            Column("key", [Cell(name_of(one), style_of(one)) for one in changes]),
            Column("before", [Cell(show(one.key, one.before)) for one in changes], wrap=True),
            Column("", [Cell("→", DIM) for _ in changes]),
            Column("after", [Cell(show(one.key, one.after)) for one in changes], wrap=True),
        )
    )
    return Section(title, table)


def _metrics(changes: Sequence[Change], why: Mapping[str, str]) -> Section:
    columns = [
        Column("key", [Cell(one.key, style_of(one)) for one in changes]),
        Column("before", [Cell(number(one.before)) for one in changes], right=True),
        Column("", [Cell("→", DIM) for _ in changes]),
        Column("after", [Cell(number(one.after)) for one in changes], right=True),
        Column("Δ", [Cell(_delta(one), _verdict(one)) for one in changes], right=True),
        Column("%", [Cell(percent(one), _verdict(one)) for one in changes], right=True),
        Column("", [Cell(_word(one), _verdict(one)) for one in changes]),
    ]
    if why:
        columns.append(Column("why", [Cell(why.get(one.key, ""), DIM) for one in changes], rank=1))
    return Section("Metrics", Table(tuple(columns)))


def name_of(change: Change) -> str:
    """The key as it stands on a page."""
    return _KEYS.get(change.key, change.key.removeprefix(_HARDWARE))


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


def digest(_key: str, value: Any) -> str:  # noqa: ANN401  a digest or ABSENT
    """The beginning of a digest."""
    return "" if value is ABSENT else figures.value(value)[:12]


def number(value: Any) -> str:  # noqa: ANN401  a number or ABSENT
    """A metric as text."""
    return "" if value is ABSENT else figures.number(value, 6)


def _delta(one: Change) -> str:
    return "" if one.delta is None or not one.differs else figures.signed(one.delta, 4)


def percent(one: Change) -> str:
    """By how much a metric changed, as a share of what it was."""
    return "" if not one.ratio else figures.percent(one.ratio)


def _word(one: Change) -> str:
    return {True: "better", False: "worse", None: ""}[one.better]


def _verdict(one: Change) -> str:
    return {True: BETTER, False: WORSE, None: ""}[one.better]


def style_of(one: Change) -> str:
    """The style of the key of a change: what came, what went, what changed."""
    if not one.differs:
        return KEY
    return ADDED if one.before is ABSENT else REMOVED if one.after is ABSENT else CHANGED


def code_line(diff: RunDiff) -> Section:
    """The commits of the code, where they differ."""
    if not diff.code_differs:
        return Section("")
    before, after = (figures.commit(code_of(run)) or "not recorded" for run in (diff.before, diff.after))
    return Section("Code", lines=(Cell(f"{before} → {after}"),))
