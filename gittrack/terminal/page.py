"""A page about a run, as titled sections; the form in which verbs hand text to the screen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.terminal.escape import block, markdown
from gittrack.terminal.table import Cell, Column, Table, as_markdown, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Section:
    """A title with a table or lines of text below.

    Attributes:
        title: above, empty for none.
        table: what it shows, None for text.
        lines: text; may have several lines.
        header: whether the table shows the titles of its columns.
    """

    title: str
    table: Table | None = None
    lines: tuple[Cell, ...] = ()
    header: bool = False


def facts(title: str, pairs: Iterable[tuple[str, str]]) -> Section:
    """A section of names and values; pairs without a value are left out."""
    kept = [(key, value) for key, value in pairs if value]
    key_column = Column("key", [Cell(key, "cyan") for key, _ in kept])
    return Section(title, Table((key_column, Column("value", [Cell(value) for _, value in kept], wrap=True))))


def is_empty(section: Section) -> bool:
    """Whether there is nothing below the title."""
    return not section.lines and (section.table is None or not section.table.columns[0].cells)


def plain_page(sections: Sequence[Section]) -> Iterable[str]:
    """The page as plain text: sections apart by an empty line, what is below a title indented."""
    first = True
    for section in sections:
        if is_empty(section):
            continue
        if not first:
            yield ""
        first = False
        indent = "  " if section.title else ""
        if section.title:
            yield block(section.title)
        for cell in section.lines:
            yield from (f"{indent}{text}".rstrip() for text in block(cell.text).split("\n"))
        if section.table is not None:
            yield from (f"{indent}{text}" for text in plain(section.table, header=section.header))


def markdown_page(sections: Sequence[Section]) -> Iterable[str]:
    """The page as Markdown: titles as headings, tables as tables, lines as code."""
    for section in sections:
        if is_empty(section):
            continue
        if section.title:
            yield f"### {markdown(section.title)}"
            yield ""
        if section.lines:
            yield from fenced(block("\n".join(cell.text for cell in section.lines)), "diff")
        if section.table is not None:
            yield from as_markdown(section.table)
        yield ""


def fenced(text: str, language: str = "") -> Iterable[str]:
    """Lines of code in Markdown; the fence is longer than any within."""
    longest = max([3, *(1 + _ticks(line) for line in text.split("\n"))])
    yield "`" * longest + language
    yield from text.rstrip("\n").split("\n")
    yield "`" * longest


def _ticks(line: str) -> int:
    bare = line.lstrip()
    return len(bare) - len(bare.lstrip("`"))
