"""The output of a child, passed on untouched and shown to a sink on its way.

What was a terminal for us is a terminal for the child: a pseudo-terminal of the same size that
changes no byte. Standard output and error that lead to the same place share one channel, so that
their order stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl
    import termios

_CHUNK = 1 << 18
_PIPE = 1 << 20  # bytes that a pipe may hold, where the system lets us ask
_LINGER = 1.0  # seconds that descendants of the child may still write after its end


class Sink(Protocol):
    """Sees the bytes of one channel after they were passed on. Called from the channel's thread."""

    def write(self, chunk: bytes) -> None:
        """Take some bytes."""

    def close(self) -> None:
        """There is no more."""


class Channel:
    """One way out of the child: from its standard output or error, or both, to ours.

    Args:
        target: our file descriptor.
        sink: sees what passes.

    Attributes:
        inner: the child's end, to be passed to it; closed by :meth:`start`.
        problem: why something could not be passed on, None otherwise.
    """

    def __init__(self, target: int, sink: Sink) -> None:
        self.target = target
        self.problem: OSError | None = None
        self._sink = sink
        self._size = b""
        self._terminal = sys.platform != "win32" and os.isatty(target)
        self._source, self.inner = self._open()
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._relay, name=f"gittrack-output-{target}", daemon=True)

    def start(self) -> None:
        """Begin to pass on; the child has started."""
        os.close(self.inner)
        self._thread.start()

    def child_ended(self) -> None:
        """From now on, wait a second at most for what descendants of the child may write."""
        os.close(self._waker)

    def join(self) -> None:
        """Wait until all is passed on; blocks as long as whoever reads our output blocks."""
        self._thread.join()
        os.close(self._wake)

    def abandon(self) -> None:
        """Close what was opened; the child did not start."""
        for descriptor in (self._source, self.inner, self._wake, self._waker):
            os.close(descriptor)
        self._sink.close()

    def resize(self) -> bool:
        """Give the child's terminal the size of ours; whether it changed."""
        if not self._terminal:
            return False
        try:
            size = fcntl.ioctl(self.target, termios.TIOCGWINSZ, b"\0" * 8)
            if size == self._size:
                return False
            fcntl.ioctl(self._source, termios.TIOCSWINSZ, size)
        except OSError:  # the terminal is gone
            return False
        self._size = size
        return True

    def _open(self) -> tuple[int, int]:
        if not self._terminal:
            source, inner = os.pipe()
            if sys.platform == "linux":
                with contextlib.suppress(OSError):  # the user's quota is used up
                    fcntl.fcntl(inner, fcntl.F_SETPIPE_SZ, _PIPE)
            return source, inner
        source, inner = os.openpty()
        with contextlib.suppress(termios.error):
            attributes = termios.tcgetattr(self.target)
            attributes[1] &= ~termios.OPOST  # our own terminal turns \n into \r\n: once is enough
            termios.tcsetattr(inner, termios.TCSANOW, attributes)
        self._source = source
        self.resize()
        return source, inner

    def _relay(self) -> None:
        try:
            for chunk in self._chunks():
                self._pass_on(chunk)
                self._sink.write(chunk)
                if isinstance(self.problem, BrokenPipeError):
                    break  # closing our end is how the child learns that nobody reads
        finally:
            os.close(self._source)
            self._sink.close()

    def _pass_on(self, chunk: bytes) -> None:
        if self.problem is not None:
            return
        try:
            write_all(self.target, chunk)
        except OSError as error:
            self.problem = error

    def _chunks(self) -> Iterator[bytes]:
        if sys.platform == "win32":
            while chunk := os.read(self._source, _CHUNK):
                yield chunk
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            ended = False
            while not ended:
                ready = {key.fd for key, _ in selector.select()}
                ended = self._wake in ready
                if self._source in ready and not ended:
                    if not (chunk := self._read()):
                        return
                    yield chunk
            selector.unregister(self._wake)
            yield from self._rest(selector)

    def _rest(self, selector: selectors.BaseSelector) -> Iterator[bytes]:
        """What the child left in the channel, all of it, and what its descendants add for a while."""
        deadline = time.monotonic() + _LINGER
        seen = 0
        while (wait := deadline - time.monotonic()) > 0 or seen < _PIPE:
            if not selector.select(max(0.0, wait)) or not (chunk := self._read()):
                return
            seen += len(chunk)
            yield chunk

    def _read(self) -> bytes:
        try:
            return os.read(self._source, _CHUNK)
        except OSError as error:
            if error.errno == errno.EIO:  # how Linux says that no one holds the other end of a terminal
                return b""
            raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, also where somebody made the descriptor non-blocking.

    Raises:
        OSError: it cannot be written.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            with selectors.DefaultSelector() as selector:
                selector.register(descriptor, selectors.EVENT_WRITE)
                selector.select()


def same_place(one: int, other: int) -> bool:
    """Whether two open file descriptors lead to the same file, pipe or terminal."""
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def is_open(descriptor: int) -> bool:
    """Whether the file descriptor is open."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
