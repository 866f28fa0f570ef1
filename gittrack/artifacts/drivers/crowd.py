"""Many files one by one, in a few threads: for drivers without a faster way."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gittrack.artifacts.drivers.base import Driver, Get, Put

Item = TypeVar("Item")
Result = TypeVar("Result")


def put_each(driver: Driver, items: Iterable[Put], jobs: int) -> Iterator[tuple[Put, bool]]:
    """`Driver.put_many`, by `put_file`."""
    return _each(items, lambda item: driver.put_file(item, replace=False, moved=lambda _: None), jobs)


def get_each(driver: Driver, items: Iterable[Get], jobs: int) -> Iterator[tuple[Get, bytes]]:
    """`Driver.get_many`, by `read_from`."""

    def read(item: Get) -> bytes:
        content = bytearray()
        for chunk in driver.read_from(item.name, 0):
            content += chunk
            if len(content) > item.size:
                break
        return bytes(content)

    return _each(items, read, jobs)


def _each(items: Iterable[Item], work: Callable[[Item], Result], jobs: int) -> Iterator[tuple[Item, Result]]:
    """What the work gives for each item, as they are done; none is begun after one that raises."""
    source = iter(items)
    pool = ThreadPoolExecutor(max(1, jobs), "gittrack-many")
    waiting: dict[Future[Result], Item] = {}
    try:
        while True:
            for item in source:
                waiting[pool.submit(work, item)] = item
                if len(waiting) >= 2 * jobs:
                    break
            if not waiting:
                return
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(done), done.result()
    finally:
        pool.shutdown(cancel_futures=True)
