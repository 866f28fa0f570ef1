from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.tracking import gpu
from gittrack.tracking.monitor import Monitor, Sampler, peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Points:
    """Keeps the points it is given, and tells when there are enough."""

    def __init__(self) -> None:
        self.points: list[tuple[str, float, int | None, int | None]] = []
        self.changed = threading.Condition()

    def __call__(self, key: str, value: float, step: int | None = None, time_ns: int | None = None) -> None:
        with self.changed:
            self.points.append((key, value, step, time_ns))
            self.changed.notify_all()

    def wait_for(self, enough: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(enough, timeout=20)


@pytest.fixture
def points() -> _Points:
    """An empty collection."""
    return _Points()


def _second_step(points: _Points) -> bool:
    return any(step == 1 for _, _, step, _ in points.points)


def test_samples(points: _Points) -> None:
    """Machine and process are sampled, steps count up, times are now."""
    before = time.time_ns()
    monitor = Monitor(points, 0.01)
    monitor.start()
    points.wait_for(lambda: _second_step(points))
    monitor.stop()
    keys = {key for key, *_ in points.points}
    assert keys >= {"system/cpu_percent", "system/memory_used", "process/cpu_percent", "process/memory_rss"}
    assert all(before <= (moment or 0) <= time.time_ns() for *_, moment in points.points)
    rss = next(value for key, value, *_ in points.points if key == "process/memory_rss")
    assert 1_000_000 < rss < 100_000_000_000


def test_no_sample_before_the_interval(points: _Points) -> None:
    """A run shorter than the interval has no samples, and stopping does not wait for it."""
    monitor = Monitor(points, 3600)
    monitor.start()
    monitor.stop()
    assert not monitor._thread.is_alive()
    assert points.points == []


def test_stop_without_start(points: _Points) -> None:
    """Stopping what never ran is nothing."""
    Monitor(points, 1).stop()


def test_stop_from_its_own_thread() -> None:
    """A point that stops the monitor does not wait for itself."""
    done = threading.Event()

    def point(_key: str, _value: float, _step: int | None = None, _time: int | None = None) -> None:
        monitor.stop()
        done.set()

    monitor = Monitor(point, 0.01)
    monitor.start()
    assert done.wait(20)
    monitor.stop()


def test_point_that_fails() -> None:
    """A journal that cannot be written ends the sampling and nothing else."""

    def point(_key: str, _value: float, _step: int | None = None, _time: int | None = None) -> None:
        raise OSError

    monitor = Monitor(point, 0.01)
    monitor.start()
    monitor._thread.join(20)
    assert not monitor._thread.is_alive()


def test_children_count() -> None:
    """The memory of child processes is part of the process's."""
    sampler = Sampler(os.getpid())
    alone = dict(sampler.sample())["process/memory_rss"]
    code = "x = b'x' * 200_000_000; print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.readline()
        together = dict(sampler.sample())["process/memory_rss"]
        child.communicate(b"\n")
    assert together - alone > 150_000_000


def test_process_that_ended() -> None:
    """A process that is gone has no samples; the machine still has."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    keys = {key for key, _ in Sampler(child.pid).sample()}
    assert "system/memory_used" in keys
    assert not any(key.startswith("process/") for key in keys)


def test_rates() -> None:
    """Disk and network come as bytes a second, from the second reading on."""
    sampler = Sampler(os.getpid())
    sampler._counters = {"system/net_sent": -1e6, "system/disk_read": 1e30}
    sampler._time = time.monotonic() - 1
    rates = dict(sampler._rates())
    assert rates["system/net_sent"] > 0
    assert rates.get("system/disk_read", 0) == 0  # a counter that was reset gives no negative rate


def test_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of the GPUs come under `gpu/`, and the connection is closed at the end."""
    closed = []

    class Nvml(gpu.Nvml):
        def __init__(self) -> None:
            pass

        def readings(self) -> Iterator[tuple[str, float]]:
            yield "0/power", 300.0

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(gpu, "connect", Nvml)
    sampler = Sampler(os.getpid())
    assert dict(sampler.sample())["gpu/0/power"] == 300.0
    sampler.close()
    assert closed


def test_peak_memory() -> None:
    """The peak of this process is at least what it has now, in bytes."""
    found = peak_memory(children=False)
    assert found is not None
    assert 5_000_000 < found < 100_000_000_000
    assert (peak_memory() or 0) >= found


def test_peak_memory_of_children() -> None:
    """A child that has ended counts with its peak."""
    subprocess.run([sys.executable, "-c", "x = b'x' * 300_000_000"], check=True)
    assert (peak_memory(own=False) or 0) > 300_000_000


def test_peak_memory_of_nobody() -> None:
    """Nothing asked, nothing told."""
    assert peak_memory(own=False, children=False) is None
