"""Metrics in lines of output by the user's own regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gittrack.core.errors import UsageError
from gittrack.tracking.metric_lines import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = ("step", "epoch")


class PatternLines:
    """Reads lines with regular expressions.

    Groups `name` and `value` give one metric; any other named group is a metric of that name. A group
    `step` (or `epoch`) gives the step. A pattern is looked for as often as it occurs in a line.

    Args:
        patterns: in Python's syntax. A pattern that takes for ever is not stopped.

    Raises:
        UsageError: one is no regular expression, or names nothing.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [compiled(pattern) for pattern in patterns]

    def read(self, line: str) -> Found:
        """The metrics in a line, without its end."""
        step: int | None = None
        metrics: dict[str, float] = {}
        for pattern in self._patterns:
            for match in pattern.finditer(line):
                groups = {name: text for name, text in match.groupdict().items() if text is not None}
                for name in _STEPS:
                    number = _number(groups.pop(name, ""))
                    if step is None and number is not None and number.is_integer():
                        step = int(number)
                if "value" in groups and "name" in groups:
                    groups[groups.pop("name").strip()] = groups.pop("value")
                numbers = {name: _number(text) for name, text in groups.items() if name}
                metrics |= {name: number for name, number in numbers.items() if number is not None}
        return Found(step, metrics)


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that names what it finds.

    Raises:
        UsageError: it is no regular expression, or has no group for a value.
    """
    try:
        found = re.compile(pattern)
    except re.error as error:
        msg = f"not a regular expression: {pattern} ({error})"
        raise UsageError(msg, hint=r"for example: 'acc=(?P<acc>[\d.]+)'") from error
    if not set(found.groupindex) - {*_STEPS, "name"}:
        msg = f"the pattern names no value: {pattern}"
        raise UsageError(msg, hint=r"name one: '(?P<acc>[\d.]+)', or '(?P<name>\w+)=(?P<value>[\d.]+)'")
    return found


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
