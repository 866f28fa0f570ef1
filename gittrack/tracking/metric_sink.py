"""What finds metrics in a stream of output and logs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gittrack.tracking.metric_lines import Found, segments
from gittrack.tracking.output import LineSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_KEY_LIMIT = 250
_STEP_LIMIT = 2**63


class Reader(Protocol):
    """Reads lines of one stream in turn."""

    def read(self, line: str) -> Found:
        """The metrics in a line, without its end."""


class MetricSink(LineSink):
    """Logs the metrics that readers find in the lines of one stream.

    A progress bar that redraws itself unchanged is one point.

    Args:
        readers: all see each line.
        point: logs key, value and step.
    """

    def __init__(self, readers: Sequence[Reader], point: Callable[[str, float, int | None], None]) -> None:
        super().__init__(self._lines)
        self._readers = readers
        self._point = point
        self._last: dict[str, tuple[int | None, float]] = {}

    def _lines(self, lines: bytes) -> None:
        for line in segments(lines):
            for reader in self._readers:
                step, metrics = reader.read(line)
                if step is None or -_STEP_LIMIT <= step < _STEP_LIMIT:
                    self._log(step, metrics)

    def _log(self, step: int | None, metrics: dict[str, float]) -> None:
        for key, value in metrics.items():
            again = step is not None and self._last.get(key) == (step, value)
            if again or len(key) > _KEY_LIMIT or not key.isprintable():
                continue
            self._last[key] = (step, value)
            self._point(key, value, step)
