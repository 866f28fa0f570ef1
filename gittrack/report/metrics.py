"""The tables of metrics in a report; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.review.metrics import of_machine
from gittrack.report import numbers
from gittrack.report.document import Cell, Column, Section, Span, Table, Text

if TYPE_CHECKING:
    from gittrack.query.review.review import Review
    from gittrack.query.review.rows import MetricRow, Side, Word
    from gittrack.report.document import Line, Tone

KEPT = 20
"""Rows of metrics that never fall away."""
_GOALS = {"max": "↑", "min": "↓", None: ""}
WORDS: dict[Word, tuple[str, str, Tone]] = {
    "worse": ("❌", "worse", "bad"),
    "better": ("✅", "better", "good"),
    "changed": ("🔵", "changed", ""),
    "same": ("", "same", "dim"),
    "~": ("~", "not significant", "dim"),
    "too few": ("?", "undecided", "dim"),
    "not comparable": ("⚠️", "not comparable", "warn"),
    "not a number": ("❌", "not a number", "bad"),
    "missing": ("❌", "missing", "bad"),
    "new": ("🆕", "new", "dim"),
}
"""Each verdict as a sign, in words, and what it means."""


def metric_section(review: Review) -> Section | None:
    """The metrics that matter: with a goal, required, or changed; all where that is not many."""
    required = {gate.metric for gate in review.gates}
    told = [
        row
        for row in review.metrics
        if row.goal is not None or row.key in required or row.word in {"changed", "not a number"}
    ]
    rows = told or [row for row in review.metrics if not of_machine(row.key)][:KEPT] or list(review.metrics)
    if not rows:
        return Section(
            "metrics", "Metrics", (Text((Span("No metric was logged.", tone="dim"),)),), essential=True
        )
    return Section("metrics", "Metrics", (_table(review, rows),), essential=True)


def metric_table(review: Review) -> Section | None:
    """Every metric, unless the section of those that matter has them all."""
    shown = metric_section(review)
    table = shown.blocks[0] if shown else None
    if not isinstance(table, Table) or len(table.rows) == len(review.metrics):
        return None
    title = f"All {len(review.metrics):,} metrics"
    return Section("all-metrics", title, (_table(review, list(review.metrics), keep=0),), folded=True)


def _table(review: Review, rows: list[MetricRow], keep: int = KEPT) -> Table:
    after = len(review.head.runs)
    if review.base is None:
        values = (Column("metric"), Column("goal"), Column(f"value (n={after})", right=True))
        cells = tuple((_name(row), _goal(row), _value(row.after, after)) for row in rows)
        return Table("Metrics", values, cells, keep)
    before = len(review.base.runs)
    columns = (
        Column("metric"),
        Column("goal"),
        Column(f"baseline (n={before})", right=True),
        Column(f"new (n={after})", right=True),
        Column("Δ", right=True),
        Column("Δ %", right=True),
        Column("verdict"),
    )
    table = tuple(
        (
            _name(row),
            _goal(row),
            _value(row.before, before),
            _value(row.after, after),
            Cell(_delta(row), row.delta),
            Cell((Span(numbers.percent(row.ratio)),) if row.ratio is not None else (), row.ratio),
            _verdict(row),
        )
        for row in rows
    )
    return Table("Metrics of the baseline and of the new runs", columns, table, keep)


def _name(row: MetricRow) -> Cell:
    return Cell((Span(row.key, "strong" if row.goal is not None and row.gate else ""),))


def _goal(row: MetricRow) -> Cell:
    return Cell((Span(_GOALS[row.goal]),) if row.goal else ())


def _value(side: Side, runs: int) -> Cell:
    """Mean and deviation, and the number of values where not every run has one."""
    if side.mean is None:
        return Cell((Span("NaN", tone="bad"),) if side.unfit else (Span(numbers.NONE, tone="dim"),))
    text = numbers.measured(side.mean, side.deviation)
    count = (Span(f" (n={side.count})", tone="dim"),) if side.count != runs else ()
    return Cell((Span(text), *count), side.mean)


def _delta(row: MetricRow) -> Line:
    if row.delta is None:
        return ()
    tone: Tone = {"worse": "bad", "better": "good"}.get(row.word, "")  # type: ignore[assignment]  # two tones
    spreads = [one.deviation for one in (row.before, row.after) if one.deviation]
    return (Span(numbers.difference(row.delta, min(spreads, default=None)), tone=tone),)


def _verdict(row: MetricRow) -> Cell:
    sign, word, tone = WORDS[row.word]
    parts = [row.why] if row.why else []
    if row.goal is not None and not row.gate:
        parts.append("informational")
    details = (Span(f" ({', '.join(parts)})", tone="dim"),) if parts else ()
    return Cell((Span(f"{sign} {word}".strip(), tone=tone), *details))
