"""Changes made on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError
from gittrack.terminal.app.app import parsed_tags, reproduce_command
from tests.support.screens import Screen, on_screen

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


def test_tags(store: RunStore, runs: list[Run]) -> None:
    """Of all marked runs at once; a mistake is said and changes nothing."""

    async def look(screen: Screen) -> None:
        await screen.press("space", "space", "t")
        await screen.type("owner=ada")
        await screen.press("enter")
        await screen.until_true(lambda: store.get(runs[3].id).tags.get("owner") == "ada")
        assert store.get(runs[2].id).tags["owner"] == "ada"
        await screen.press("t")
        await screen.type("what")
        await screen.press("enter")
        await screen.until("is no")
        await screen.press("t", "escape")

    on_screen(store, look, notifications=True)


def test_note(store: RunStore, runs: list[Run]) -> None:
    """Several lines; ctrl+s saves, escape does not."""

    async def look(screen: Screen) -> None:
        await screen.press("n")
        await screen.type("one")
        await screen.press("enter")
        await screen.type("two")
        await screen.press("ctrl+s")
        await screen.until_true(lambda: store.get(runs[3].id).note == "one\ntwo")
        await screen.until_true(lambda: "one" in screen.app._of_one([runs[3].id], "note"))
        await screen.press("n")
        await screen.until("two")
        await screen.type("x")
        await screen.press("escape")
        assert store.get(runs[3].id).note == "one\ntwo"

    on_screen(store, look)


def test_rename(store: RunStore, runs: list[Run]) -> None:
    """The old name is there to change."""

    async def look(screen: Screen) -> None:
        await screen.press("N")
        await screen.until("Name of run")
        await screen.type("2")
        await screen.press("enter")
        await screen.until("tiny2")
        assert store.get(runs[3].id).name == "tiny2"

    on_screen(store, look)


def test_remove_and_restore(store: RunStore, runs: list[Run]) -> None:
    """After a question; u brings it back."""

    async def look(screen: Screen) -> None:
        await screen.press("d")
        await screen.until("They are")
        await screen.press("n", "d", "y")
        await screen.until("3 runs")
        assert store.get(runs[3].id).deleted
        await screen.press("D")
        await screen.until("(removed)")
        await screen.press("home", "u")
        await screen.until("(removed)", gone=True)

    on_screen(store, look)


def test_reproduce(store: RunStore, runs: list[Run]) -> None:
    """The command is shown and copied."""

    async def look(screen: Screen) -> None:
        await screen.press("r")
        await screen.until(f"gittrack reproduce {runs[3].id}")
        await screen.press("down", "up", "y")
        assert screen.app.clipboard == f"gittrack reproduce {runs[3].id}"
        await screen.press("Y")
        assert screen.app.clipboard == runs[3].id
        await screen.press("r", "escape")

    on_screen(store, look)


def test_the_recorded_command_is_shown(store: RunStore) -> None:
    """Beside the one that reproduces it."""
    from tests.cli.recorded import record

    record(store, command=("python", "train.py", "--name", "a b"))

    async def look(screen: Screen) -> None:
        await screen.press("r")
        await screen.until("recorded: python train.py --name 'a b'")

    on_screen(store, look)


def test_help(store: RunStore, runs: list[Run]) -> None:
    """All keys, by what they are about."""
    del runs

    async def look(screen: Screen) -> None:
        await screen.press("question_mark")
        await screen.until("filter; enter goes back")
        await screen.press("down", "escape")
        assert "filter; enter" not in screen.text

    on_screen(store, look)


def test_tags_as_typed() -> None:
    """Words as in a shell."""
    assert parsed_tags("a=1 'b c'=d -e") == ({"a": "1", "b c": "d"}, ["e"])
    for text in ("a", "=1", "-", "'a=1"):
        with pytest.raises(GitTrackError):
            parsed_tags(text)


def test_the_command_is_quoted() -> None:
    """Whatever the id is."""
    assert reproduce_command("a; rm") == "gittrack reproduce 'a; rm'"
