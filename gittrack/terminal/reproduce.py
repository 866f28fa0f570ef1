"""A reproduction as a page; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.page import Section, facts
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import BETTER, CHANGED, DIM, KEY, TITLE, WORSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.launch.reproduction.values import Preparation
    from gittrack.query.verdict.judge import Verdict
    from gittrack.query.verdict.values import ArtifactResult, MetricResult, Suspect

_STYLES = {
    "identical": BETTER,
    "within tolerance": BETTER,
    "statistically consistent": BETTER,
    "differs": WORSE,
    "failed": WORSE,
    "not comparable": CHANGED,
    "unknown": CHANGED,
}
_SUSPECTS = 5
_DETAILS = 5


def page(verdict: Verdict) -> list[Section]:
    """The page of a verdict: what it is, what was compared, why it may differ."""
    return [
        _head(verdict),
        _metrics(verdict.metrics),
        _artifacts(verdict.artifacts),
        _suspects(verdict.suspects),
    ]


def section(verdict: Verdict) -> Section:
    """The verdict on the page of its run: what differs and the first suspect."""
    by = f", reproduced by {', '.join(verdict.repeats)}" if verdict.repeats else ""
    lines = [Cell(f"{verdict.level}{by}", _STYLES[verdict.level]), *map(Cell, verdict.reasons)]
    apart = [(one.name, divergence(one) or one.outcome) for one in verdict.metrics if _counts(one)]
    apart += [(one.path, one.note or one.outcome) for one in verdict.artifacts if _counts(one)]
    lines += [Cell(f"{name}: {text}") for name, text in apart[:_DETAILS]]
    lines += [Cell(f"{len(apart) - _DETAILS} more differ", DIM)] if len(apart) > _DETAILS else []
    lines += [Cell(f"suspect: {one.text}") for one in verdict.suspects[:1]]
    lines.append(Cell(f"gittrack reproduce {verdict.original} --show  says all", DIM))
    return Section("Verdict", lines=tuple(lines))


def _counts(one: MetricResult | ArtifactResult) -> bool:
    return one.gate and one.outcome != "identical"


def headline(verdict: Verdict) -> str:
    """The verdict in one line: `20261124-034313-abcdefgh reproduced by 20261124-…: identical`."""
    by = f" reproduced by {', '.join(verdict.repeats)}" if verdict.repeats else ""
    return f"{verdict.original}{by}: {verdict.level}"


def _head(verdict: Verdict) -> Section:
    lines = [Cell(headline(verdict), f"{TITLE} {_STYLES[verdict.level]}")]
    lines += [Cell(text) for text in verdict.reasons]
    if verdict.unsteady:
        lines.append(Cell(f"runs of one fingerprint disagree in {', '.join(verdict.unsteady)}", CHANGED))
    return Section("", lines=tuple(lines))


def _metrics(results: Sequence[MetricResult]) -> Section:
    shown = sorted(
        (one for one in results if one.gate or not one.key.startswith("system/")),
        key=lambda one: not one.gate,
    )
    table = Table(
        (
            Column("metric", [Cell(one.name, KEY) for one in shown]),
            Column("original", [Cell(_number(one.before)) for one in shown], right=True),
            Column("repeat", [Cell(", ".join(map(_number, one.after))) for one in shown], right=True),
            Column("tolerance", [Cell(_tolerance(one), DIM) for one in shown], rank=1),
            Column("verdict", [Cell(_word(one), _style(one)) for one in shown]),
            Column("first divergence", [Cell(divergence(one), DIM) for one in shown], rank=2),
        )
    )
    return Section("Metrics", table, header=True)


def _artifacts(results: Sequence[ArtifactResult]) -> Section:
    table = Table(
        (
            Column("artifact", [Cell(one.path, KEY) for one in results]),
            Column("verdict", [Cell(_word(one), _style(one)) for one in results]),
            Column("", [Cell(one.note, DIM) for one in results], wrap=True),
        )
    )
    return Section("Artifacts", table, header=True)


def _suspects(suspects: Sequence[Suspect]) -> Section:
    lines: list[Cell] = []
    for number, one in enumerate(suspects[:_SUSPECTS], 1):
        lines.append(Cell(f"{number}. {one.text}", TITLE if number == 1 else ""))
        lines += [Cell(f"   {text}", DIM) for text in one.details[:_DETAILS]]
        more = len(one.details) - _DETAILS
        lines += [Cell(f"   … and {more} more", DIM)] if more > 0 else []
    return Section("Suspects", lines=tuple(lines))


def divergence(one: MetricResult) -> str:
    """Where a series parts from the original's: `step 3: 0.5 → 0.6, by 0.1`."""
    first = one.first
    if first is None:
        return ""
    if first.delta is None:
        only = "the original" if first.after is None else "the repeat"
        return f"step {first.step}: only in {only}"
    by = figures.signed(first.delta, 4)
    return f"step {first.step}: {_number(first.before)} → {_number(first.after)}, by {by}"


def _tolerance(one: MetricResult) -> str:
    if one.interval is not None:
        found = one.interval
        return f"{figures.number(found.low, 6)} … {figures.number(found.high, 6)} (n={found.count})"
    parts = [f"{name} {value:g}" for name, value in (("atol", one.atol), ("rtol", one.rtol)) if value]
    return ", ".join(parts)


def _word(one: MetricResult | ArtifactResult) -> str:
    return one.outcome if one.gate else f"{one.outcome}, does not count"


def _style(one: MetricResult | ArtifactResult) -> str:
    return _STYLES[one.outcome] if one.gate else DIM


def _number(value: float | None) -> str:
    return "" if value is None else figures.number(value, 6)


def plan_page(preparation: Preparation) -> list[Section]:
    """What would be done, and what is missing."""
    run, choice = preparation.run, preparation.environment
    pairs = [
        ("run", run.id + (f" ({run.name})" if run.name else "")),
        ("code", f"commit {preparation.commit[:12]}" if preparation.commit else ""),
        ("folder", run.source.directory or ""),
        ("command", shlex.join(run.command)),
        ("environment", f"{choice.kind}: {choice.reason}" if choice is not None else ""),
        ("variables", " ".join(f"{name}={value}" for name, value in preparation.variables.items())),
        ("unset", " ".join(preparation.unset)),
        *(
            (f"input {one.used.name}", f"{one.state}{': ' if one.note else ''}{one.note}")
            for one in preparation.inputs
        ),
    ]
    return [
        facts("", pairs),
        Section("Notes", lines=tuple(Cell(text) for text in preparation.notes)),
        Section("Missing", lines=tuple(Cell(text, WORSE) for text in preparation.missing)),
    ]
