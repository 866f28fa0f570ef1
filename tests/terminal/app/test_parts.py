"""The parts of the screen that need none."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from rich.console import Console

from gittrack.core.records import MetricSummary, Run
from gittrack.query.paged import Group, Listing
from gittrack.terminal.app import columns
from gittrack.terminal.app.app import RunsApp
from gittrack.terminal.app.artifacts import artifacts, preview, shown
from gittrack.terminal.app.curve_settings import CurveSettings
from gittrack.terminal.app.dialogs import help_table
from gittrack.terminal.app.keymap import KEYS, PANES
from gittrack.terminal.app.panes import made
from gittrack.terminal.app.picture import picture
from gittrack.terminal.app.rows import Head, Rows
from gittrack.terminal.app.state import Memory
from gittrack.terminal.app.view import Material, View

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def test_columns_of_each_repository(tmp_path: Path) -> None:
    """Each has its own; nothing in the file says where they are."""
    path = tmp_path / "state" / "ui.json"
    one, other = (Memory(path, tmp_path / name) for name in ("one", "other"))
    one.remember(["id", "metrics.acc"])
    assert one.columns() == ["id", "metrics.acc"]
    assert other.columns() is None
    assert str(tmp_path) not in path.read_text()
    assert set(json.loads(path.read_text())) == {"columns"}
    one.remember(None)
    assert one.columns() is None


def test_a_broken_memory_is_none(tmp_path: Path) -> None:
    """Whatever is in the file; and where it cannot be written nothing happens."""
    path = tmp_path / "ui.json"
    memory = Memory(path, tmp_path)
    memory.remember(["id"])
    key = next(iter(json.loads(path.read_text())["columns"]))
    for text in (
        "rubbish",
        "[]",
        '{"columns": 1}',
        json.dumps({"columns": {key: [1, 2]}}),
        json.dumps({"columns": {key: "id"}}),
    ):
        path.write_text(text)
        assert memory.columns() is None, text
    Memory(tmp_path / "ui.json" / "below", tmp_path).remember(["id"])
    nothing = Memory(None, tmp_path)
    nothing.remember(["id"])
    assert nothing.columns() is None


def test_first_choice() -> None:
    """What tells runs apart; not the machine's metrics."""
    summary = MetricSummary(1.0, 0, 0, 1.0, 1.0, 1)
    metrics = dict.fromkeys(("loss", "acc", "system/cpu_percent", "gpu/0/utilisation", "epoch"), summary)
    runs = [
        Run("a", params={"lr": 1, "same": 0}, metrics=metrics),
        Run("b", "x", params={"lr": 2, "same": 0}),
    ]
    chosen = columns.first_choice(runs, {"acc": {"goal": "max"}})
    assert chosen == [
        "id",
        "name",
        "status",
        "experiment",
        "started",
        "duration",
        "metrics.acc",
        "metrics.loss",
        "params.lr",
    ]
    assert columns.first_choice([], {}) == ["id", "name", "status", "started", "duration"]


def test_names_of_columns() -> None:
    """Titles are short where that is clear; some columns are no fields."""
    assert columns.title("metrics.lr", ["metrics.lr", "params.lr"]) == "metrics.lr"
    assert columns.title("params.lr", ["params.lr"]) == "lr"
    assert columns.field_of("command") is None
    assert str(columns.field_of("name")) == "run_name"
    assert not columns.is_column("params.")
    assert not columns.is_column("nothing")
    assert columns.cells([], ["id"], 0, marks=True) == []
    assert [cell.text for cell in columns.cells([Run("a")], ["bogus"], 0, marks=True)[0]] == [""]


