"""The line of the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.support.screens import Screen, on_screen

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

pytestmark = pytest.mark.usefixtures("runs")


def test_filter_as_it_is_typed(store: RunStore) -> None:
    """The list follows; enter goes back to it and leaves the filter standing."""

    async def look(screen: Screen) -> None:
        await screen.press("slash")
        await screen.type("params.lr = 0.1")
        await screen.until("2 runs match")
        await screen.press("enter", "space")
        assert "1 marked" in screen.text
        assert "params.lr = 0.1" in screen.text
        await screen.press("escape", "escape")
        await screen.until("4 runs")
        assert "params.lr = 0.1" not in screen.text

    on_screen(store, look)


def test_an_error_stands_below_its_place(store: RunStore) -> None:
    """With the grammar's own words and hint; the list stays as it is."""

    async def look(screen: Screen) -> None:
        await screen.press("slash")
        await screen.type("status = 1 and parms.lr")
        await screen.until("^")
        line, below = screen.text.split("\n")[1:3]
        assert below[line.index("1")] == "^"
        assert "4 runs" in screen.text.split("\n")[0]
        await screen.press("escape")
        await screen.until("^", gone=True)

    on_screen(store, look)


def test_names_are_suggested(store: RunStore) -> None:
    """Right takes the rest of a name."""

    async def look(screen: Screen) -> None:
        await screen.press("slash")
        await screen.type("metrics.lo")
        await screen.until("metrics.loss")
        await screen.press("right")
        assert screen.app.query_one("#filter Input", Input).value == "metrics.loss"
        await screen.type(" > 5 and sta")
        await screen.until("status")
        await screen.type("tus = 'met")
        assert "metrics.loss > 5 and status = 'met" in screen.text

    on_screen(store, look)


def test_a_filter_to_begin_with(store: RunStore) -> None:
    """As given on the command line."""

    async def look(screen: Screen) -> None:
        await screen.until("1 run")
        assert "tiny" in screen.text
        assert "experiment = 'other'" in screen.text

    on_screen(store, look, filter_text="experiment = 'other'")
