"""The panes."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from gittrack.tracking import edit
from tests.support.screens import Screen, on_screen
from tests.terminal.app.conftest import CSV, with_artifacts

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

pytestmark = pytest.mark.usefixtures("runs")


def test_each_pane_of_one_run(store: RunStore) -> None:
    """Every pane says something of the run at the cursor."""
    said = ("Params", "acc", "lr", "commit", "numpy", "no system", "100%", "output.log", "History")

    async def look(screen: Screen) -> None:
        await screen.press("down", "tab")
        await screen.until("1 Run")
        await screen.press("z")
        for number, text in enumerate(said, 1):
            await screen.press(str(number))
            await screen.until(text)

    on_screen(store, look, size=(100, 60))


def test_the_pane_opens_and_closes(store: RunStore) -> None:
    """Enter and escape; tab goes there and back; z gives it the screen."""

    async def look(screen: Screen) -> None:
        await screen.press("enter")
        await screen.until("1 Run")
        await screen.press("tab")
        assert screen.app.lines.has_focus
        await screen.press("down", "j", "k", "up", "tab")
        assert screen.app.table.has_focus
        await screen.press("z")
        await screen.until("experiment")
        assert not screen.app.table.display
        await screen.press("escape")
        assert screen.app.table.display
        await screen.press("escape")
        assert "1 Run" not in screen.text

    on_screen(store, look)


def test_a_wide_screen_has_the_pane_beside(store: RunStore) -> None:
    """From 150 columns on."""

    async def look(screen: Screen) -> None:
        await screen.press("enter")
        await screen.until("1 Run")
        assert screen.app.lines.region.x > 50
        await screen.pilot.resize_terminal(100, 30)
        await screen.until_true(lambda: screen.app.lines.region.x == 0)

    on_screen(store, look, size=(180, 30))


def test_curves_over_each_other(store: RunStore) -> None:
    """Marked runs in one chart; keys change metric, axes, smoothing, part and bands."""

    async def look(screen: Screen) -> None:
        await screen.press("a", "2")
        await screen.until("wide cccccccc")
        assert "metric 1 of 2, x: step" in screen.text
        await screen.press("m")
        await screen.until("metric 2 of 2")
        await screen.press("M", "l", "w")
        await screen.until("x: step, log y, smoothed 0.6")
        await screen.press("plus", "greater_than_sign")
        await screen.until("zoomed to 38%..88%")
        await screen.press("less_than_sign", "minus", "0", "x")
        await screen.until("time since the start")
        await screen.press("x")
        await screen.until("no metric named epoch")
        await screen.press("x", "b")
        await screen.until("± sd of 2")
        assert "mean" in screen.text

    on_screen(store, look)


def test_a_key_of_curves_shows_them(store: RunStore) -> None:
    """Without the pane, it opens it."""

    async def look(screen: Screen) -> None:
        await screen.press("l")
        await screen.until("metric 1 of 2")

    on_screen(store, look)


def test_what_differs(store: RunStore) -> None:
    """Between one marked run and the one at the cursor: params, environment, code."""

    async def look(screen: Screen) -> None:
        await screen.press("down", "space", "3")
        await screen.until("lr")
        assert re.search(r"^ lr +0.2 +0.1$", screen.text, re.MULTILINE)
        await screen.press("5")
        await screen.until("packages.numpy")
        assert "→" in screen.line("packages.numpy")
        await screen.press("4")
        await screen.until("not recorded")
        await screen.press("escape", "escape", "home", "3")
        await screen.until("mark several runs")

    on_screen(store, look)


def test_nothing_differs(store: RunStore, runs: list[Run]) -> None:
    """That is said, of environments."""
    del runs

    async def look(screen: Screen) -> None:
        await screen.press("end", "space", "up", "space", "5")
        await screen.until("nothing differs")

    on_screen(store, look)


def test_code_of_two_snapshots(repo: object, store: RunStore) -> None:
    """The difference between two real snapshots, and what one run had uncommitted."""
    from pathlib import Path

    import gittrack

    folder = Path(str(repo))
    (folder / "train.py").write_text("print(1)\n")
    with gittrack.start_run("first"):
        pass
    (folder / "train.py").write_text("print(2)\n")
    with gittrack.start_run("second"):
        pass

    async def look(screen: Screen) -> None:
        await screen.until("6 runs")
        await screen.press("4")
        await screen.until("+print(2)")
        await screen.press("space", "space")
        await screen.until("-print(2)")
        assert "+print(1)" in screen.text

    on_screen(store, look, size=(100, 50))


def test_artifacts_and_what_is_in_them(store: RunStore) -> None:
    """Enter shows a table, a text, an image, bytes; escape goes back."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    with_artifacts(
        store,
        a_csv=CSV,
        b_txt=b"plain words",
        c_png=file.getvalue(),
        d_bin=b"\xff\xfe\x00binary",
        e_jsonl=b'{"k": 1}\n{"k": 2}\n',
        f_png=b"no image",
        g_txt=b"x" * 4_000_001,
    )
    shown = ("0.25", "plain words", "PNG, 8 x 8", "62 69 6e", "k", "not an image", "too large")

    async def look(screen: Screen) -> None:
        await screen.press("end", "8")
        await screen.until("a.csv")
        await screen.press("tab")
        for text in shown:
            await screen.press("enter")
            await screen.until(text)
            await screen.until("escape goes back")
            await screen.press("escape")
            await screen.until("sha256")
            await screen.press("down")
        await screen.pilot.click("#lines", offset=(4, 2))
        await screen.until("0.25")

    on_screen(store, look, size=(100, 50))


