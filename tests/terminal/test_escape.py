from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.terminal.escape import block, clip, columns, json_text, line, markdown


@given(st.text(st.characters(codec=None)))
def test_line_is_printable(text: str) -> None:
    """Whatever comes in, nothing that a terminal acts on comes out, unless it is unassigned."""
    out = line(text)
    assert not any(ord(one) < 32 or 0x7F <= ord(one) <= 0x9F for one in out)
    assert not any(one in out for one in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u2028\u2029")
    assert not any(0xD800 <= ord(one) <= 0xDFFF for one in out)


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_line_keeps_ordinary_text(text: str) -> None:
    """Letters, digits, signs and emoji stay as they are."""
    assert line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\tb\nc\r", "a\\tb\\nc\\r"),
        ("\u202e", "\\u202e"),
        ("\x9b", "\\x9b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        (3, "3"),
    ],
)
def test_line_says_what_was_there(text: object, shown: str) -> None:
    """An unsafe character is shown as its escape."""
    assert line(text) == shown


def test_block_keeps_lines() -> None:
    """Newlines and tabs stay in a block, carriage returns before them go."""
    assert block("a\r\nb\tc\x1b") == "a\nb\tc\\x1b"


@pytest.mark.parametrize(
    "text", ["a|b", "<script>", "`code`", "*x*", "[a](b)", "@ada", "#12", "http://x.org", "WWW.x"]
)
def test_markdown_has_no_markup(text: str) -> None:
    """Pipes, markup, HTML, mentions and links are entities."""
    assert not set("|<>`*[]@") & set(markdown(text))
    assert "http:" not in markdown(text)
    assert "WWW." not in markdown(text)


@given(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_json_says_the_same(value: dict[str, object]) -> None:
    """Escaped JSON is the same JSON, and shows safely."""
    text = json_text(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert "\x7f" not in text
    assert "\u202e" not in text


def test_columns_of_wide_text() -> None:
    """Wide characters take two columns, combining ones none."""
    assert columns("日本") == 4
    assert columns("e\u0301") == 1


@given(st.text(st.characters(categories=["L"])), st.integers(1, 20))
def test_clip_fits(text: str, width: int) -> None:
    """What is clipped fits, and what fits is not clipped."""
    assert columns(clip(text, width)) <= width
    if columns(text) <= width:
        assert clip(text, width) == text
