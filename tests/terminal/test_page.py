from __future__ import annotations

from gittrack.terminal.page import Section, fenced, markdown_page
from gittrack.terminal.table import Cell, Column, Table


def test_markdown() -> None:
    """Titles, tables and lines, with nothing taken for markup; empty sections are left out."""
    table = Table((Column("a", [Cell("1|2")]),))
    lines = list(
        markdown_page([Section("Ti*tle", table), Section("none"), Section("", lines=(Cell("- x"),))])
    )
    assert lines == [
        "### Ti&#42;tle",
        "",
        "| a |",
        "| --- |",
        "| 1&#124;2 |",
        "",
        "```diff",
        "- x",
        "```",
        "",
    ]


def test_a_fence_is_longer_than_any_within() -> None:
    """Code that has fences of its own stays code."""
    assert list(fenced("a\n  ````\n```")) == ["`````", "a", "  ````", "```", "`````"]
