r"""Text of other people, made harmless before it is shown anywhere.

Names, params, notes, keys and paths come from other clones. Printed as they are, they could move the
cursor, recolour the screen, reorder what is read or open a link. Every such character is shown as a
visible escape instead (`\x1b`, `\u202e`), and nothing else is changed.
"""

from __future__ import annotations

import re

# Control characters, bidirectional controls, separators, noncharacters, lone surrogates, tags.
# Patterns are compiled at first use: `gittrack --help` needs none, and this one takes 3 ms.
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff{}]"
)
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_MARKDOWN = r"[\\`*_{}\[\]<>&|~#!$@]|(?<![0-9A-Za-z_])(?:https?|www|ftp|mailto)(?=[:.])"


def line(text: object) -> str:
    """The text on one line, control characters and invisible ones as visible escapes."""
    given = str(text)
    if given.isprintable():  # the common case, and a hundred times faster
        return given
    return re.sub(_UNSAFE.replace("{}", "\t\n"), _visible, given)


def block(text: object) -> str:
    """The same, with tabs and newlines kept."""
    given = str(text).replace("\r\n", "\n")
    return given if given.isprintable() else re.sub(_UNSAFE.replace("{}", ""), _visible, given)


def markdown(text: object) -> str:
    """One line of text for a cell of a Markdown table: no markup, HTML, mention or link in it works."""
    return re.sub(_MARKDOWN, _entity, line(text), flags=re.IGNORECASE)


def json_text(text: str) -> str:
    """JSON on one line, unsafe characters in its strings as JSON escapes: says the same, shows safely."""
    return text if text.isprintable() else re.sub(_UNSAFE.replace("{}", ""), _json_escape, text)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def clip(text: str, width: int) -> str:
    """The text, cut to a number of columns with `…` where it is longer."""
    if columns(text) <= width:
        return text
    kept, used = "", 1
    for one in text:
        used += columns(one)
        if used > width:
            break
        kept += one
    return kept + "…" if width > 0 else ""


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:  # noqa: PLR2004  two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four


def _json_escape(match: re.Match[str]) -> str:
    pairs = match.group().encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[start : start + 4]}" for start in range(0, len(pairs), 4))


def _entity(match: re.Match[str]) -> str:
    # Entities hold in every dialect; a backslash before a pipe does not within code.
    text = match.group()
    return f"&#{ord(text[0])};{text[1:]}"
