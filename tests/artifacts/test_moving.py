"""A transfer while it runs."""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts import moving as module
from gittrack.artifacts.failures import AccessDenied, Unreachable
from gittrack.artifacts.moving import Moving, Progress

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from gittrack.artifacts.content import Moved

CUT = Unreachable("the connection broke")
DENIED = AccessDenied("wrong key")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits before a second try."""
    monkeypatch.setattr(module, "_PAUSE", 0.0)


def test_a_broken_connection_is_tried_again() -> None:
    """An object that comes at the third try has come, and its bytes count once."""
    tries = iter([True, True, False])
    told: list[Progress] = []

    def move(_: str, moved: Moved) -> bool:
        moved(5)
        if next(tries):
            raise CUT
        moved(5)
        return True

    moving = Moving(4, told.append)
    moving.expect([10])
    moving.run({"a": 10}, move)
    assert (moving.moved, moving.size) == (["a"], 10)
    assert told[-1] == (10, 10, 1, 1)


def test_an_unreachable_store_ends_it() -> None:
    """After some tries the rest fails with the same error, untried."""
    asked: list[str] = []

    def move(sha256: str, _: Moved) -> bool:
        asked.append(sha256)
        raise CUT

    moving = Moving(1, None)
    moving.run({"a": 1, "b": 1, "c": 1}, move)
    assert asked == ["a"] * 4
    assert len(set(map(id, moving.failed.values()))) == 1
    assert moving.failed.keys() == {"a", "b", "c"}


def test_a_refusal_is_not_tried_again() -> None:
    """Wrong credentials are wrong for every object."""
    asked: list[str] = []

    def move(sha256: str, _: Moved) -> bool:
        asked.append(sha256)
        raise DENIED

    moving = Moving(1, None)
    moving.run({"a": 1, "b": 1}, move)
    assert asked == ["a"]
    assert moving.failed.keys() == {"a", "b"}


def test_a_defect_is_not_hidden() -> None:
    """What nobody expects comes through."""

    def move(_: str, __: Moved) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Moving(2, None).run({"a": 1}, move)


def test_what_is_left_of_many_together() -> None:
    """After an error the objects that were not said to be done are left."""

    def move(many: Iterable[str]) -> Generator[tuple[str, bool], None, None]:
        first, second, *_ = many
        yield first, True
        yield second, False
        raise CUT

    moving = Moving(2, None)
    assert moving.run_together({"a": 1, "b": 2, "c": 3}, move) == {"c": 3}
    assert (moving.moved, moving.skipped, moving.size) == (["a"], ["b"], 1)


def test_a_size_that_was_not_known() -> None:
    """What comes of an object of unknown size is expected as it comes."""
    told: list[Progress] = []

    def move(_: str, moved: Moved) -> bool:
        moved(7)
        return True

    moving = Moving(1, told.append)
    moving.expect([None])
    moving.run({"a": None}, move)
    assert told[-1] == (7, 7, 1, 1)


def test_an_interruption_breaks_off_what_is_under_way() -> None:
    """After ^C an object that is being moved stops at its next piece, and counts as nothing."""

    def move(sha256: str, moved: Moved) -> bool:
        if sha256 == "a":
            _thread.interrupt_main()
        while True:
            moved(1)

    moving = Moving(2, None)
    with pytest.raises(KeyboardInterrupt):
        moving.run({"a": 1, "b": 1}, move)
    assert (moving.moved, moving.skipped, moving.missing, moving.failed) == ([], [], [], {})


def test_what_came_before_counts_as_done() -> None:
    """An object of which a part was here already ends the progress at its size all the same."""
    told: list[Progress] = []

    def move(_: str, moved: Moved) -> bool:
        moved(3)
        return True

    moving = Moving(1, told.append)
    moving.expect([10])
    moving.run({"a": 10}, move)
    assert moving.size == 3
    assert told[-1] == (10, 10, 1, 1)
