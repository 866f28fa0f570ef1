"""The list of runs on the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.times import now_ms
from gittrack.store.journal.follow import Follower
from gittrack.store.sync.live_refs import Publication
from gittrack.store.sync.live_state import pack
from gittrack.store.sync.share import pull
from gittrack.tracking import edit
from tests.cli.recorded import begin, record
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote
from tests.support.screens import Screen, on_screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

pytestmark = pytest.mark.usefixtures("runs")


def names(screen: Screen) -> list[str]:
    """The names of the runs from the top down."""
    rows = screen.app.table.rows
    found = [rows.at(row) for row in range(len(rows))]
    ids = [one for one in found if isinstance(one, str)]
    return [one.name for run_id in ids if (one := rows.run(run_id)) is not None]


@pytest.mark.parametrize("size", [(80, 24), (200, 24)])
def test_the_screen(store: RunStore, size: tuple[int, int], golden: Callable[[str, str], None]) -> None:
    """What is seen first, narrow and wide."""

    async def look(screen: Screen) -> None:
        golden(
            f"ui_{size[0]}", screen.text.replace(screen.app.store.git.place.common_dir.parent.name, "repo")
        )

    on_screen(store, look, size=size)


def test_only_ascii(store: RunStore) -> None:
    """Where nothing else can be shown, marks and arrows are ASCII."""

    async def look(screen: Screen) -> None:
        await screen.press("2")
        await screen.until("[2 Curves]")
        await screen.press("escape", "space", "S")
        await screen.until("started v" if "started v" in screen.text else "started ^")
        assert screen.text.isascii()
        strips = screen.app.screen._compositor.render_strips(screen.app.size)
        colours = [one.style.color for strip in strips for one in strip if one.style and one.style.color]
        assert all(colour.is_default for colour in colours)

    on_screen(store, look, plain=True)


def test_an_empty_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to see, and no key fails."""
    from gittrack.store.runs import RunStore as Store
    from tests.support.git import make_repo

    monkeypatch.chdir(make_repo(tmp_path / "empty"))

    async def look(screen: Screen) -> None:
        await screen.press(
            "space", "down", "end", "enter", "2", "m", "t", "d", "r", "y", "Y", "u", "a", "escape"
        )
        assert "0 runs" in screen.text

    on_screen(Store.open(), look)


def test_cursor(store: RunStore) -> None:
    """Keys move the cursor and stop at both ends."""

    async def look(screen: Screen) -> None:
        table = screen.app.table
        for key, row in (("down", 1), ("j", 2), ("k", 1), ("end", 3), ("down", 3), ("home", 0), ("up", 0)):
            await screen.press(key)
            assert table.cursor == row, key
        await screen.press("pagedown")
        assert table.cursor == 3
        await screen.press("pageup")
        assert table.cursor == 0

    on_screen(store, look)


def test_further_columns(store: RunStore) -> None:
    """Right leaves columns out behind the first two."""

    async def look(screen: Screen) -> None:
        assert "status" in screen.text
        await screen.press("right")
        assert "status" not in screen.text
        assert "tiny" in screen.text
        await screen.press("left")
        assert "status" in screen.text

    on_screen(store, look)


def test_sort_by_a_metric(store: RunStore) -> None:
    """The best value comes first; a metric that nobody gave a goal goes by its name."""
    record(store, name="late", start_time=60_000_000, params={"lr": 0.05})

    async def look(screen: Screen) -> None:
        await screen.press("s")
        await screen.type("params.lr")
        await screen.press("enter")
        await screen.until_true(lambda: names(screen)[:1] == ["late"])
        assert names(screen) == ["late", "base", "base", "wide", "tiny"]
        assert "by params.lr ASC" in screen.text
        assert "lr ↑" in screen.text
        await screen.press("S")
        await screen.until_true(lambda: names(screen)[:1] == ["wide"])
        await screen.press("s", "enter")
        await screen.until_true(lambda: names(screen)[:1] == ["late"])
        assert "by" not in screen.text.split("\n")[0].split()

    on_screen(store, look)


def test_a_click_on_a_title_sorts(store: RunStore) -> None:
    """Again, the other way round."""

    async def look(screen: Screen) -> None:
        title = screen.line("name").index("name")
        await screen.pilot.click("#table", offset=(title, 0))
        await screen.until("by run_name ASC")
        await screen.pilot.click("#table", offset=(title, 0))
        await screen.until("by run_name DESC")
        await screen.pilot.click("#table", offset=(99, 0))
        await screen.settle()

    on_screen(store, look)


def test_group_and_fold(store: RunStore) -> None:
    """Groups have a head with their size; enter folds one."""

    async def look(screen: Screen) -> None:
        await screen.press("g")
        await screen.type("params.lr")
        await screen.press("enter")
        await screen.until("lr = 0.1  2 runs")
        assert "no lr  1 run" in screen.text
        assert len(screen.app.table.rows) == 4 + 3
        await screen.press("enter")
        assert len(screen.app.table.rows) == 5
        assert "▸ lr = 0.1" in screen.text
        await screen.press("enter", "down", "space")
        await screen.until("1 marked")
        await screen.press("g", "enter")
        await screen.until_true(lambda: len(screen.app.table.rows) == 4)

    on_screen(store, look)


def test_groups_have_means(store: RunStore) -> None:
    """Of the metrics that are shown, in their columns; other columns, other means."""

    async def look(screen: Screen) -> None:
        await screen.press("g")
        await screen.type("params.lr")
        await screen.press("enter")
        await screen.until("lr = 0.1  2 runs")
        titles, head = screen.line("status"), screen.line("lr = 0.1")
        end = titles.index("loss") + len("loss")
        assert head[:end].endswith(f"{math.exp(-1.9):.4f}")
        await screen.press("c")
        await screen.type("host")
        await screen.press("tab", "enter")
        await screen.until("host")
        assert screen.app.table.names[-1] == "host"

    on_screen(store, look)


