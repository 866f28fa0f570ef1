"""Text of other people, made inert for each form of a report.

Control, invisible and bidirectional characters are shown as visible escapes everywhere
(:mod:`gittrack.core.harmless`); what is markup in a form is written so that it is none.
"""

from __future__ import annotations

import html as _html
import re

from gittrack.core.harmless import block, line

_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~!$^]")
# Hosts look for these in the text after Markdown is done, where an entity is the character again; a space of
# no width keeps `@name`, `#12`, `GH-12`, `:emoji:` and addresses from being taken for more than text.
_REFERENCE = re.compile(
    r"@|#|(?<![A-Za-z0-9])GH-(?=\d)|:(?=[\w+-]+:)|(?<=[A-Za-z]):(?=//)|(?<![A-Za-z0-9])(?:www)(?=\.)"
    r"|(?<![A-Za-z0-9])(?:mailto|xmpp):",
    re.IGNORECASE,
)
_START = re.compile(r"[-+=>]|\d+(?=[.)])")
_SPACE = "\u200b"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def clipped(text: str, most: int) -> str:
    """The text on one line and harmless, cut to so many characters with `…`."""
    if len(text) > most * 4:  # what is cut need not be looked at
        text = text[: most * 4]
    shown = line(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def markdown(text: str, most: int = 200) -> str:
    """Text within a line of Markdown: no markup, HTML, link, mention or end of a table cell in it works."""
    shown = clipped(text, most)
    marked = _REFERENCE.sub(lambda match: match.group() + _SPACE, shown)
    return _MARKUP.sub(lambda match: f"&#{ord(match.group())};", marked)


def markdown_line(text: str, most: int = 200) -> str:
    """The same where it begins a line: it begins no list, quotation or heading."""
    shown = markdown(text.strip(), most)
    match = _START.match(shown)
    if match is None:
        return shown
    end = match.end() if match.group()[0].isdigit() else 0
    return f"{shown[:end]}&#{ord(shown[end])};{shown[end + 1 :]}"


def html(text: str, most: int = 2000) -> str:
    """Text within an element or a quoted attribute of HTML or SVG."""
    return _html.escape(clipped(text, most), quote=True)


def html_lines(text: str) -> list[str]:
    """Lines of text within an element of HTML: tabs are kept, each line is cut to 2,000 characters."""
    return [_html.escape(one[:2000]) for one in block(text).split("\n")]


def xml(text: str, most: int = 2000) -> str:
    """Text within an element or a quoted attribute of XML."""
    return _html.escape(_FORBIDDEN.sub("?", clipped(text, most)), quote=True)
