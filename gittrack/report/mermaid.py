"""Curves in Markdown: Mermaid's chart, which hosts draw without an image, and bars of text besides; pure.

Mermaid has no legend and no room for many points, and its own first colour cannot be seen on white. So the
lines have colours that can be seen on light and on dark ground, and the bars of text below have squares of
the same colours; the title tells which line is which, too.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from gittrack.report.escape import markdown_line
from gittrack.report.numbers import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.review.curves import Band, Curves

POINTS = 40
SQUARES = "🟦🟧🟩🟪🟫🟥🟨"
"""One a line, in its colour."""
_PALETTE = "#3b82f6,#f97316,#22a355,#a855f7,#a0522d,#ef4444,#d4a900"
_THEME = f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{_PALETTE}"}}}}}}}}%%'
_BARS = "▁▂▃▄▅▆▇█"
_SMALLEST, _LARGEST = 1e-6, 1e9  # Mermaid reads plain decimals only


def chart(curves: Curves, *, drawn: bool = True) -> str:
    """The chart of a metric and, for those who see none, each curve as bars with its last value."""
    lines = [f"{markdown_line(curves.key)}\n\n"]
    grid = _grid(curves.bands)
    if drawn and grid is not None:
        lines.append(_mermaid(curves, *grid))
    for place, band in enumerate(curves.bands):
        square = f"{SQUARES[place]} " if drawn and grid is not None and len(curves.bands) > 1 else ""
        bars = "".join(bar(value, band.means) for value in resampled(band, band.steps[0], band.steps[-1], 30))
        told = f"{markdown_line(band.label, 80)} (n={band.runs}): {bars} {number(band.means[-1])}"
        lines.append(f"- {square}{told}\n")
    return "".join(lines) + "\n"


def resampled(band: Band, start: float, stop: float, count: int) -> list[float]:
    """The mean at `count` places from start to stop, straight lines between the points."""
    if count < 2 or len(band.steps) == 1 or start == stop:  # noqa: PLR2004  one place has no distance
        return [band.means[-1]]
    found, at = [], 0
    for place in range(count):
        step = start + (stop - start) * place / (count - 1)
        while at < len(band.steps) - 2 and band.steps[at + 1] < step:
            at += 1
        left, right = band.steps[at], band.steps[at + 1]
        share = min(1.0, max(0.0, (step - left) / (right - left)))
        found.append(band.means[at] * (1 - share) + band.means[at + 1] * share)
    return found


def _grid(bands: Sequence[Band]) -> tuple[float, float] | None:
    """The steps that all curves share, None where Mermaid cannot draw them."""
    start = max(band.steps[0] for band in bands)
    stop = min(band.steps[-1] for band in bands)
    values = [value for band in bands for value in band.means]
    return (start, stop) if start < stop and drawable(values, stop) else None


def drawable(values: Sequence[float], stop: float) -> bool:
    """Whether Mermaid can draw such values up to such an x: it reads plain decimals only."""
    sizes = [abs(value) for value in values if value]
    return (not sizes or (min(sizes) >= _SMALLEST and max(sizes) <= _LARGEST)) and abs(stop) < _LARGEST


def _mermaid(curves: Curves, start: float, stop: float) -> str:
    rows = [resampled(band, start, stop, POINTS) for band in curves.bands]
    order = ", then ".join(("baseline", "new") if len(rows) > 1 else (curves.bands[0].label,))
    return xychart(f"{curves.key} ({order})", ("step", ""), (start, stop), rows)


def xychart(
    title: str, names: tuple[str, str], ends: tuple[float, float], rows: Sequence[Sequence[float]]
) -> str:
    """A chart in its fence; ends with an empty line.

    Args:
        title: above it; has to say which line is which.
        names: of the x and the y axis, that of y may be empty.
        ends: of the x axis.
        rows: one a line, values at even distances.
    """
    low, high = min(map(min, rows)), max(map(max, rows))
    digits = min(9, max(0, 4 - math.floor(math.log10(high - low)))) if high > low else 6
    if low == high:
        low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
    label = f'"{_plain(names[1])}" ' if names[1] else ""
    lines = [
        "```mermaid",
        _THEME,
        "xychart-beta",
        f'  title "{_plain(title)}"',
        f'  x-axis "{_plain(names[0])}" {_decimal(ends[0], 2)} --> {_decimal(ends[1], 2)}',
        f"  y-axis {label}{_decimal(low, digits)} --> {_decimal(high, digits)}",
        *(f"  line [{', '.join(_decimal(value, digits) for value in row)}]" for row in rows),
        "```",
        "",
        "",
    ]
    return "\n".join(lines)


def _decimal(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(text: str) -> str:
    return re.sub(r"[^\w ./%+(),-]", "_", text, flags=re.ASCII)[:80]


def bar(value: float, values: Sequence[float]) -> str:
    """A value as a bar of text among all of them."""
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5
    return _BARS[min(7, max(0, int(share * 8)))] if math.isfinite(share) else _BARS[3]