def test_chosen_columns_are_remembered(store: RunStore, tmp_path: Path) -> None:
    """The next screen has them; without any chosen, the first choice comes back."""
    state = tmp_path / "state" / "ui.json"

    async def choose(screen: Screen) -> None:
        await screen.press("c")
        await screen.type("host")
        await screen.press("tab", "enter")
        await screen.until("host")
        assert "host" in screen.app.table.names

    async def look(screen: Screen) -> None:
        assert screen.app.table.names[-1] == "host"
        await screen.press("c", "tab", "shift+down", "down", "shift+down", "up", "shift+up", "enter")
        assert "id" not in screen.app.table.names
        await screen.press("c", "down", "escape")

    on_screen(store, choose, state=state)
    on_screen(store, look, state=state)


def test_marks(store: RunStore) -> None:
    """Space marks one, `a` all and none, escape lets them go; a click in the gutter marks too."""

    async def look(screen: Screen) -> None:
        await screen.press("space")
        assert "1 marked" in screen.text
        assert "●" in screen.line("tiny")
        await screen.press("up", "space")
        assert "marked" not in screen.text.split("\n")[0]
        await screen.press("a")
        assert "4 marked" in screen.text
        await screen.press("a")
        assert "marked" not in screen.text.split("\n")[0]
        await screen.pilot.click("#table", offset=(1, 2))
        await screen.settle()
        assert "1 marked" in screen.text
        assert screen.app.table.cursor == 1
        await screen.press("escape")
        assert "marked" not in screen.text.split("\n")[0]

    on_screen(store, look)


def test_a_double_click_opens(store: RunStore) -> None:
    """A click puts the cursor there, a second one opens the pane."""

    async def look(screen: Screen) -> None:
        await screen.pilot.click("#table", offset=(9, 3), times=2)
        await screen.until("1 Run")
        assert screen.app.table.cursor == 2
        await screen.pilot.click("#table", offset=(9, 9))
        await screen.settle()
        assert screen.app.table.cursor == 2

    on_screen(store, look)


def test_removed_runs(store: RunStore, runs: list[Run]) -> None:
    """They are hidden until they are asked for."""
    edit.hide(store, [runs[0].id])

    async def look(screen: Screen) -> None:
        assert "3 runs" in screen.text
        await screen.press("D")
        await screen.until("4 runs")
        assert "(removed)" in screen.text

    on_screen(store, look)


def test_a_run_that_goes_on(store: RunStore) -> None:
    """Live runs come first, follow their journals and become ordinary ones at their end."""
    from gittrack.core.events import Ended

    run, journal = begin(store, name="going", params={"lr": 0.3})

    async def look(screen: Screen) -> None:
        await screen.until("1 running")
        assert "going" in screen.text.split("\n")[2]
        for step in range(20, 40):
            journal.point("loss", 0.7123, step)
        await screen.until("0.7123")
        await screen.press("2", "m")
        await screen.until("(0.7123)")
        journal.event(Ended("finished", run.start_time + 1000, 0))
        journal.close()
        store.finish(run.id)
        await screen.until("running", gone=True)
        await screen.until("5 runs")

    on_screen(store, look)


def test_a_run_whose_process_died(store: RunStore) -> None:
    """The screen finishes it like any command does."""
    _, journal = begin(store, name="dies", start_time=50_000_000)
    journal.close()

    async def look(screen: Screen) -> None:
        await screen.until("killed")

    on_screen(store, look)


def test_runs_of_another_process(store: RunStore) -> None:
    """What was committed meanwhile appears, and the cursor stays at its run."""

    async def look(screen: Screen) -> None:
        await screen.press("down")
        at = screen.app.table.at_cursor
        record(store, name="new", start_time=70_000_000)
        await screen.until("new")
        await screen.until("5 runs")
        assert screen.app.table.at_cursor == at
        await screen.press("f5")
        await screen.until("new")

    on_screen(store, look)


def test_only_what_is_seen_is_read(store: RunStore) -> None:
    """Of many runs a few are read; the others when they come into sight."""
    for number in range(150):
        store.git  # noqa: B018  the fixture
        record(store, name=f"n{number}", start_time=60_000_000 + number)

    async def look(screen: Screen) -> None:
        await screen.until("154 runs")
        rows = screen.app.table.rows
        assert len([one for one in rows.listing.ids if rows.run(one)]) < 154
        await screen.press("end")
        await screen.until("base")

    on_screen(store, look, size=(80, 12))


def test_a_run_elsewhere(store: RunStore, repo: Path, tmp_path: Path) -> None:
    """What a fetch brought of it is listed, with its curves; `pull` brings more."""
    remote = make_remote(tmp_path / "hub.git")
    git_run("remote", "add", "origin", str(remote), cwd=repo)
    other = clone(remote, tmp_path / "other")
    run, journal = begin(other, name="far", host="node7")
    follower = Follower(other.live_directory(run.id))
    follower.poll()
    assert follower.run is not None
    Publication(other, run.id).put(pack(follower.run, follower.tails.values(), now_ms(), 30.0))
    pull(store)

    async def look(screen: Screen) -> None:
        await screen.until("far")
        assert "running" in screen.line("far")
        await screen.press("home", "enter")
        await screen.until("0.1496")

    on_screen(store, look)
    assert invoke(["ls", "--ids", "attributes.host = 'node7'"]) == 0
    journal.close()
