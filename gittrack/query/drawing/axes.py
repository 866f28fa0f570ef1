"""Axes: which stretch of numbers a chart shows, where a number stands on it, and its ticks; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_HUGEST, _TINIEST, _FLAT = 1e300, 1e-150, 1e-12
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes:
        low: its smaller end.
        high: its larger end, above `low`.
        log: logarithmic; both ends are positive then.
    """

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value stands: 0 at `low`, 1 at `high`."""
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def at(self, value: float, dots: int) -> int:
        """The same in dots, the first is 0."""
        return round(self.share(value) * (dots - 1))

    def ticks(self, count: int) -> list[float]:
        """About so many round numbers between both ends."""
        return _powers(self.low, self.high, count) if self.log else _round_numbers(self.low, self.high, count)


def axis(ends: Iterable[float], *, log: bool = False) -> Axis:
    """The axis that has room for all of some numbers; at least one, positive when logarithmic."""
    values = list(ends)
    low, high = min(values), max(values)
    if high - low > _FLAT * max(abs(low), abs(high)):
        return Axis(low, high, log)
    if log:
        return Axis(low / 2, high * 2, log)
    room = abs(low) / 2 or 0.5
    return Axis(low - room, high + room, log)


def roomy(scale: Axis, share: float = 0.03) -> Axis:
    """The axis with some room at both ends, for dots that would be cut in half."""
    if scale.log:
        room = (scale.high / scale.low) ** share
        return Axis(scale.low / room, scale.high * room, log=True)
    room = (scale.high - scale.low) * share
    return Axis(scale.low - room, scale.high + room)


def tame(value: float) -> float:
    """A value at the rim of what a float can hold moved inwards: the distance of two is a float."""
    if abs(value) < _TINIEST:
        return 0.0
    return max(-_HUGEST, min(_HUGEST, value))


def _round_numbers(low: float, high: float, count: int) -> list[float]:
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = next(factor * power for factor in _STEPS if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    ticks = [(first + place) * step for place in range(4 * count)]
    return [tick for tick in ticks if tick <= high + step * 1e-9]


def _powers(low: float, high: float, count: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 1:
        return _round_numbers(low, high, count)
    if 3 * (last - first) <= count:
        values = (factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5))
        return [value for value in values if low <= value <= high]
    every = max(1, math.ceil((last - first + 1) / count))
    return [10.0**power for power in range(first, last + 1, every)]
