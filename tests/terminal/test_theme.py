"""Pages on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from gittrack.terminal.page import Section, facts
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import rich_page


def drawn(sections: list[Section], width: int) -> list[str]:
    """The lines of a page on a terminal of so many columns."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(rich_page(sections, width))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_narrow_page_loses_columns_rather_than_letters() -> None:
    """The least important column goes; names and titles of the others stay whole."""
    table = Table(
        (
            Column("metric", [Cell("train_loss")]),
            Column("points", [Cell("30")], right=True),
            Column("curve", [Cell("x" * 24)], rank=1),
        )
    )
    section = Section("Metrics", table, header=True)
    assert drawn([section], 80)[1:] == ["  metric      points  curve", f"  train_loss      30  {'x' * 24}"]
    assert drawn([section], 40)[1:] == ["  metric      points", "  train_loss      30", "  +1 more column"]


def test_long_facts_wrap() -> None:
    """Values without titles of columns go on in the next line."""
    lines = drawn([facts("Run", [("command", "python " + "x" * 60)])], 40)
    assert lines[0] == "Run"
    assert "".join(lines).count("x") == 60
