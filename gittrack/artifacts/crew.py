"""The same work on many items, by a few threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")

_LOOK = 0.2  # seconds; where waiting cannot be interrupted, ^C is seen that late


def each(
    items: Iterable[Item],
    work: Callable[[Item], None],
    jobs: int,
    stop: threading.Event | None = None,
) -> None:
    """Do the work on each item, `jobs` at once, and wait until all is done.

    Items are taken one by one as threads become free, so there may be any number of them.

    Args:
        items: what to work on.
        work: done for each, in any thread.
        jobs: how many threads.
        stop: set by the work or another thread so that no further item is begun; set here when the
            wait is interrupted, so that work that looks at it can break off.

    Raises:
        BaseException: what the work on an item raised first; no item is begun after that.
    """
    stop = stop or threading.Event()
    source, lock = iter(items), threading.Lock()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            for item in _shared(source, lock, stop):
                work(item)
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=run, name="gittrack-job", daemon=True) for _ in range(max(1, jobs))]
    try:
        for thread in threads:
            thread.start()
        _join(threads)
    except BaseException:
        stop.set()
        _join(threads)
        raise
    if errors:
        raise errors[0]


def _join(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK)


def _shared(source: Iterator[Item], lock: threading.Lock, stop: threading.Event) -> Iterator[Item]:
    """The items that this thread gets."""
    while not stop.is_set():
        with lock:
            try:
                item = next(source)
            except StopIteration:
                return
        yield item
