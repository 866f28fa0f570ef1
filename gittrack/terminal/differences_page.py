"""All that differs between a run and others, as a page: records, code, output, artifacts, reasons; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.compare.side_by_side import ABSENT
from gittrack.terminal import diff_page, figures
from gittrack.terminal.escape import clip, columns, line
from gittrack.terminal.page import Section
from gittrack.terminal.table import LONGEST, Cell, Column, Table
from gittrack.terminal.theme import ADDED, BETTER, CHANGED, DIM, KEY, REMOVED, WORSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.changes.code import ChangedFile
    from gittrack.query.changes.diff import Change
    from gittrack.query.changes.files import FileChange
    from gittrack.query.changes.output import OutputDiff
    from gittrack.query.changes.whole import Differences

_REASONS = 4
_NAMED = 3
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def page(found: Sequence[Differences]) -> list[Section]:
    """The page of one diff, or of several that share their first run."""
    if len(found) > 1:
        return list(_many(found))
    (one,) = found
    several = len(one.reasons) > 1
    why = {key: _causes(reason.suspects) for reason in one.reasons for key in reason.metrics if several}
    records = list(diff_page.sections(one.records, why=why))
    place = next((at for at, section in enumerate(records) if section.title == "Metrics"), 0)
    records[place + 1 : place + 1] = [reasons(one)]
    if one.files:  # they say more than the digests
        records = [section for section in records if section.title != "Artifacts"]
    return [
        diff_page.heads((("-", one.before), ("+", one.after))),
        *records,
        files(one.files),
        *output([one]),
        *code([one]),
    ]


def reasons(found: Differences) -> Section:
    """What may be why metrics changed, the most likely first."""
    lines: list[Cell] = []
    for reason in found.reasons:
        looks = {"rounding": ", by next to nothing", "speed": ", of speed"}.get(reason.looks, "")
        lines.append(Cell(f"{_whose(reason.metrics, alone=len(found.reasons) == 1)}{looks}", KEY))
        lines += [
            Cell(f"  {place}. {suspect.text}") for place, suspect in enumerate(reason.suspects[:_REASONS], 1)
        ]
    return Section("May be why", lines=tuple(lines)) if lines else Section("")


def _whose(metrics: Sequence[str], *, alone: bool) -> str:
    if alone and len(metrics) > _NAMED:
        return f"all {len(metrics)} metrics"
    more = f" and {len(metrics) - _NAMED} more" if len(metrics) > _NAMED else ""
    return ", ".join(metrics[:_NAMED]) + more


def _causes(suspects: Sequence[Any]) -> str:
    return ", ".join(dict.fromkeys(one.cause for one in suspects[:_REASONS]))


def files(changes: Sequence[FileChange]) -> Section:
    """The artifacts that differ, each with what differs within."""
    if not changes:
        return Section("")
    names = [clip(line(one.path), LONGEST) for one in changes]
    width = max(map(columns, names))
    lines: list[Cell] = []
    for one, name in zip(changes, names, strict=True):
        style = ADDED if one.before is None else REMOVED if one.after is None else CHANGED
        sides = " → ".join(
            "none" if side is None else f"{figures.size(side.size)} ({line(side.sha256[:8])})"
            for side in (one.before, one.after)
        )
        lines.append(Cell(f"{name}{' ' * (width - columns(name))}  {sides}", style))
        lines += [Cell(f"  {line(note)}", DIM) for note in one.notes]
        lines += [Cell(f"  and {one.more} more", DIM)] if one.more else []
    return Section("Artifacts", lines=tuple(lines))


def output(found: Sequence[Differences]) -> Iterator[Section]:
    """The first lines of output that differ."""
    for place, one in enumerate(found):
        if one.output is not None:
            title = "Output" if len(found) == 1 else f"Output, A and {_LETTERS[(place + 1) % 26]}"
            yield Section(title, lines=tuple(_output(one.output)))


def _output(found: OutputDiff) -> Iterator[Cell]:
    if found.missing is not None:
        yield Cell(found.missing, DIM)
        return
    count = "1 line differs" if found.differing == 1 else f"{found.differing} lines differ"
    yield Cell(f"{count}, from line {found.line} on", DIM)
    yield from (Cell(f"- {text}", REMOVED) for text in found.before)
    yield from (Cell(f"+ {text}", ADDED) for text in found.after)


def code(found: Sequence[Differences]) -> Iterator[Section]:
    """The files of the code that differ, in one line a diff; the patch comes from Git."""
    for place, one in enumerate(found):
        if not one.code_differs:
            continue
        section = diff_page.code_line(one.records)
        title = "Code" if len(found) == 1 else f"Code, A and {_LETTERS[(place + 1) % 26]}"
        count = f", {summary(one.code)}" if one.code is not None else ""
        text = section.lines[0].text if section.lines else "differs"
        yield Section(title, lines=(Cell(f"{text}{count}"),))


def summary(changed: Sequence[ChangedFile]) -> str:
    """`3 files, +41 -6`."""
    added, removed = (sum(getattr(one, name) or 0 for one in changed) for name in ("added", "removed"))
    return f"{len(changed)} file{'' if len(changed) == 1 else 's'}, +{added} -{removed}"


def _many(found: Sequence[Differences]) -> Iterator[Section]:
    runs = [found[0].before, *(one.after for one in found)]
    yield diff_page.heads([(_LETTERS[place % 26], run) for place, run in enumerate(runs)])
    for name in diff_page.ORDER:
        by_key = [{one.key: one for one in item.records.sections.get(name, ())} for item in found]
        keys = list(dict.fromkeys(key for column in by_key for key in column))
        if keys:
            yield Section(diff_page.titled(name), _side_by_side(name, keys, by_key), header=True)
    for place, one in enumerate(found):
        section = reasons(one)
        if section.title:
            letter = _LETTERS[(place + 1) % 26]
            yield Section(f"May be why, A and {letter}", lines=section.lines)
    yield from output(found)
    yield from code(found)


def _side_by_side(name: str, keys: Sequence[str], by_key: Sequence[dict[str, Change]]) -> Table:
    """One column a run; `=` is what the first has."""
    first = [next(column[key] for column in by_key if key in column) for key in keys]
    numeric = name == "metrics"
    base = [Cell(_text(name, one.key, one.before)) for one in first]
    drawn = [
        Column("", [Cell(diff_page.name_of(one), KEY) for one in first]),
        Column("A", base, right=numeric, wrap=not numeric),
    ]
    for place, column in enumerate(by_key):
        cells = [_cell(name, column.get(key)) for key in keys]
        letter = _LETTERS[(place + 1) % 26]
        drawn.append(Column(letter, cells, right=numeric, rank=place + 1, wrap=not numeric))
    return Table(tuple(drawn))


def _cell(name: str, change: Change | None) -> Cell:
    if change is None or not change.differs:
        return Cell("=", DIM)
    if change.after is ABSENT:
        return Cell("none", REMOVED)
    text = _text(name, change.key, change.after)
    if name == "metrics":
        share = diff_page.percent(change)
        style = {True: BETTER, False: WORSE, None: ""}[change.better]
        return Cell(f"{text} ({share})" if share else text, style)
    return Cell(text, ADDED if change.before is ABSENT else "")


def _text(name: str, key: str, value: Any) -> str:  # noqa: ANN401  a JSON value
    if name == "metrics":
        return diff_page.number(value)
    return diff_page.digest(key, value) if name in {"inputs", "artifacts"} else diff_page.shown(key, value)
