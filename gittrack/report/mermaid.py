"""Curves in Markdown: Mermaid's chart, which hosts draw without an image, and bars of text besides; pure.

Mermaid has no legend and no room for many points: two lines of 40 points, the title tells which is which.
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
_BARS = "▁▂▃▄▅▆▇█"
_SMALLEST, _LARGEST = 1e-6, 1e9  # Mermaid reads plain decimals only


def chart(curves: Curves, *, drawn: bool = True) -> str:
    """The chart of a metric and, for those who see none, each curve as bars with its last value."""
    lines = [f"{markdown_line(curves.key)}\n\n"]
    grid = _grid(curves.bands)
    if drawn and grid is not None:
        lines.append(_mermaid(curves, *grid))
    for band in curves.bands:
        bars = "".join(
            _bar(value, band.means) for value in resampled(band, band.steps[0], band.steps[-1], 30)
        )
        lines.append(f"- {markdown_line(band.label, 80)} (n={band.runs}): {bars} {number(band.means[-1])}\n")
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
    values = [abs(value) for band in bands for value in band.means if value]
    drawable = not values or (min(values) >= _SMALLEST and max(values) <= _LARGEST)
    return (start, stop) if start < stop and drawable and abs(stop) < _LARGEST else None


def _mermaid(curves: Curves, start: float, stop: float) -> str:
    rows = [resampled(band, start, stop, POINTS) for band in curves.bands]
    low, high = min(map(min, rows)), max(map(max, rows))
    digits = min(9, max(0, 4 - math.floor(math.log10(high - low)))) if high > low else 6
    if low == high:
        low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
    order = ", then ".join(("baseline", "new") if len(rows) > 1 else (curves.bands[0].label,))
    lines = [
        "```mermaid",
        "xychart-beta",
        f'  title "{_plain(f"{curves.key} ({order})")}"',
        f'  x-axis "step" {_decimal(start, 2)} --> {_decimal(stop, 2)}',
        f"  y-axis {_decimal(low, digits)} --> {_decimal(high, digits)}",
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


def _bar(value: float, values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5
    return _BARS[min(7, max(0, int(share * 8)))] if math.isfinite(share) else _BARS[3]
