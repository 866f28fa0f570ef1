"""The document of a review; pure. The order is that of importance: what comes last falls away first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.report import sections
from gittrack.report.document import Chart, Command, Document, Section, Span, Text
from gittrack.report.metrics import metric_section, metric_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.curves import Curves
    from gittrack.query.review.review import Review
    from gittrack.query.review.values import Group
    from gittrack.report.document import Block, Line


def document(review: Review, curves: Sequence[Curves] = (), *, name: str = "default") -> Document:
    """The report of a review.

    Args:
        review: the values.
        curves: of its metrics, where they are to be drawn.
        name: tells several reports of one pull request apart.
    """
    every = [
        sections.failures(review),
        sections.warnings(review),
        metric_section(review),
        *sections.changes(review),
        _curves(curves),
        metric_table(review),
        sections.gates(review),
        sections.runs(review),
        sections.notes(review),
        _reproduce(review),
    ]
    return Document(
        name, review.level, review.headline, _subtitle(review), tuple(one for one in every if one)
    )


def _reproduce(review: Review) -> Section:
    told = f"Repeated: {review.verified}." if review.verified else "Not repeated yet."
    line = (Span(told, tone="" if review.verified else "dim"),)
    return Section("reproduce", "Reproduce", (Command(review.reproduce), Text(line)), essential=True)


def _subtitle(review: Review) -> Line:
    head = (Span(review.head.label, "code"), Span(f" ({_runs(review.head)})"))
    if review.base is None:
        return (*head, Span(f": {review.no_base}" if review.no_base else ""))
    base = review.base
    return (
        *head,
        Span(" against baseline "),
        Span(base.label, "code"),
        Span(f" ({_runs(base)}, {base.how})"),
    )


def _runs(group: Group) -> str:
    return f"{len(group.runs):,} run{'' if len(group.runs) == 1 else 's'}"


def _curves(curves: Sequence[Curves]) -> Section | None:
    if not curves:
        return None
    blocks: list[Block] = [Chart(one) for one in curves]
    note = next((one.of for one in curves if one.of), None)
    if note is not None:
        told = f"Drawn from at most 40 runs a side, evenly chosen of up to {note:,}."
        blocks.insert(0, Text((Span(told, tone="dim"),)))
    return Section("curves", "Curves", tuple(blocks), folded=True)
