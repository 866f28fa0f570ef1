"""Connections that are used by one thread at a time."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ABANDONED: list[Any] = []
"""Connections of a parent process. Whoever let go of them here would close or use them there."""

_HARMLESS = (FileNotFoundError, FileExistsError, PermissionError)


class Pool:
    """Hands out a connection that is free, or a new one.

    Args:
        make: connects.
        drop: closes a connection; may raise.
    """

    def __init__(self, make: Callable[[], Any], drop: Callable[[Any], None]) -> None:
        self._make = make
        self._drop = drop
        self._free: list[Any] = []
        self._forget()

    @contextlib.contextmanager
    def take(self) -> Iterator[Any]:
        """A connection for the block.

        Closed afterwards when the block broke off, as nobody knows what is still on the line then.
        """
        if self._pid != os.getpid():
            self._forget()  # a forked process must not speak on the connections of its parent
        with self._lock:
            connection = self._free.pop() if self._free else None
        connection = self._make() if connection is None else connection
        try:
            yield connection
        except _HARMLESS:
            self._give(connection)
            raise
        except BaseException:
            self._close(connection)
            raise
        self._give(connection)

    def close(self) -> None:
        """Close those that are free."""
        with self._lock:
            free, self._free = self._free, []
        if self._pid == os.getpid():
            for connection in free:
                self._close(connection)

    def _forget(self) -> None:
        ABANDONED.extend(self._free)
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._free = []

    def _give(self, connection: Any) -> None:  # noqa: ANN401  any driver's
        with self._lock:
            self._free.append(connection)

    def _close(self, connection: Any) -> None:  # noqa: ANN401
        with contextlib.suppress(Exception):
            self._drop(connection)
