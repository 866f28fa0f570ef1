"""The sections of a report besides the metrics; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gittrack.query.review.changes import text_of
from gittrack.query.review.seeds import is_seed
from gittrack.report import numbers
from gittrack.report.document import Cell, Column, Items, Section, Span, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.core.records import Run
    from gittrack.query.review.review import Review
    from gittrack.query.review.values import Change, CodeChange, GateResult
    from gittrack.report.document import Line, Tone

KEPT = 10
"""Failed gates and warnings that never fall away."""
_VALUES = 3  # of a param that are told
_FILES = 50
_NOTES = 20
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_STATES: dict[str, tuple[str, Tone]] = {
    "failed": ("❌ failed", "bad"),
    "undecided": ("? undecided", "warn"),
    "passed": ("✅ passed", "good"),
}


def failures(review: Review) -> Section | None:
    """The gates that do not hold."""
    if not review.failed:
        return None
    lines = tuple(
        (Span("Gate failed: ", "strong", "bad"), Span(gate.text, "code"), Span(f": {gate.reason}"))
        for gate in review.failed
    )
    return Section("failures", "", (Items(lines, KEPT),), essential=True)


def warnings(review: Review) -> Section | None:
    """What a reader must know before any number."""
    if not review.warnings:
        return None
    lines = tuple(
        (Span(f"⚠️ {one.title}: " if one.invalidates else f"{one.title}: ", "strong", "warn"), Span(one.text))
        for one in review.warnings
    )
    return Section("warnings", "", (Items(lines, KEPT),), essential=True)


def changes(review: Review) -> Iterator[Section]:
    """Params, code, environment, data and artifacts, as far as they differ."""
    if review.params:
        yield Section("params", f"Params changed ({len(review.params)})", (_changes(review.params, "param"),))
    if review.code is not None:
        yield _code(review.code)
    titles = (
        ("environment", "Environment changed", review.environment, "what"),
        ("data", "Data changed", review.data, "input"),
        ("artifacts", "Artifacts changed", review.artifacts, "artifact"),
    )
    for name, title, rows, column in titles:
        if rows:
            yield Section(name, f"{title} ({len(rows)})", (_changes(rows, column),))


def gates(review: Review) -> Section | None:
    """Every gate."""
    if not review.gates:
        return None
    columns = (Column("gate"), Column("outcome"), Column("because"))
    rows = tuple(_gate(one) for one in review.gates)
    return Section("gates", f"All gates ({len(rows)})", (Table("Gates", columns, rows),), folded=True)


def runs(review: Review) -> Section:
    """The runs of both sides, the newest first."""
    columns = (
        Column("run"),
        Column("side"),
        Column("name"),
        Column("seed"),
        Column("status"),
        Column("started (UTC)"),
        Column("duration", right=True),
        Column("host"),
    )
    sides = [(run, "new") for run in review.head.runs]
    sides += [(run, "baseline") for run in review.base.runs] if review.base else []
    rows = tuple(_run(run, side) for run, side in sides)
    left_out = {**review.head.left_out, **(review.base.left_out if review.base else {})}
    table = Table("Runs", columns, rows)
    more = (_left_out(left_out),) if left_out else ()
    return Section("runs", f"Runs ({len(rows):,})", (table, *more), folded=True)


def notes(review: Review) -> Section | None:
    """What people wrote on the new runs."""
    noted = [run for run in review.head.runs if run.note.strip()]
    if not noted:
        return None
    blocks = []
    for run in noted[:_NOTES]:
        blocks.append(Text((Span(run.id, "code"), Span(f" {run.name}" if run.name else ""))))
        blocks.append(Text((Span(run.note.strip()),), quoted=True))
    return Section("notes", f"Notes ({len(noted)})", tuple(blocks), folded=True)


def _changes(rows: Sequence[Change], column: str) -> Table:
    columns = (Column(column), Column("baseline"), Column("new"))
    cells = tuple(
        (Cell((Span(one.key),)), Cell(_values(one.before)), Cell(_values(one.after))) for one in rows
    )
    return Table(f"{column} before and after", columns, cells)


def _values(texts: Sequence[str]) -> Line:
    if not texts:
        return (Span(numbers.NONE, tone="dim"),)
    spans: list[Span] = []
    for number, text in enumerate(texts[:_VALUES]):
        spans += [Span(", ")] if number else []
        spans.append(Span(f"sha256:{text[:12]}…" if _DIGEST.fullmatch(text) else text, "code"))
    more = len(texts) - _VALUES
    return (*spans, Span(f" and {more} more", tone="dim")) if more > 0 else tuple(spans)


def _code(code: CodeChange) -> Section:
    if code.missing:
        return Section("code", "Code", (Text((Span(code.missing, tone="warn"),)),))
    if not code.files:
        return Section("code", "Code", (Text((Span("The code is the same.", tone="dim"),)),))
    files = list(code.files.items())
    columns = (Column("file"), Column("added", right=True), Column("removed", right=True))
    rows = tuple(
        (
            Cell((Span(path),)),
            Cell((Span(f"+{lines[0]}" if lines else "binary"),), lines[0] if lines else None),
            Cell((Span(f"−{lines[1]}" if lines else ""),), lines[1] if lines else None),
        )
        for path, lines in files[:_FILES]
    )
    count = f"{len(files):,} file{'' if len(files) == 1 else 's'}"
    title = f"Code changed ({count}, +{code.added:,} −{code.removed:,})"
    span = f"{(code.before or '')[:10]}..{(code.after or '')[:10]}"
    lines = [Text((Span(span, "code"),))]
    if len(files) > _FILES:
        lines.append(Text((Span(f"{len(files) - _FILES:,} more files are not listed.", tone="dim"),)))
    return Section("code", title, (Table("Files", columns, rows), *lines))


def _gate(gate: GateResult) -> tuple[Cell, ...]:
    word, tone = _STATES[gate.status]
    return Cell((Span(gate.text, "code"),)), Cell((Span(word, tone=tone),)), Cell((Span(gate.reason),))


def _run(run: Run, side: str) -> tuple[Cell, ...]:
    tone: Tone = "" if run.status == "finished" else "bad"
    took = run.duration_ms
    return (
        Cell((Span(run.id, "code"),)),
        Cell((Span(side),)),
        Cell((Span(run.name),)),
        Cell((Span(_seed(run)),)),
        Cell((Span(run.status, tone=tone),)),
        Cell((Span(numbers.when(run.start_time)),), run.start_time),
        Cell((Span(numbers.duration(took) if took is not None else ""),), took),
        Cell((Span(run.host or ""),)),
    )


def _seed(run: Run) -> str:
    seeds = {name: text_of(run.params[name]) for name in sorted(run.params) if is_seed(name)}
    return next(iter(seeds.values())) if len(seeds) == 1 else ", ".join(f"{k}={v}" for k, v in seeds.items())


def _left_out(left_out: dict[str, str]) -> Text:
    counts: dict[str, int] = {}
    for reason in left_out.values():
        kind = reason.rpartition(" ")[0] if reason.startswith(("of the older", "the same seed")) else reason
        counts[kind] = counts.get(kind, 0) + 1
    told = "; ".join(f"{count:,} {kind}" for kind, count in counts.items())
    return Text((Span(f"Left out: {told}.", tone="dim"),))
