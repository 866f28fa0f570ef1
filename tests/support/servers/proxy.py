"""A TCP proxy that breaks connections: cuts them after some bytes, or hands the bytes on late."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Literal

from tests.support.servers.base import HOST

if TYPE_CHECKING:
    Way = Literal["up", "down"]

_RESET = struct.pack("ii", 1, 0)  # close with a reset rather than an orderly end


class Proxy:
    """Listens on a port of its own and hands everything on to another.

    Attributes:
        port: where it listens.
        cut: how often connections were cut.
    """

    def __init__(self, target: int, *, delay: float = 0.0) -> None:
        self._target = target
        self._delay = delay
        self._lock = threading.Lock()
        self._left: dict[Way, int | None] = {"up": None, "down": None}
        self._rounds: int | None = None
        self._size = 0
        self._orderly = False
        self.cut = 0
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:  # noqa: PYI034  typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def break_after(self, size: int, way: Way, *, rounds: int | None = None, orderly: bool = False) -> None:
        """Cut the connection on which the given byte passes, counted over all connections.

        Args:
            size: bytes that still pass, in each round.
            way: `up` to the server, `down` from it.
            rounds: how often; then everything passes. Without it nothing passes any more after the first.
            orderly: end the connection as if all had been said, instead of a reset.
        """
        with self._lock:
            self._size, self._rounds, self._orderly = size, rounds, orderly
            self._left = {"up": None, "down": None, way: size}

    def heal(self) -> None:
        """Let everything pass from now on."""
        with self._lock:
            self._left = {"up": None, "down": None}

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HOST, self._target))
            except OSError:
                client.close()
                continue
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._hand_on, args=(source, sink, way), daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket, way: Way) -> None:
        try:
            while content := source.recv(1 << 16):
                if self._delay:
                    time.sleep(self._delay)
                allowed = self._allowed(len(content), way)
                sink.sendall(content[:allowed])
                if allowed < len(content):
                    self._end(source, sink)
                    return
        except OSError:
            pass
        for end in (source, sink):  # one side has ended: so does the other
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _allowed(self, size: int, way: Way) -> int:
        """How many of the next bytes may pass."""
        with self._lock:
            left = self._left[way]
            if left is None or self._rounds == 0:
                return size
            self._left[way] = left - size
            if size <= left:
                return size
            if self._rounds is None:
                self._left[way] = 0
            else:
                self._rounds -= 1
                self._left[way] = self._size
            self.cut += 1
            return left

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                if not self._orderly:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()