def test_rows_with_groups() -> None:
    """Heads count as rows, folded groups hide theirs."""
    rows = Rows()
    groups = (Group("x", 0, 2), Group(None, 2, 1))
    rows.show(Listing(["a", "b", "c"], groups))
    assert [rows.at(row) for row in range(6)] == [
        Head(groups[0], folded=False),
        "a",
        "b",
        Head(groups[1], folded=False),
        "c",
        None,
    ]
    assert [rows.row_of(one) for one in "abcd"] == [1, 2, 4, None]
    rows.fold(groups[0])
    assert (len(rows), rows.row_of("b"), rows.row_of("c"), rows.at(1)) == (
        3,
        None,
        2,
        Head(groups[1], folded=False),
    )
    rows.unfold_all()
    rows.show(Listing(["a"]), anew=True)
    assert rows.missing(-5, 9) == ["a"]
    rows.add({"a": Run("a")})
    assert rows.missing(0, 9) == []
    rows.add({str(number): Run(str(number)) for number in range(4001)})
    rows.add({"z": Run("z")})
    assert rows.run("a") is None


def test_settings_of_curves() -> None:
    """Zooming and panning stay within the curve; choices go round."""
    settings = CurveSettings()
    for _ in range(20):
        settings = settings.after("zoom", 1, [])
    assert settings.high - settings.low >= 1 / 4096
    settings = settings.after("pan", -1, []).after("pan", 1, [])
    for _ in range(20):
        settings = settings.after("zoom", -1, [])
    assert (settings.low, settings.high) == (0, 1)
    assert settings.after("metric", 1, []) == settings
    assert settings.after("metric", -1, ["a", "b"]).metric == "b"
    assert settings.after("smooth", -1, []).smooth == 0.97


def test_each_key_does_something() -> None:
    """The action of each key exists, and the help names all of them."""
    for key in KEYS:
        name = key.action.partition("(")[0]
        assert not name or hasattr(RunsApp, f"action_{name}"), key
    console = Console(file=io.StringIO(), width=100)
    console.print(help_table())
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert all(key.shown in shown for key in KEYS)


def test_pictures() -> None:
    """In colours, in shades, damaged, and larger than anybody wants."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 3), "white").save(file, "PNG")
    lines = picture(file.getvalue(), 20, 10, colours=True)
    assert [line.text for line in lines[1:]] == ["▀" * 20]
    assert picture(file.getvalue(), 20, 10, colours=False)[1].text == "@" * 20
    assert "not an image" in picture(b"rubbish", 20, 10, colours=True)[0].text
    huge = io.BytesIO()
    Image.new("1", (8000, 8000)).save(huge, "PNG")
    assert "too large" in picture(huge.getvalue(), 20, 10, colours=True)[0].text


def _view(store: RunStore, width: int = 60) -> View:
    """A pane of one run that has nothing."""
    run = Run("20261124-000000-abcdefgh")
    return View(Material(store), (run,), width, 20, True, True, 0, CurveSettings())  # noqa: FBT003  see View


def _shown(store: RunStore, path: str, data: bytes) -> str:
    return "\n".join(line.text for line in shown(_view(store), path, data))


def test_tables_of_files(store: RunStore) -> None:
    """Ragged rows, other separators, more rows than are shown; what is no table is text."""
    assert "1  2" in _shown(store, "a.tsv", b"x\ty\n1\t2\n3\n")
    assert "more rows" in _shown(store, "a.csv", b"x\n" + b"1\n" * 600)
    assert "only a title" in _shown(store, "a.csv", b"only a title")
    assert "5" in _shown(store, "a.jsonl", b"5\n")
    assert "{broken" in _shown(store, "a.jsonl", b"{broken\n")
    assert "k" in _shown(store, "a.jsonl", b'{"k": 1}\n\n{"other": [2]}\n')


def test_previews_that_cannot_be(store: RunStore) -> None:
    """A run without artifacts, and a path that it does not have."""
    view = _view(store)
    assert "no artifact was logged" in artifacts(view)[0].text
    assert "no artifact gone" in preview(view, "gone")[0].text


def test_panes_of_a_run_that_is_not_there(store: RunStore) -> None:
    """What is wrong is said, whatever pane it is."""
    said = [made(pane, _view(store)) for pane in range(len(PANES))]
    assert all(lines for lines in said)
    assert "no metric was logged" in said[1][0].text
    assert any("no run" in line.text for line in said[5])
