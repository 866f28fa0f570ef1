"""Numbers as people read them, for axes and tables; pure."""

from __future__ import annotations

import math

_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e7


def number(value: float, digits: int = 4) -> str:
    """A number with about so many significant digits: `0.9731`, `12345`, `1.2e-05`, `NaN`."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    size = abs(value)
    if size < _PLAIN_TO and value == int(value):
        return str(int(value))
    if not _PLAIN_FROM <= size < _PLAIN_TO:
        return f"{value:.{digits - 1}g}"
    after = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{after}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
