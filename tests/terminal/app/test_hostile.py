"""Text of other people on the screen is only text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact
from tests.cli.recorded import begin
from tests.support.screens import Screen, on_screen

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

EVIL = "\x1b[2J\x1b]52;c;eA==\x07[red]x[/red] \u202eback @all " + "w" * 300
_BAD = ("\x1b", "\x07", "\u202e", "\r", "\n", "\t")


def test_every_pane(store: RunStore) -> None:
    """No control character reaches a line; markup is shown as it is."""
    run, journal = begin(
        store,
        name=EVIL,
        note=EVIL,
        params={EVIL.replace("\x1b", "").replace("\x07", ""): EVIL},
        tags={"t": EVIL},
        command=("python", EVIL),
        user=EVIL,
        start_time=50_000_000,
    )
    for path, data in (
        ("output.log", EVIL.encode()),
        ("a.csv", f"a,{EVIL}\n1,2\n".encode()),
        ("b.txt", EVIL.encode()),
    ):
        journal.event(ArtifactLogged(Artifact(path, *store.objects.put_bytes(data))))
    journal.event(Ended("finished", run.start_time + 5, 0))
    journal.close()
    store.finish(run.id)
    seen: list[str] = []

    async def look(screen: Screen) -> None:
        for number in range(1, 10):
            await screen.press(str(number))
            seen.append(harmless(screen))
        await screen.press("8", "tab")
        await screen.until("b.txt")
        for _ in range(3):
            await screen.press("enter")
            await screen.until("escape goes back")
            seen.append(harmless(screen))
            await screen.press("escape", "down")
        for keys in ("t", "n", "N", "d", "r", "s", "g", "c"):
            await screen.press(keys)
            seen.append(harmless(screen))
            await screen.press("escape")

    on_screen(store, look, size=(120, 40))
    assert any("[red]x[/red]" in text for text in seen)


def harmless(screen: Screen) -> str:
    """The screen, after a look at each of its pieces."""
    strips = screen.app.screen._compositor.render_strips(screen.app.size)
    pieces = [one.text for strip in strips for one in strip]
    assert not [piece for piece in pieces if any(bad in piece for bad in _BAD)]
    return "".join(pieces)
