"""Counts of requests for Prometheus, in its text format.

See prometheus.io/docs/instrumenting/exposition_formats.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counts:
    """Requests by status, and how long they took. Of one process, and used in its event loop alone."""

    def __init__(self) -> None:
        self._statuses: Counter[int] = Counter()
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def add(self, status: int, seconds: float) -> None:
        """Count a request."""
        self._statuses[status] += 1
        self._buckets[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    def text(self, waiting: int) -> str:
        """The page that Prometheus reads.

        Args:
            waiting: requests that wait to be predicted.
        """
        lines = ["# TYPE gittrack_requests_total counter"]
        lines += [
            f'gittrack_requests_total{{status="{status}"}} {count}'
            for status, count in sorted(self._statuses.items())
        ]
        lines.append("# TYPE gittrack_request_seconds histogram")
        total = 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self._buckets, strict=True):
            total += count
            lines.append(f'gittrack_request_seconds_bucket{{le="{bound}"}} {total}')
        lines += [
            f"gittrack_request_seconds_sum {self._seconds:.6f}",
            f"gittrack_request_seconds_count {total}",
        ]
        lines += ["# TYPE gittrack_requests_waiting gauge", f"gittrack_requests_waiting {waiting}", ""]
        return "\n".join(lines)
