"""System metrics at an interval, from a thread that costs the training nothing it would notice."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil

    from gittrack.tracking.gpu import Nvml

_PATIENCE = 5.0  # seconds that `stop` waits for a sample that is under way
_BYTES = 1 if sys.platform == "darwin" else 1024  # of a unit of ru_maxrss


class Point(Protocol):
    """What takes a sample: key, value, step, time in nanoseconds since the epoch."""

    def __call__(
        self, key: str, value: float, step: int | None = None, time_ns: int | None = None, /
    ) -> object:
        """Take it."""


class Monitor:
    """Samples the machine and one process with its children until it is stopped.

    Keys: `system/cpu_percent`, `system/memory_percent`, `system/memory_used` (bytes),
    `system/disk_read`, `system/disk_write`, `system/net_sent`, `system/net_received` (bytes a second),
    `process/cpu_percent` (100 is one core), `process/memory_rss` (bytes), and of each GPU what
    :meth:`gittrack.tracking.gpu.Nvml.readings` tells, as `gpu/0/utilisation`. What the system does
    not tell is left out. The first sample comes after one interval; their number is the step.

    Args:
        point: takes the samples; called from a thread of its own.
        interval: seconds between two samples.
        pid: the process, this one when None.
    """

    def __init__(self, point: Point, interval: float, *, pid: int | None = None) -> None:
        self._point = point
        self._interval = interval
        self._pid = os.getpid() if pid is None else pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gittrack-monitor", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """End at once; a sample that is under way is finished first."""
        self._stop.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        # Whatever the system refuses or psutil stumbles over: metrics of the system are no reason to
        # disturb a training.
        due = time.monotonic() + self._interval
        with contextlib.suppress(Exception):
            if self._stop.wait(min(self._interval, 0.2)):
                return  # a short run does not even pay for the import
            sampler = Sampler(self._pid)
            try:
                self._sample(sampler, due)
            finally:
                sampler.close()

    def _sample(self, sampler: Sampler, due: float) -> None:
        step = 0
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            now = time.time_ns()
            for key, value in sampler.sample():
                self._point(key, value, step, now)
            step += 1
            due = max(due + self._interval, time.monotonic())  # a machine that slept does not catch up


class Sampler:
    """Reads the machine and a process; rates are those since the reading before.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        import psutil  # 15 ms, paid in the thread

        from gittrack.tracking import gpu

        self._psutil = psutil
        self._processes: dict[int, psutil.Process] = {}
        self._nvml: Nvml | None = gpu.connect()
        self._root = pid
        self._counters: dict[str, float] = {}
        self._time = time.monotonic()
        for _ in self.sample():  # from here on the rates count
            pass

    def sample(self) -> Iterator[tuple[str, float]]:
        """Key and value of everything that can be read now."""
        for read in (self._system, self._rates, self._process, self._gpus):
            try:
                yield from read()
            except Exception:  # noqa: BLE001, S112  containers hide some of it, each in its way
                continue

    def close(self) -> None:
        """Let go of the GPU driver."""
        if self._nvml is not None:
            self._nvml.close()

    def _system(self) -> Iterator[tuple[str, float]]:
        memory = self._psutil.virtual_memory()
        yield "system/cpu_percent", self._psutil.cpu_percent()
        yield "system/memory_percent", memory.percent
        yield "system/memory_used", float(memory.used)

    def _rates(self) -> Iterator[tuple[str, float]]:
        now = time.monotonic()
        passed, self._time = now - self._time, now
        for key, total in self._totals():
            before = self._counters.get(key)
            self._counters[key] = total
            if before is not None and passed > 0:
                yield key, max(0.0, total - before) / passed

    def _totals(self) -> Iterator[tuple[str, float]]:
        disk: Callable[[], object] = self._psutil.disk_io_counters
        net: Callable[[], object] = self._psutil.net_io_counters
        for read, fields in (
            (disk, {"disk_read": "read_bytes", "disk_write": "write_bytes"}),
            (net, {"net_sent": "bytes_sent", "net_received": "bytes_recv"}),
        ):
            with contextlib.suppress(Exception):  # a container without disks still has a network
                found = read()
                yield from ((f"system/{key}", float(getattr(found, name))) for key, name in fields.items())

    def _process(self) -> Iterator[tuple[str, float]]:
        cpu, memory = 0.0, 0
        for process in self._family():
            with contextlib.suppress(self._psutil.Error):  # ended meanwhile, or somebody else's
                cpu += process.cpu_percent()
                memory += process.memory_info().rss
        if memory:
            yield "process/cpu_percent", cpu
            yield "process/memory_rss", float(memory)

    def _family(self) -> list[psutil.Process]:
        """The process and all below it; the same objects as before, which know their last reading."""
        root = self._processes.get(self._root) or self._psutil.Process(self._root)
        found = [root, *root.children(recursive=True)]
        self._processes = {one.pid: self._known(one) for one in found}
        return list(self._processes.values())

    def _known(self, process: psutil.Process) -> psutil.Process:
        known = self._processes.get(process.pid)
        return known if known is not None and known == process else process

    def _gpus(self) -> Iterator[tuple[str, float]]:
        if self._nvml is not None:
            yield from ((f"gpu/{key}", value) for key, value in self._nvml.readings())


def peak_memory(*, own: bool = True, children: bool = True) -> int | None:
    """Bytes of the largest resident set so far; None where the system does not tell.

    Args:
        own: count this process.
        children: count its children that have ended: the largest single one, and theirs.
    """
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset) if own else None
    import resource

    who = [resource.RUSAGE_SELF] * own + [resource.RUSAGE_CHILDREN] * children
    largest = max((resource.getrusage(one).ru_maxrss for one in who), default=0)
    return largest * _BYTES or None