def test_a_directory_artifact(store: RunStore, repo: object) -> None:
    """Its files are listed."""
    from pathlib import Path

    import gittrack

    folder = Path(str(repo)) / "model"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"123")
    with gittrack.start_run("dir"):
        gittrack.log_artifact(folder)

    async def look(screen: Screen) -> None:
        await screen.until("dir")
        await screen.press("8")
        await screen.until("model/")
        await screen.press("tab", "enter")
        await screen.until("weights.bin")

    on_screen(store, look)


def test_content_that_is_not_here(store: RunStore) -> None:
    """The command that fetches it is named."""
    run = with_artifacts(store, a_bin=b"\xff" * 10)
    path = store.objects.path_of(run.artifacts[0].sha256)
    path.chmod(0o644)
    path.unlink()

    async def look(screen: Screen) -> None:
        await screen.press("end", "8", "tab")
        await screen.until("a.bin")
        await screen.press("enter")
        await screen.until("gittrack artifacts get")

    on_screen(store, look)


def test_notes_and_tags(store: RunStore, runs: list[Run]) -> None:
    """A note with its lines, tags, and who changed what."""
    edit.note(store, [runs[3].id], "first line\nsecond line")
    edit.tag(store, [runs[3].id], {"owner": "ada"})

    async def look(screen: Screen) -> None:
        await screen.press("9")
        await screen.until("second line")
        assert "owner" in screen.text
        assert "Ada" in screen.text

    on_screen(store, look, size=(100, 40))


def test_system_metrics(store: RunStore) -> None:
    """A small chart for each."""
    from gittrack.core.events import Ended
    from tests.cli.recorded import begin

    run, journal = begin(store, name="busy", start_time=60_000_000)
    for step in range(5):
        journal.point("system/cpu_percent", 10.0 * step, step)
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    store.finish(run.id)

    async def look(screen: Screen) -> None:
        await screen.press("6")
        await screen.until("system/cpu_percent (40)")

    on_screen(store, look, size=(100, 40))


def test_a_file_that_is_gone(store: RunStore, runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read is said in the pane."""
    from gittrack.store.runs import RunStore as Store

    del runs

    def refuse(_store: RunStore, _run_id: str) -> None:
        msg = "no right"
        raise PermissionError(msg)

    monkeypatch.setattr(Store, "environment", refuse)

    async def look(screen: Screen) -> None:
        await screen.press("5")
        await screen.until("cannot be read: no right")

    on_screen(store, look)
