"""A report as one HTML file that needs nothing else: no network, no font; pure.

The page's own policy lets in its style and its script, by their digests, and nothing besides; images only
where it has some, and only those within it. It reads without the script, which sorts tables and opens what
is printed.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING

from gittrack.report import beside, svg
from gittrack.report.document import Chart, Command, Items, Patch, Pictures, Table
from gittrack.report.escape import html
from gittrack.report.markdown import MARKS
from gittrack.report.numbers import NONE, number
from gittrack.report.page import SCRIPT, STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.review.curves import Curves
    from gittrack.report.document import Block, Cell, Column, Document, Line, Section, Span, Text

_CELL, _NOTE = 300, 20_000  # characters
_ROWS = 12  # of the values of a chart as a table


def html_of(document: Document) -> str:
    """The page: the same text for the same document."""
    return "".join(_page(document))


@cache
def policy(*, pictures: bool = False) -> str:
    """What the page may load: its own style and script; with `pictures` the images that are in it."""
    style, script = (_digest(text) for text in (STYLE, SCRIPT))
    images = "; img-src data:" if pictures else ""
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'{images}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _page(document: Document) -> Iterator[str]:
    headline = html(document.headline)
    pictures = any(isinstance(block, Pictures) for one in document.sections for block in one.blocks)
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(pictures=pictures)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta name="generator" content="gittrack">\n<title>{headline}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    yield '<a class="skip" href="#main">Skip to the results</a>\n'
    mark = f'<span aria-hidden="true">{MARKS[document.level]}</span> ' if document.level else ""
    yield f'<header class="verdict {document.level.replace(" ", "-")}"><h1>{mark}{headline}</h1>'
    yield f"<p>{_line(document.subtitle)}</p></header>\n"
    yield _contents(document.sections)
    yield '<main id="main">\n'
    for section in document.sections:
        yield from _section(section)
    yield f"</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"


def _contents(sections: Sequence[Section]) -> str:
    links = "".join(
        f'<li><a href="#{html(one.name)}">{html(one.title.partition(" (")[0])}</a></li>'
        for one in sections
        if one.title
    )
    return f'<nav aria-label="Sections"><ul>{links}</ul></nav>\n'


def _section(section: Section) -> Iterator[str]:
    name, title = html(section.name), html(section.title)
    if section.folded:
        yield f'<section id="{name}"><details><summary>{title}</summary>\n'
    else:
        yield f'<section id="{name}">' + (f"<h2>{title}</h2>\n" if title else "\n")
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    for place, block in enumerate(block for block in section.blocks if not isinstance(block, Chart)):
        yield _block(block, f"{name}-{place}")
    if charts:
        drawn = (_chart(one.curves, f"{name}-c{place}") for place, one in enumerate(charts))
        yield f'<div class="charts">{"".join(drawn)}</div>\n'
    yield ("</details>" if section.folded else "") + "</section>\n"


def _block(block: Block, name: str) -> str:  # noqa: PLR0911  one a kind of block
    if isinstance(block, Table):
        return _table(block, name)
    if isinstance(block, Items):
        return f'<ul class="items">{"".join(f"<li>{_line(one)}</li>" for one in block.lines)}</ul>\n'
    if isinstance(block, Command):
        return f'<pre tabindex="0"><code>{html(block.text)}</code></pre>\n'
    if isinstance(block, Chart):
        return _chart(block.curves, name)
    if isinstance(block, Pictures):
        return beside.pictures(block)
    if isinstance(block, Patch):
        return beside.patch(block)
    return _text(block)


def _text(block: Text) -> str:
    if not block.quoted:
        return f"<p>{_line(block.line)}</p>\n"
    lines = "".join(span.text for span in block.line)[:_NOTE].splitlines()
    return f'<blockquote dir="auto">{"<br>".join(html(one) for one in lines)}</blockquote>\n'


def _table(table: Table, name: str) -> str:
    heads = "".join(_head(column) for column in table.columns)
    rows = "".join(_row(row, table.columns) for row in table.rows)
    caption = f'<caption class="sr" id="{name}">{html(table.caption)}</caption>'
    return (
        f'<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0"><table>{caption}'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )


def _head(column: Column) -> str:
    kind = ' class="r"' if column.right else ""
    return f'<th scope="col"{kind}>{html(column.title)}</th>'


def _row(row: Sequence[Cell], columns: Sequence[Column]) -> str:
    cells = []
    for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
        name, scope = ("td", "") if place else ("th", ' scope="row"')
        kind = ' class="r"' if column.right else ""
        key = f' data-key="{cell.key!r}"' if cell.key is not None else ""
        cells.append(f"<{name}{scope}{kind}{key}>{_line(cell.line, _CELL)}</{name}>")
    return f"<tr>{''.join(cells)}</tr>\n"


def _line(line: Line, most: int = 2000) -> str:
    return "".join(_span(span, most) for span in line)


def _span(span: Span, most: int) -> str:
    text = html(span.text, most)
    if not text:
        return ""
    if span.look == "code":
        text = f"<code>{text}</code>"
    classes = " ".join(one for one in ("strong" if span.look == "strong" else "", span.tone) if one)
    # Letters that run from right to left must not turn what stands beside them.
    inner = f"<bdi>{text}</bdi>" if not span.text.isascii() else text
    return f'<span class="{classes}">{inner}</span>' if classes else inner


def _chart(curves: Curves, name: str) -> str:
    drawn = svg.chart(curves, name)
    title = html(curves.key, 200)
    return f'<figure><figcaption class="strong">{title}</figcaption>{drawn}{_values(curves)}</figure>\n'


def _values(curves: Curves) -> str:
    """Some of the values as a table, for those who do not see the chart."""
    steps = sorted({step for band in curves.bands for step in band.steps})
    if len(steps) > _ROWS:
        steps = [steps[place * (len(steps) - 1) // (_ROWS - 1)] for place in range(_ROWS)]
    heads = "".join(f'<th scope="col" class="r">{html(band.label, 80)}</th>' for band in curves.bands)
    rows = "".join(
        f'<tr><th scope="row">{number(step, 6)}</th>'
        + "".join(f'<td class="r">{_told(svg.value_at(band, step))}</td>' for band in curves.bands)
        + "</tr>"
        for step in steps
    )
    caption = f'<caption class="sr">{html(curves.key, 200)}, mean by step</caption>'
    head = f'<thead><tr><th scope="col">step</th>{heads}</tr></thead>'
    table = f"<table>{caption}{head}<tbody>{rows}</tbody></table>"
    scrolls = f'<div class="scroll" tabindex="0">{table}</div>'
    return f'<details class="values"><summary>Values</summary>{scrolls}</details>'


def _told(value: float | None) -> str:
    return NONE if value is None else number(value)
