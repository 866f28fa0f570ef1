"""A review as JUnit XML, which GitHub, GitLab and Jenkins show: a test case a gate and a metric; pure.

A gate that does not hold is a failure, one that cannot be decided is skipped. Metrics without a gate are
told as cases that pass or are skipped, so that a reader finds every number. No baseline is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.report.escape import xml
from gittrack.report.numbers import measured, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.query.review.review import Review
    from gittrack.query.review.rows import MetricRow
    from gittrack.query.review.values import GateResult


def junit_of(review: Review) -> str:
    """The XML; ends with a newline."""
    cases = [*_baseline(review), *map(_gate, review.gates), *map(_metric, review.metrics)]
    counts = " ".join(
        f'{name}="{sum(f"<{element} " in one for one in cases)}"'
        for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    )
    head = f'<testsuite name="{xml(f"gittrack {review.head.label}")}" tests="{len(cases)}" {counts}>'
    lines = ('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head, *cases)
    return "\n".join((*lines, "</testsuite>", "</testsuites>", ""))


def _baseline(review: Review) -> Iterator[str]:
    if review.base is None:
        yield _case("review", "baseline", f'<error message="no baseline">{xml(review.no_base)}</error>')
    for warning in review.warnings:
        if warning.invalidates:
            yield _case(
                "review", warning.title, f'<skipped message="{xml(f"{warning.title}: {warning.text}")}"/>'
            )


def _gate(gate: GateResult) -> str:
    inside = ""
    if gate.status == "failed":
        inside = f'<failure message="{xml(gate.reason)}">{xml(f"{gate.text}: {gate.reason}")}</failure>'
    elif gate.status == "undecided":
        inside = f'<skipped message="{xml(f"undecided: {gate.reason}")}"/>'
    return _case("gates", gate.text, inside)


def _metric(row: MetricRow) -> str:
    told = ", ".join(
        part for part in (f"{row.word}{f' ({row.why})' if row.why else ''}", _values(row)) if part
    )
    return _case("metrics", row.key, f"<system-out>{xml(told)}</system-out>")


def _values(row: MetricRow) -> str:
    sides = [
        f"{measured(side.mean, side.deviation)} (n={side.count})" if side.mean is not None else "none"
        for side in (row.before, row.after)
    ]
    ratio = f", {percent(row.ratio)}" if row.ratio is not None else ""
    return f"{' → '.join(sides)}{ratio}"


def _case(group: str, name: str, inside: str) -> str:
    head = f'<testcase classname="gittrack.{group}" name="{xml(name, 300)}"'
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"
