"""The pictures in the documentation: `python docs/screens/make.py` makes them anew.

They are screens of the real application over the runs of `demo.py`, as Textual exports them.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import demo

from gittrack.store.runs import RunStore
from gittrack.terminal.app.app import RunsApp
from gittrack.terminal.app.state import Memory

_FILTER = "params.model = 'cnn' and metrics.acc > "
SCREENS: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "list": ((100, 24), ("slash", *_FILTER, "escape")),
    "filter": ((100, 14), ("slash", *_FILTER)),
    "curves": ((110, 34), ("down", "down", "down", "space", "space", "space", "space", "2", "w")),
    "bands": ((110, 34), ("down", "down", "down", "space", "space", "space", "home", "space", "2", "b", "w")),
    "differences": ((110, 30), ("space", "end", "space", "3")),
    "code": ((100, 34), ("space", "end", "space", "4")),
    "picture": ((100, 44), ("8", "tab", "enter")),
    "wide": ((180, 40), ("g", *"params.model", "enter", "down", "1")),
    "help": ((100, 44), ("question_mark",)),
}
"""Name of the file: columns and lines, and the keys that lead there."""

_NAMES = {
    " ": "space",
    ".": "full_stop",
    ">": "greater_than_sign",
    "'": "apostrophe",
    "=": "equals_sign",
    "_": "underscore",
}


async def shoot(store: RunStore, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """The screen after some keys, as SVG."""
    app = RunsApp(store, Memory(None, Path()))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.0)
        for key in keys:
            await pilot.press(_NAMES.get(key, key))
            await pilot.pause(0.05)
        await pilot.pause(1.0)
        # The fonts would be fetched from somebody else's server.
        return re.sub(
            r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="gittrack ui"), flags=re.DOTALL
        )


def main() -> None:
    """Make the runs and all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        demo.make(Path(folder) / "digits")
        store = RunStore.open()
        for name, (size, keys) in SCREENS.items():
            svg = asyncio.run(shoot(store, size, keys))
            (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
            print(f"{name}.svg")


if __name__ == "__main__":
    main()
