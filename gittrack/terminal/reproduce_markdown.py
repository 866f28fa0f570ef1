"""A reproduction as Markdown for a summary of CI; pure. Text of runs is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.escape import markdown
from gittrack.terminal.reproduce import divergence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.reproduction.values import Reproduction
    from gittrack.query.verdict.judge import Verdict

_MARKS = {"identical": "✅", "within tolerance": "✅", "statistically consistent": "✅"}
_ROWS = 200
_LARGEST = 60_000
"""Characters: a GitHub comment takes 65,536, a step summary a mebibyte (and is dropped beyond)."""


def markdown_of(found: Reproduction) -> str:
    """The summary, at most 60,000 characters; what is beyond is left out, and said so."""
    lines: list[str] = []
    size = 0
    for line in _lines(found):
        size += len(line) + 1
        if size > _LARGEST:
            lines += ["", "… the rest is left out."]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _lines(found: Reproduction) -> Iterator[str]:
    verdict = found.verdict
    yield f"### {_MARKS.get(verdict.level, '❌')} Reproduction: {verdict.level}"
    yield ""
    by = f", repeated as {', '.join(f'`{one}`' for one in verdict.repeats)}" if verdict.repeats else ""
    yield f"Run `{verdict.original}` {markdown(found.original.name)}{by}".rstrip()
    for text in verdict.reasons:
        yield f"- {markdown(text)}"
    yield from _suspects(verdict)
    yield from _metrics(verdict)
    yield from _artifacts(verdict)
    environment = found.preparation.environment
    if environment is not None:
        yield ""
        yield f"Environment: {environment.kind}, {markdown(environment.reason)}"


def _suspects(verdict: Verdict) -> Iterator[str]:
    if verdict.suspects:
        yield ""
        yield "**Suspects**"
        yield ""
    for number, one in enumerate(verdict.suspects, 1):
        yield f"{number}. {markdown(one.text)}"


def _metrics(verdict: Verdict) -> Iterator[str]:
    shown = [one for one in verdict.metrics if one.gate]
    if shown:
        yield ""
        yield "| metric | original | repeat | verdict | first divergence |"
        yield "|---|--:|--:|---|---|"
    for one in shown[:_ROWS]:
        after = ", ".join(_number(value) for value in one.after)
        cells = (markdown(one.name), _number(one.before), after, one.outcome, markdown(divergence(one)))
        yield f"| {' | '.join(cells)} |"


def _artifacts(verdict: Verdict) -> Iterator[str]:
    shown = [one for one in verdict.artifacts if one.gate]
    if shown:
        yield ""
        yield "| artifact | verdict | |"
        yield "|---|---|---|"
    for one in shown[:_ROWS]:
        yield f"| {markdown(one.path)} | {one.outcome} | {markdown(one.note)} |"


def _number(value: float | None) -> str:
    return "" if value is None else figures.number(value, 6)
