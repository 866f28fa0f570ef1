"""The document of a diff of runs; pure. What came of it stands first, then what may have changed it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gittrack.core.ids import is_run_id
from gittrack.report import difference_tables as tables
from gittrack.report import numbers
from gittrack.report.document import Cell, Column, Command, Document, Items, Patch, Section, Span, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.core.records import Run
    from gittrack.query.changes.code import ChangedFile
    from gittrack.query.changes.files import FileChange, FileSide
    from gittrack.query.changes.whole import Differences
    from gittrack.report.document import Block, Pictures, Tone

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REASONS = 4
_NAMED = 3
_FILES = 200


def document(
    found: Sequence[Differences],
    *,
    pictures: Sequence[Pictures] = (),
    patches: Sequence[Sequence[Patch] | str] = (),
    notes: Sequence[str] = (),
) -> Document:
    """The page of one diff, or of several that share their first run.

    Args:
        found: at least one.
        pictures: the images that differ.
        patches: of each diff the changes of its code, or why they are not there; empty where nobody asked.
        notes: how runs were found.
    """
    names = names_of(found)
    every = (
        _heads(found, names),
        tables.metrics(found, names),
        *_reasons(found, names),
        *tables.records(found, names, ("params",)),
        Section("images", tables.counted("Images", len(pictures)), tuple(pictures)) if pictures else None,
        *_files(found, names),
        *_code(found, names, patches),
        *tables.records(found, names, ("command", "inputs", "packages", "environment", "tags", "run")),
        *_output(found, names),
        Section("again", "Again", (Command(_command(found)),)),
    )
    subtitle = (Span(" · ".join(notes), tone="dim"),) if notes else ()
    return Document("diff", "", headline(found), subtitle, tuple(one for one in every if one is not None))


def names_of(found: Sequence[Differences]) -> tuple[str, ...]:
    """What the runs are called on the page; with a letter before where there are more than two."""
    runs = _runs(found)
    names = [run.name or run.id for run in runs]
    if len(set(names)) < len(names):
        names = [" ".join(dict.fromkeys(one for one in (run.name, run.id) if one)) for run in runs]
    if len(found) == 1:
        return tuple(names)
    return tuple(f"{_LETTERS[place % 26]} {name}" for place, name in enumerate(names))


def headline(found: Sequence[Differences]) -> str:
    """Which runs, and what came of it in a few words."""
    names = [run.name or run.id for run in _runs(found)]
    if len(found) > 1:
        return f"{len(names) - 1} runs against {names[0]}"
    return f"{names[1]} against {names[0]}: {_told(found[0])}"


def _runs(found: Sequence[Differences]) -> list[Run]:
    return [found[0].before, *(one.after for one in found)]


def _told(one: Differences) -> str:
    sections = one.records.differing().sections
    outcomes = [change.better for change in sections.get("metrics", ())]
    if outcomes:
        counts = ((outcomes.count(better), word) for better, word in ((True, "better"), (False, "worse")))
        told = [(count, word) for count, word in (*counts, (outcomes.count(None), "changed")) if count]
        (first, word), *rest = told
        noun = "metric" if first == 1 else "metrics"
        return ", ".join([f"{first} {noun} {word}", *(f"{count} {word}" for count, word in rest)])
    parts = [tables.titled(name).lower() for name in sections]
    parts += ["code"] * one.code_differs + ["output"] * (one.output is not None)
    parts += ["artifacts"] * (bool(one.files) and "artifacts" not in parts)
    return (
        f"{', '.join(parts)} differ{'s' if parts in (['code'], ['output']) else ''}"
        if parts
        else "no difference"
    )


def _heads(found: Sequence[Differences], names: Sequence[str]) -> Section:
    titles = ("", "run", "experiment", "status", "started (UTC)", "duration", "host")
    rows = [_head(run, name) for run, name in zip(_runs(found), names, strict=True)]
    told = [place for place in range(len(titles)) if any(row[place].line[0].text for row in rows)]
    columns = tuple(Column(titles[place], right=titles[place] == "duration") for place in told)
    table = Table(
        "The runs", columns, tuple(tuple(row[place] for place in told) for row in rows), keep=len(rows)
    )
    return Section("runs", "", (table,), essential=True)


def _head(run: Run, name: str) -> tuple[Cell, ...]:
    real = is_run_id(run.id)  # what would run now has not started
    tone: Tone = "bad" if run.status not in {"finished", "running", "queued"} else ""
    took = run.duration_ms if real else None
    return (
        Cell((Span(name, "strong"),)),
        Cell((Span(run.id, "code"),)),
        Cell((Span(run.experiment),)),
        Cell((Span(run.status if real else "", tone=tone),)),
        Cell((Span(numbers.when(run.start_time) if real else "now"),), run.start_time),
        Cell((Span(numbers.duration(took) if took is not None else ""),), took),
        Cell((Span(run.host or ""),)),
    )


def _reasons(found: Sequence[Differences], names: Sequence[str]) -> Iterator[Section]:
    for place, one in enumerate(found):
        blocks: list[Block] = []
        for reason in one.reasons:
            looks = {"rounding": ", by next to nothing", "speed": ", of speed"}.get(reason.looks, "")
            more = f" and {len(reason.metrics) - _NAMED} more" if len(reason.metrics) > _NAMED else ""
            blocks.append(Text((Span(f"{', '.join(reason.metrics[:_NAMED])}{more}{looks}", "strong"),)))
            blocks.append(Items(tuple((Span(each.text),) for each in reason.suspects[:_REASONS])))
        if blocks:
            yield Section(
                _name("why", found, place), _whose("May be why", found, names, place), tuple(blocks)
            )


def _whose(title: str, found: Sequence[Differences], names: Sequence[str], place: int) -> str:
    return title if len(found) == 1 else f"{title}: {names[place + 1]}"


def _name(name: str, found: Sequence[Differences], place: int) -> str:
    return name if len(found) == 1 else f"{name}-{_LETTERS[(place + 1) % 26].lower()}{place // 25 or ''}"


def _code(
    found: Sequence[Differences], names: Sequence[str], patches: Sequence[Sequence[Patch] | str]
) -> Iterator[Section]:
    for place, one in enumerate(found):
        if not one.code_differs:
            continue
        shown = patches[place] if patches else ()
        blocks: list[Block] = []
        title = _whose("Code", found, names, place)
        if one.code is not None:
            added, removed = (
                sum(getattr(each, side) or 0 for each in one.code) for side in ("added", "removed")
            )
            count = f"{len(one.code):,} file{'' if len(one.code) == 1 else 's'}"
            title += f" ({count}, +{added:,} −{removed:,})"
            blocks += _changed(one.code) if len(one.code) > 1 or not shown else []
        blocks += [Text((Span(shown, tone="warn"),))] if isinstance(shown, str) else shown
        yield Section(_name("code", found, place), title, tuple(blocks))


def _changed(code: Sequence[ChangedFile]) -> list[Block]:
    columns = (Column("file"), Column("added", right=True), Column("removed", right=True))
    rows = tuple(
        (
            Cell((Span(f"{one.before} → {one.path}" if one.before else one.path),)),
            Cell((Span("binary" if one.added is None else f"+{one.added:,}"),), one.added),
            Cell((Span("" if one.removed is None else f"−{one.removed:,}"),), one.removed),
        )
        for one in code[:_FILES]
    )
    more = len(code) - len(rows)
    told: list[Block] = [Text((Span(f"{more:,} more files are not listed.", tone="dim"),))] if more else []
    return [Table("Files", columns, rows), *told]


def _files(found: Sequence[Differences], names: Sequence[str]) -> Iterator[Section]:
    for place, one in enumerate(found):
        if not one.files:
            continue
        sides = (Column(names[0], right=True), Column(names[place + 1], right=True))
        title = tables.counted(_whose("Artifacts", found, names, place), len(one.files))
        rows = tuple((Cell((Span(each.path),)), _side(each.before), _side(each.after)) for each in one.files)
        blocks: list[Block] = [Table("Artifacts", (Column("artifact"), *sides), rows)]
        for each in one.files:
            blocks += _within(each)
        yield Section(_name("artifacts", found, place), title, tuple(blocks))


def _within(one: FileChange) -> Iterator[Block]:
    """What differs in the numbers of a file; images are shown."""
    if one.kind == "numbers" and one.notes:
        yield Text((Span(one.path, "strong"),))
        more = ((Span(f"and {one.more:,} more", tone="dim"),),) if one.more else ()
        yield Items((*((Span(note),) for note in one.notes), *more))


def _side(side: FileSide | None) -> Cell:
    if side is None:
        return Cell((Span("none", tone="dim"),), -1)
    return Cell((Span(f"{numbers.size(side.size)} "), Span(side.sha256[:8], "code")), side.size)


def _output(found: Sequence[Differences], names: Sequence[str]) -> Iterator[Section]:
    for place, one in enumerate(found):
        if one.output is None:
            continue
        block: Block = Text((Span(one.output.missing or "", tone="dim"),))
        if one.output.missing is None:
            count = one.output.differing
            told = "1 line differs" if count == 1 else f"{count:,} lines differ"
            lines = [f"-{text}" for text in one.output.before] + [f"+{text}" for text in one.output.after]
            block = Patch(f"output.log: {told}, from line {one.output.line} on", "\n".join(lines))
        yield Section(_name("output", found, place), _whose("Output", found, names, place), (block,))


def _command(found: Sequence[Differences]) -> str:
    words = [one.id if is_run_id(one.id) else "." for one in _runs(found)]
    return shlex.join(["gittrack", "diff", *words])
