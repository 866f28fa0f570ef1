"""The same work by a few threads."""

from __future__ import annotations

import _thread
import threading
from itertools import count

import pytest

from gittrack.artifacts.crew import each


def test_every_item_is_worked_on_once() -> None:
    """All items are done when the call returns."""
    done: list[int] = []
    each(range(1000), done.append, 8)
    assert sorted(done) == list(range(1000))


def test_several_at_once() -> None:
    """Two items that wait for each other are both done."""
    meeting = threading.Barrier(2, timeout=30)

    def meet(_: int) -> None:
        meeting.wait()

    each([1, 2], meet, 2)


def test_the_first_error_ends_it() -> None:
    """After an error no item is begun, and it is raised here."""
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        raise LookupError(item)

    with pytest.raises(LookupError, match="0"):
        each(count(), work, 1)
    assert begun == [0]


def test_stopping() -> None:
    """Work can end it for all threads, without an error."""
    stop, done = threading.Event(), []

    def work(item: int) -> None:
        done.append(item)
        if item == 10:
            stop.set()

    each(count(), work, 1, stop)
    assert done == list(range(11))


def test_an_error_of_the_items_is_raised() -> None:
    """Items that cannot be listed are no end of the list."""

    def items() -> list[int]:
        raise PermissionError

    with pytest.raises(PermissionError):
        each((item for item in items()), print, 2)


def test_an_interruption_waits_for_what_was_begun() -> None:
    """After ^C no item is begun, those under way see the stop, and no thread is left."""
    stop = threading.Event()

    def work(item: int) -> None:
        if item == 0:
            _thread.interrupt_main()
        assert stop.wait(60)

    with pytest.raises(KeyboardInterrupt):
        each(count(), work, 2, stop)
    assert not [thread for thread in threading.enumerate() if thread.name == "gittrack-job"]
