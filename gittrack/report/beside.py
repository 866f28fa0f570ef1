"""What stands beside each other in HTML: images of several runs, and lines before and after; pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gittrack.report.escape import html, html_lines

if TYPE_CHECKING:
    from gittrack.report.document import Patch, Picture, Pictures

_OPEN = 200  # lines of a patch that is open from the start
_SIGNS = {"+": ' class="add"', "-": ' class="del"', "@": ' class="hunk"'}


def pictures(block: Pictures) -> str:
    """The images of one path. An image in `<img>` runs no script and loads nothing, SVG included."""
    sides = "".join(_side(one, block.title) for one in block.sides)
    title = f"<figcaption><code>{html(block.title, 300)}</code></figcaption>"
    return f'<figure class="pictures">{title}<div class="sides">{sides}</div></figure>\n'


def _side(one: Picture, title: str) -> str:
    label = f"<p>{_isolated(one.label)}"
    if not one.source:
        return f'<div>{label}</p><p class="none dim">{_isolated(one.note)}</p></div>'
    image = f'<img src="{one.source}" alt="{html(f"{title} of {one.label}", 300)}">'
    return f'<div>{label} <span class="dim">{_isolated(one.note)}</span></p>{image}</div>'


def _isolated(text: str) -> str:
    return html(text, 300) if text.isascii() else f"<bdi>{html(text, 300)}</bdi>"


def patch(block: Patch) -> str:
    """The changes of one file; a long one is opened by the reader."""
    lines = html_lines(block.text.removesuffix("\n"))
    stretches = groupby(lines, lambda one: _SIGNS.get(one[:1], ""))
    body = "".join(f"<span{name}>{chr(10).join(group)}</span>" for name, group in stretches)
    opened = " open" if len(lines) <= _OPEN else ""
    title = html(block.title, 300)
    more = f'<p class="dim">{block.more:,} more lines are left out.</p>' if block.more else ""
    return (
        f'<details class="file"{opened}><summary><code>{title}</code></summary>'
        f'<pre class="patch" tabindex="0" role="region" aria-label="{title}"><code>{body}</code></pre>'
        f"{more}</details>\n"
    )
