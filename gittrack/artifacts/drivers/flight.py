"""Requests for many small files, so many and so large that they fit beside each other."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gittrack.artifacts.drivers.parts import cancel

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")

_FILES = 64
_BYTES = 64 << 20


class Flight(Generic[Item]):
    """What is under way. Whoever sends must leave room first, by taking out what has landed."""

    def __init__(self) -> None:
        self._waiting: dict[Future[Any], tuple[Item, int]] = {}
        self._done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._size = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def has_room(self, size: int) -> bool:
        """Whether one more file of so many bytes may go; the only one always may."""
        return not self._waiting or (len(self._waiting) < _FILES and self._size + size <= _BYTES)

    def add(self, future: Future[Any], item: Item, size: int) -> None:
        """A request was sent."""
        self._waiting[future] = (item, size)
        self._size += size
        future.add_done_callback(self._done.put)

    def landed(self) -> Iterator[tuple[Item, Any]]:
        """Wait until one is done, and give all that are: the item and what its request gave, or raised."""
        future = self._done.get()
        while True:
            item, size = self._waiting.pop(future)
            self._size -= size
            yield item, future.result()
            try:
                future = self._done.get_nowait()
            except queue.Empty:
                return

    def cancel(self) -> None:
        """Break off what is under way."""
        cancel(self._waiting)


def together(
    items: Iterable[tuple[Item, int]], begin: Callable[[Item], Future[Any]]
) -> Generator[tuple[Item, Any], None, None]:
    """What the requests for some items give, as they are done; none is begun after one that raises.

    Args:
        items: each with its size in bytes.
        begin: sends the request for one.
    """
    flight: Flight[Item] = Flight()
    try:
        for item, size in items:
            while not flight.has_room(size):
                yield from flight.landed()
            flight.add(begin(item), item, size)
        while flight:
            yield from flight.landed()
    finally:
        flight.cancel()
