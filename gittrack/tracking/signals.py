r"""Signals for a child whose parent must outlive it.

The child stays in our process group, so a terminal sends ^C, ^\ and ^Z to both. What comes to us
alone is passed on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar, final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_T = TypeVar("_T")

_KEYBOARD = ("SIGINT", "SIGQUIT", "SIGBREAK")
_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


@final
class Forwarding:
    """Passes signals on while its block runs; outside of the main thread it does nothing.

    Signals that we were told to ignore (`nohup`) stay ignored, by us and by the child.

    Args:
        resize: gives the child's terminal the size of ours; whether it changed.

    Attributes:
        interrupted: whether SIGINT came.
    """

    def __init__(self, resize: Callable[[], bool]) -> None:
        self.interrupted = False
        self._resize = resize
        self._child: int | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Forwarding:
        if threading.current_thread() is threading.main_thread():
            for name in _KEYBOARD:
                self._catch(name, self._on_keyboard)
            for name in _PASSED_ON:
                self._catch(name, self._on_signal)
            self._catch("SIGTSTP", self._on_stop)
            self._catch("SIGCONT", self._on_continue)
            self._catch("SIGWINCH", self._on_resize)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._child = None
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def begin(self, child: int) -> None:
        """Pass on to this process from now on, and what came before it was there."""
        self._child = child
        for number in self._early:
            self._send(number)

    def end(self) -> None:
        """The child is gone: its number may soon be somebody else's."""
        self._child = None

    def _catch(self, name: str, handler: Callable[[int, Any], None]) -> None:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
            self._before[number] = signal.signal(number, handler)

    def _send(self, number: int) -> None:
        if self._child is None:
            self._early.append(number)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it changed its user: sudo
            os.kill(self._child, number)

    def _on_signal(self, number: int, _frame: Any) -> None:  # noqa: ANN401  a frame
        self._send(number)

    def _on_keyboard(self, number: int, _frame: Any) -> None:  # noqa: ANN401
        self.interrupted |= number == signal.SIGINT
        if not in_foreground():
            self._send(number)

    def _on_resize(self, _number: int, _frame: Any) -> None:  # noqa: ANN401
        if self._resize():  # all of the group were told by the terminal, but before the size was right
            os.kill(0, signal.SIGWINCH)

    def _on_stop(self, number: int, _frame: Any) -> None:  # noqa: ANN401
        if not in_foreground():
            self._send(number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # here we stop, until somebody continues us
        signal.signal(number, self._on_stop)

    def _on_continue(self, number: int, frame: Any) -> None:  # noqa: ANN401
        self._send(number)
        self._on_resize(number, frame)


def attentive(blocking: Callable[[], _T]) -> _T:
    """The result of a call that blocks, while signals are handled at once.

    Python runs handlers between system calls. A signal that comes when the interpreter has looked for
    the last time and the system call has not begun would wait for its end. So the call is made in a
    thread, and this one waits at a pipe that each signal writes to (`signal.set_wakeup_fd`).

    Args:
        blocking: the call; what it raises is raised here.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return blocking()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    results: list[_T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(blocking())
        except BaseException as error:  # noqa: BLE001  it is raised below
            errors.append(error)
        finally:
            with contextlib.suppress(BlockingIOError):  # full: somebody will look anyway
                os.write(writer, b"\0")

    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    thread = threading.Thread(target=call, name="gittrack-wait", daemon=True)
    thread.start()
    try:
        while not results and not errors:
            os.read(reader, 1024)
        thread.join()
    finally:
        signal.set_wakeup_fd(before)
        if not thread.is_alive():
            os.close(reader)
            os.close(writer)
    if errors:
        raise errors[0]
    return results[0]


def in_foreground() -> bool:
    """Whether a terminal sends its signals to our process group."""
    if sys.platform == "win32":
        return True  # consoles send ^C to all that share them
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # there is no terminal
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def die_of(number: int) -> None:
    """End this process by a signal, as the process that it stood for ended.

    A shell script then stops at ^C as if the command had run by itself. No core is dumped.
    """
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
