"""Many files one by one, in a few threads: for drivers without a faster way."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gittrack.artifacts.drivers.base import Put


def put_each(items: Iterable[Put], put: Callable[[Put], bool], jobs: int) -> Iterator[tuple[Put, bool]]:
    """What `put` says of each item, as they are done; none is begun after one that raises."""
    source = iter(items)
    pool = ThreadPoolExecutor(max(1, jobs), "gittrack-put")
    waiting: dict[Future[bool], Put] = {}
    try:
        while True:
            for item in source:
                waiting[pool.submit(put, item)] = item
                if len(waiting) >= 2 * jobs:
                    break
            if not waiting:
                return
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(done), done.result()
    finally:
        pool.shutdown(cancel_futures=True)
