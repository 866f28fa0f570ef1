"""Counts of requests for Prometheus, in its text format.

See prometheus.io/docs/instrumenting/exposition_formats. Several worker processes share a folder with one
file of numbers each: whichever of them is asked answers for all, those that have ended included.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from typing import TYPE_CHECKING

from gittrack.core.files import is_locked, try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROUTES = ("invocations", "infer")
"""Protocols that predict: MLflow's and the Open Inference Protocol."""
_STATUSES = (200, 400, 404, 408, 413, 415, 499, 500, 504)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_HELP = {
    "gittrack_requests_total": ("counter", "Requests for predictions that were answered."),
    "gittrack_request_seconds": ("histogram", "From the first byte of a request to its answer."),
    "gittrack_batch_rows": ("histogram", "Rows that the model was given at once."),
    "gittrack_requests_in_flight": ("gauge", "Requests for predictions that are being answered."),
    "gittrack_workers": ("gauge", "Processes that answer, all of which these numbers are of."),
    "gittrack_model_info": ("gauge", "The model that is served."),
}


def _slots() -> Iterator[tuple[str, str, str]]:
    """Name, labels and part of every number, in the order in which they are kept."""
    for route in ROUTES:
        for status in _STATUSES:
            yield "gittrack_requests_total", f'route="{route}",status="{status}"', ""
    for route in ROUTES:
        yield from _histogram("gittrack_request_seconds", f'route="{route}"', _SECONDS)
    yield from _histogram("gittrack_batch_rows", "", _ROWS)
    yield "gittrack_requests_in_flight", "", ""


def _histogram(name: str, labels: str, bounds: tuple[float, ...]) -> Iterator[tuple[str, str, str]]:
    for bound in (*map(str, bounds), "+Inf", "sum"):
        yield name, labels, bound


_SLOTS = tuple(_slots())
_PLACE = {slot: number for number, slot in enumerate(_SLOTS)}
_IN_FLIGHT = len(_SLOTS) - 1


class Counts:
    """Numbers of one process, used in its event loop and its one thread that predicts.

    Args:
        shared: the folder in which workers keep them; None for the one process that there is.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        size = len(_SLOTS) * 8
        if shared is None:
            self._values = memoryview(bytearray(size)).cast("d")
            return
        self._own = shared / f"{os.getpid()}.counts"
        descriptor = os.open(self._own, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, size)
        try_lock(descriptor)  # held while this process is there
        self._values = memoryview(mmap.mmap(descriptor, size)).cast("d")

    def begin(self) -> None:
        """A request has come."""
        self._values[_IN_FLIGHT] += 1

    def end(self, route: str, status: int, seconds: float) -> None:
        """It was answered."""
        self._values[_IN_FLIGHT] -= 1
        known = status if status in _STATUSES else 500
        self._values[_PLACE["gittrack_requests_total", f'route="{route}",status="{known}"', ""]] += 1
        self._observe("gittrack_request_seconds", f'route="{route}"', _SECONDS, seconds)

    def batch(self, rows: int) -> None:
        """The model is given some rows."""
        self._observe("gittrack_batch_rows", "", _ROWS, rows)

    def _observe(self, name: str, labels: str, bounds: tuple[float, ...], value: float) -> None:
        start = _PLACE[name, labels, str(bounds[0])]
        self._values[start + bisect_left(bounds, value)] += 1
        self._values[start + len(bounds) + 1] += value

    def text(self, model: Mapping[str, str]) -> str:
        """The page that Prometheus reads.

        Args:
            model: labels that say which model it is.
        """
        totals, workers = self._totals()
        lines: list[str] = []
        told = ""
        running = 0.0
        for (name, labels, part), value in zip(_SLOTS, totals, strict=True):
            if name != told:
                lines += _head(name)
                told = name
            if not part:
                lines.append(f"{name}{_braced(labels)} {value:.0f}")
            elif part == "sum":
                lines += [
                    f"{name}_sum{_braced(labels)} {value:.6f}",
                    f"{name}_count{_braced(labels)} {running:.0f}",
                ]
                running = 0.0
            else:
                running += value
                both = ",".join(filter(None, (labels, f'le="{part}"')))
                lines.append(f"{name}_bucket{_braced(both)} {running:.0f}")
        info = ",".join(f'{name}="{_escaped(value)}"' for name, value in model.items())
        lines += [*_head("gittrack_workers"), f"gittrack_workers {workers}"]
        lines += [*_head("gittrack_model_info"), f"gittrack_model_info{_braced(info)} 1", ""]
        return "\n".join(lines)

    def _totals(self) -> tuple[list[float], int]:
        """The numbers of all workers, and how many of them are there."""
        totals, workers = list(self._values), 1
        for path in sorted(self._shared.glob("*.counts")) if self._shared is not None else ():
            if path == self._own:
                continue
            other = memoryview(path.read_bytes()).cast("d")
            there = is_locked(path)
            workers += there
            for number, value in enumerate(other[: len(totals)]):
                totals[number] += value if there or number != _IN_FLIGHT else 0
        return totals, workers


def _head(name: str) -> list[str]:
    kind, text = _HELP[name]
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _braced(labels: str) -> str:
    return f"{{{labels}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
