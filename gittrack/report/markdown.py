"""A report as Markdown, for a comment or a step summary; pure.

It fits its budget: sections fall away from the bottom, tables get shorter, and the report says so. The
verdict, warnings, the head of the metrics and the command to reproduce never fall away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from gittrack.report import mermaid
from gittrack.report.document import Chart, Command, Items, Patch, Pictures, Section, Table, Text
from gittrack.report.escape import markdown, markdown_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gittrack.report.document import Block, Cell, Document, Line, Span

Budget = Literal["comment", "summary"]
BUDGETS: dict[Budget, int] = {"comment": 60_000, "summary": 1_000_000}
"""Characters of a comment (GitHub takes 65,536), bytes of a summary (beyond 1 MiB GitHub drops all of it)."""
MARKS = {"failed": "❌", "warning": "⚠️", "passed": "✅", "no baseline": "⚪", "": ""}
_PLAIN = re.compile(r"[\w./:+-]+(?: [\w./:+-]+)*", re.ASCII)
_TONES = {"bad": "**", "good": "", "warn": "", "dim": "", "": ""}
_CELL, _TEXT, _NOTE = 80, 300, 2000  # characters of a cell, of a line, of a quotation
_CHARTS = 6  # Mermaid draws each in a frame of its own
_RESERVE = 400  # for saying what fell away
_FEWEST = 3  # rows of a table that is worth showing


def markdown_of(document: Document, budget: Budget = "summary", *, most: int | None = None) -> str:
    """The Markdown.

    Args:
        document: the report.
        budget: what it is for.
        most: another limit, in the unit of the budget.
    """
    size: Callable[[str], int] = len if budget == "comment" else lambda text: len(text.encode())
    limit = (most or BUDGETS[budget]) - _RESERVE
    head = _head(document)
    drawn: dict[int, list[str]] = {}
    essential = [one for one in document.sections if one.essential]
    shortest = {one.name: _section(one, _Shape(drawn, least=True)) for one in essential}
    left = limit - size(head) - sum(size(text) for text in shortest.values())
    parts: list[str] = [head]
    fallen: list[str] = []
    for section in document.sections:
        spare = left + size(shortest.get(section.name, ""))
        text = None if fallen and not section.essential else _fitting(section, spare, size, drawn)
        text = text if text is not None else shortest.get(section.name)
        if text is None:
            fallen.append(section.title or section.name)
        else:
            left = spare - size(text)
            parts.append(text)
    if fallen:
        told = markdown(", ".join(fallen), _TEXT)
        parts.insert(-1, f"_Left out for want of space: {told}._\n\n")
    return "".join(parts).rstrip("\n") + "\n"


def _head(document: Document) -> str:
    marker = re.sub(r"[^\w.]+", "-", document.name, flags=re.ASCII)[:60] or "default"
    title = f"### {MARKS[document.level]} {document.headline}"
    return f"<!-- gittrack:report:{marker} -->\n{title}\n\n{_line(document.subtitle, _TEXT)}\n\n"


class _Shape(NamedTuple):
    """How much of the tables and lists of a section is shown; `drawn` keeps rows for the next try."""

    drawn: dict[int, list[str]]
    least: bool = False
    rows: int | None = None


def _fitting(
    section: Section, spare: int, size: Callable[[str], int], drawn: dict[int, list[str]]
) -> str | None:
    """The section as long as it may be, None where not even a short form fits."""
    whole = _section(section, _Shape(drawn))
    if size(whole) <= spare:
        return whole
    longest = max((len(_rows(block)) for block in section.blocks), default=0)
    low, high, best = _FEWEST, longest - 1, None
    while low <= high:
        middle = (low + high) // 2
        text = _section(section, _Shape(drawn, rows=middle))
        if size(text) <= spare:
            low, best = middle + 1, text
        else:
            high = middle - 1
    return best


def _rows(block: Block) -> Sequence[object]:
    if isinstance(block, Table):
        return block.rows
    return block.lines if isinstance(block, Items) else ()


def _section(section: Section, shape: _Shape) -> str:
    body = "".join(_blocks(section.blocks, shape))
    title = markdown(section.title)
    if section.folded:
        return f"<details><summary>{title}</summary>\n\n{body}</details>\n\n"
    return f"**{title}**\n\n{body}" if title else body


def _blocks(blocks: Sequence[Block], shape: _Shape) -> Iterator[str]:
    charts = 0
    for block in blocks:
        if isinstance(block, Table):
            yield _table(block, shape)
        elif isinstance(block, Items):
            yield _items(block, shape)
        elif isinstance(block, Command):
            yield f"```sh\n{block.text}\n```\n\n"
        elif isinstance(block, Chart):
            charts += 1
            yield mermaid.chart(block.curves, drawn=charts <= _CHARTS)
        elif not isinstance(block, (Patch, Pictures)):
            yield _text(block)


def _table(table: Table, shape: _Shape) -> str:
    shown = _count(len(table.rows), table.keep, shape)
    lines = [
        f"| {' | '.join(markdown(column.title) or ' ' for column in table.columns)} |",
        f"|{'|'.join('--:' if column.right else '---' for column in table.columns)}|",
    ]
    rows = shape.drawn.setdefault(id(table), [])
    rows += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in table.rows[len(rows) : shown]]
    lines += rows[:shown]
    return "\n".join(lines) + f"\n\n{_more(len(table.rows) - shown, 'row')}"


def _items(items: Items, shape: _Shape) -> str:
    shown = _count(len(items.lines), items.keep, shape)
    lines = "".join(f"- {_line(line, _TEXT)}\n" for line in items.lines[:shown])
    return f"{lines}\n{_more(len(items.lines) - shown, 'entry', 'entries')}"


def _count(length: int, keep: int, shape: _Shape) -> int:
    if shape.least:
        return min(length, keep)
    return length if shape.rows is None else min(length, max(keep, shape.rows))


def _more(count: int, noun: str, nouns: str = "") -> str:
    if count <= 0:
        return ""
    return f"_… and {count:,} more {noun if count == 1 else nouns or noun + 's'}._\n\n"


def _text(block: Text) -> str:
    if not block.quoted:
        return f"{_line(block.line, _TEXT)}\n\n"
    lines = "".join(span.text for span in block.line)[:_NOTE].splitlines()
    return "".join(f"> {markdown_line(one)}  \n" for one in lines) + "\n"


def _cell(cell: Cell) -> str:
    return _line(cell.line, _CELL) or " "


def _line(line: Line, most: int) -> str:
    return "".join(_span(span, most) for span in line)


def _span(span: Span, most: int) -> str:
    if not span.text.strip():
        return " " if span.text else ""
    if span.look == "code":
        if len(span.text) <= most and _PLAIN.fullmatch(span.text):
            return f"`{span.text}`"
        return f"<code>{markdown(span.text, most)}</code>"
    text = markdown(span.text, most)
    if span.look == "strong":
        return f"<b>{text}</b>"
    return text
