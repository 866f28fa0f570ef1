from __future__ import annotations

import pytest

from gittrack.core.errors import UsageError
from gittrack.tracking.metric_patterns import PatternLines


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        (r"acc=(?P<acc>[\d.]+)", "acc=0.9", (None, {"acc": 0.9})),
        (r"(?P<name>\w+)=(?P<value>[\d.]+)", "a=1 b=2", (None, {"a": 1.0, "b": 2.0})),
        (r"(?P<step>\d+): (?P<loss>\S+)", "7: 1e-3", (7, {"loss": 0.001})),
        (r"e(?P<epoch>\d+) (?P<loss>\S+)", "e3 0.5", (3, {"loss": 0.5})),
        (r"(?P<step>\S+) (?P<loss>\S+)", "0.5 0.5", (None, {"loss": 0.5})),
        (r"(?P<step>\S+) (?P<loss>\S+)", "inf 0.5", (None, {"loss": 0.5})),
        (r"n (?P<n>[\d,]+)", "n 1,234", (None, {"n": 1234.0})),
        (r"(?P<a>\w+) (?P<b>\d)?", "text ", (None, {})),
        (r"acc=(?P<acc>[\d.]+)", "nothing", (None, {})),
    ],
)
def test_pattern(pattern: str, line: str, expected: tuple[int | None, dict[str, float]]) -> None:
    """Named groups are metrics, `name` and `value` make one, `step` or `epoch` is the step."""
    assert tuple(PatternLines([pattern]).read(line)) == expected


def test_several() -> None:
    """All patterns look at a line."""
    assert PatternLines([r"a(?P<a>\d)", r"b(?P<b>\d)"]).read("a1 b2").metrics == {"a": 1.0, "b": 2.0}


@pytest.mark.parametrize("pattern", ["(", r"acc=([\d.]+)", r"(?P<step>\d+)", r"(?P<name>\w+)"])
def test_useless_pattern(pattern: str) -> None:
    """A pattern that is none, or names no value, is wrong usage with a hint."""
    with pytest.raises(UsageError) as caught:
        PatternLines([pattern])
    assert "(?P<acc>" in str(caught.value.hint)
