"""Numbers, times and sizes as a report shows them: the same everywhere, whatever the time zone; pure."""

from __future__ import annotations

import math

from gittrack.query.review.values import moment

NONE = "-"
"""What stands where there is no number."""
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e7
_MOST = 9  # digits after the point


def number(value: float, digits: int = 5) -> str:
    """A number with about so many significant digits: `0.9132`, `12345`, `1.2e-05`, `NaN`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size < _PLAIN_TO and value == int(value):
        return _minus(str(int(value)))
    if not _PLAIN_FROM <= size < _PLAIN_TO:
        return _minus(f"{value:.{digits - 1}g}")
    after = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{min(after, _MOST)}f}"
    return _minus(text.rstrip("0").rstrip(".") if "." in text else text)


def measured(mean: float, deviation: float | None) -> str:
    """A mean and its deviation with the digits that the deviation leaves: `0.9132 ± 0.0008`."""
    if not deviation or not math.isfinite(deviation):
        return number(mean)
    places = _places(deviation)
    if places is None or not abs(mean) < _PLAIN_TO:
        return f"{number(mean)} ± {number(deviation, 2)}"
    return f"{_minus(f'{mean:.{places}f}')} ± {deviation:.{places}f}"


def difference(delta: float, deviation: float | None) -> str:
    """A delta with its sign, to the digits that a deviation leaves."""
    places = _places(deviation) if deviation else None
    if places is None or not abs(delta) < _PLAIN_TO:
        text = number(delta, 3)
    else:
        text = _minus(f"{delta:.{places}f}")
        if not any(one in text for one in "123456789"):
            text = number(delta, 2)
    return text if text.startswith(("−", "NaN")) else f"+{text}"


def percent(ratio: float) -> str:
    """A share with its sign: `−0.67 %`, `×12` for what grew more than tenfold."""
    if abs(ratio) >= 10:  # noqa: PLR2004  a thousand percent says less than a factor
        return f"×{number(1 + ratio, 3)}"
    text = number(ratio * 100, 2 if abs(ratio) < 0.01 else 3)  # noqa: PLR2004  below a percent
    return f"{text if text.startswith('−') else f'+{text}'} %"


def duration(milliseconds: float) -> str:
    """`0.8 s`, `12 s`, `3m04s`, `2h05m`."""
    seconds = max(0.0, milliseconds / 1000)
    if seconds < 10:  # noqa: PLR2004  tenths matter below
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  a minute
        return f"{whole} s"
    if whole < 3600:  # noqa: PLR2004  an hour
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def size(count: float) -> str:
    """Bytes: `812 B`, `1.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:  # noqa: PLR2004  SI units
            return f"{number(float(count), 3)} {unit}"
        count /= 1000
    return f"{number(float(count), 3)} TB"


def when(milliseconds: int) -> str:
    """A time in UTC, to the minute."""
    return moment(milliseconds)[:16].replace("T", " ")


def _places(deviation: float) -> int | None:
    """Digits after the point with which a deviation has one or two significant ones."""
    if not 10**-_MOST <= deviation < _PLAIN_TO:
        return None
    exponent = math.floor(math.log10(deviation))
    leading = deviation / 10**exponent
    places = -exponent + (1 if leading < 2 else 0)  # noqa: PLR2004  0.0011, but 0.008
    return max(0, places)


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text
