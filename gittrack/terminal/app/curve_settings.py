"""How curves are drawn, and what a key changes about it; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")
Axis = Literal["step", "time", "epoch"]
AXES: tuple[Axis, ...] = ("step", "time", "epoch")
WEIGHTS = (0.0, 0.6, 0.9, 0.97)
_SMALLEST = 1 / 4096


@dataclass(frozen=True, slots=True)
class CurveSettings:
    """How curves are drawn.

    Attributes:
        metric: which one, None for the first that there is.
        log: logarithmic y axis.
        axis: what x is.
        smooth: weight of the past.
        bands: runs that differ in the seed only as one.
        low: where the part that is shown begins, from 0 to 1 of the whole.
        high: where it ends.
    """

    metric: str | None = None
    log: bool = False
    axis: Axis = "step"
    smooth: float = 0.0
    bands: bool = False
    low: float = 0.0
    high: float = 1.0

    def after(self, what: str, way: int, metrics: Sequence[str]) -> CurveSettings:
        """The settings after a key.

        Args:
            what: the setting.
            way: 1 or -1.
            metrics: those that there are.
        """
        changes: dict[str, Callable[[], CurveSettings]] = {
            "metric": lambda: self._metric(way, metrics),
            "log": lambda: replace(self, log=not self.log),
            "bands": lambda: replace(self, bands=not self.bands),
            "axis": lambda: replace(self, axis=_next(AXES, self.axis, way), low=0.0, high=1.0),
            "smooth": lambda: replace(self, smooth=_next(WEIGHTS, self.smooth, way)),
            "zoom": lambda: self._zoom(way),
            "pan": lambda: self._pan(way),
            "whole": lambda: replace(self, low=0.0, high=1.0),
        }
        return changes[what]()

    def _metric(self, way: int, metrics: Sequence[str]) -> CurveSettings:
        if not metrics:
            return self
        at = metrics.index(self.metric) if self.metric in metrics else 0
        return replace(self, metric=metrics[(at + way) % len(metrics)])

    def _zoom(self, way: int) -> CurveSettings:
        width = self.high - self.low
        wanted = max(_SMALLEST, min(1.0, width / 2 if way > 0 else width * 2))
        low = min(max(0.0, (self.low + self.high - wanted) / 2), 1 - wanted)
        return replace(self, low=low, high=low + wanted)

    def _pan(self, way: int) -> CurveSettings:
        width = self.high - self.low
        low = min(max(0.0, self.low + way * width / 4), 1 - width)
        return replace(self, low=low, high=low + width)

    def said(self) -> str:
        """The settings in words, those that are not as usual."""
        parts = [f"x: {'time since the start' if self.axis == 'time' else self.axis}"]
        parts += ["log y"] * self.log
        parts += [f"smoothed {self.smooth:g}"] * bool(self.smooth)
        parts += ["bands over seeds"] * self.bands
        if self.high - self.low < 1:
            parts.append(f"zoomed to {self.low:.0%}..{self.high:.0%}")
        return ", ".join(parts)


def _next(choices: Sequence[_T], now: _T, way: int) -> _T:
    return choices[(choices.index(now) + way) % len(choices)]
