"""What a journal remembers of one metric."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Metric:
    """One metric of one writer.

    Attributes:
        number: what its name is in records.
        last: step of its last point; any integer type, as the user passed it.
        steps: the steps of points that come without one, for all threads; empty after a point that
            came with one.
    """

    __slots__ = ("last", "number", "steps")

    def __init__(self, number: int, last: int) -> None:
        self.number = number
        self.last = last
        self.steps: Iterator[int] = iter(())

    def next_step(self) -> int:
        """The step after the last one."""
        step = next(self.steps, None)
        if step is None:
            self.steps = count(int(self.last) + 1)
            step = next(self.steps)
        return step
