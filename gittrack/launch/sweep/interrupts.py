"""^C as a number to look at: an exception in the wrong moment would lose what a trial has just answered."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from types import TracebackType


@final
class Interrupts:
    """Counts SIGINT and SIGTERM while its block runs; outside of the main thread it counts nothing.

    Attributes:
        count: how many came.
    """

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: Any) -> None:  # noqa: ANN401  a frame
        self.count += 1
