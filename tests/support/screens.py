"""`gittrack ui` without a terminal: keys go in, what is on the screen comes out."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

from gittrack.terminal.app.app import RunsApp
from gittrack.terminal.app.state import Memory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from gittrack.store.runs import RunStore

_LISTED = re.compile(r"\d runs?\b")
_PATIENCE = 60.0
_KEYS = {" ": "space", ".": "full_stop", ">": "greater_than_sign", "'": "apostrophe", "=": "equals_sign"}
_KEYS |= {"_": "underscore", "-": "minus", "/": "slash"}


class Screen:
    """An application that runs, and its keys.

    Attributes:
        app: the application.
        pilot: Textual's hands on it.
    """

    def __init__(self, app: RunsApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join("".join(one.text for one in strip).rstrip() for strip in strips)

    def line(self, part: str) -> str:
        """The first line with some text in it."""
        return next(line for line in self.text.split("\n") if part in line)

    async def press(self, *keys: str) -> None:
        """Press keys and wait until nothing is under way."""
        for key in keys:
            await self.pilot.press(key)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type letters."""
        for letter in text:
            await self.pilot.press(_KEYS.get(letter, letter))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way but the looks at files."""
        await self.pilot.pause()
        self.check()

    async def until(self, text: str, *, gone: bool = False) -> str:
        """Wait until some text is on the screen, or is not any more; gives the screen."""
        return await self.until_true(lambda: (text in self.text) is not gone, repr(text))

    async def until_true(self, true: Callable[[], bool], what: str = "it") -> str:
        """Wait for something."""
        deadline = time.monotonic() + _PATIENCE
        while not true():
            self.check()
            assert time.monotonic() < deadline, f"{what} did not come:\n{self.text}"
            await self.pilot.pause(0.01)
        return self.text

    def check(self) -> None:
        """Raise what went wrong inside."""
        if self.app.defect is not None:
            raise self.app.defect


def on_screen(
    store: RunStore,
    work: Callable[[Screen], Awaitable[None]],
    *,
    size: tuple[int, int] = (100, 30),
    state: Path | None = None,
    plain: bool = False,
    filter_text: str = "",
    notifications: bool = False,
) -> None:
    """Run the application and do something with it.

    Args:
        store: the runs.
        work: what to do; runs are listed when it begins.
        size: columns and lines.
        state: the file of the columns.
        plain: without colours, and in ASCII.
        filter_text: a filter to begin with.
        notifications: whether messages are shown, which stand before other things.
    """

    async def go() -> None:
        memory = Memory(state, store.git.place.common_dir)
        app = RunsApp(store, memory, unicode=not plain, colours=not plain, filter_text=filter_text)
        async with app.run_test(size=size, notifications=notifications) as pilot:
            screen = Screen(app, pilot)
            await screen.until_true(
                lambda: _LISTED.search(screen.text.split("\n")[0]) is not None, "the list"
            )
            await work(screen)
            screen.check()

    asyncio.run(go())
