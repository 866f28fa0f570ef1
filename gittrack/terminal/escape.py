"""Text of other people, made harmless before it is shown.

Names, params, notes, keys and paths come from other clones. Printed as they are, they could move the
cursor, recolour the screen, reorder what is read or open a link. Every such character is shown as a
visible escape instead (`\\x1b`, `\\u202e`), and nothing else is changed.
"""

from __future__ import annotations

import re

_ALWAYS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # bidirectional controls, invisible
    "\u2028\u2029\ufeff\ufff9-\uffff"  # separators, BOM, annotations, noncharacters
    "\ud800-\udfff\U000e0000-\U000e0fff"  # lone surrogates, tags
)
_LINE = re.compile(f"[{_ALWAYS}\t\n]")
_BLOCK = re.compile(f"[{_ALWAYS}]")
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>&|~#!$@]|(?<![\w])(?:https?|www)(?=[:.])", re.ASCII)


def line(text: object) -> str:
    """The text on one line, control characters and invisible ones as visible escapes."""
    return _LINE.sub(_visible, str(text))


def block(text: object) -> str:
    """The same, with newlines kept and tabs as spaces."""
    return _BLOCK.sub(_visible, str(text).replace("\r\n", "\n").expandtabs(4))


def markdown(text: object) -> str:
    """One line of text for a cell of a Markdown table: no markup, HTML, mention or link in it works."""
    return _MARKDOWN.sub(_entity, line(text))


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:  # noqa: PLR2004  two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four


def _entity(match: re.Match[str]) -> str:
    # Entities hold in every dialect; a backslash before a pipe does not within code.
    text = match.group()
    return f"&#{ord(text[0])};{text[1:]}"
