from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.canonical import load_canonical
from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump, load, number_out
from gittrack.core.yaml_reader import read_yaml

TEXT = st.text(st.characters(codec="utf-8"), max_size=15)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
# A field name with a colon is left to libyaml; ours have none.
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True) | TEXT.filter(lambda name: ": " not in name)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)


def plain(value: Any) -> Any:
    """The value as the file says it: infinities are text."""
    if isinstance(value, float) and math.isinf(value):
        return number_out(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def is_refused(data: bytes) -> bool:
    """Whether the fast reader leaves it to libyaml."""
    try:
        load_canonical(data)
    except ValueError:
        return True
    return False


def exact(value: Any) -> str:
    """Tells 1 from 1.0 and from True, and 0.0 from -0.0; order of keys included."""
    return repr(value)


@given(DOCUMENTS)
def test_all_readers_agree_on_what_dump_writes(document: dict[str, Any]) -> None:
    """Dump, then the fast reader or libyaml: the same document."""
    data = dump(document)
    expected = exact(plain(document))
    assert exact(load_canonical(data)) == expected
    assert exact(read_yaml(data)) == expected


# fmt: off
PIECES = st.sampled_from([
    "a", "b", '"a"', '"b c"', "", ":", ",", "1", "-1", "1.5", "1e3", "[", "]", "{", "}", '"', '"x"', "null",
    "true", "no", "#", "'", "\\", "\\u00e9", "\\ud83d", "0", "01", "é", "|", ">", "&", "*", "!", "%", "~",
    "-0.0", ".5", "- ", "  ", "\n", "\n  ", "\n  - ", ": ", "9999999999999999999", "999999999999999999999",
    "\x85", "\u2028", "\x7f",
])
LINES = st.sampled_from([
    "a: 1", "b: 2.0", 'c: "x"', "d:", "e:", "  - 1", '  - "y"', "  - [1, 2]", '  - {"k": [1]}', "  x: 1",
    '  "y z": true', "  - [1, [2]", "  - [3]]", "  - [1], [2]", "  - 3, 4", '  "p": {"q": {}', '  "r": {}}',
    '  "s": {}, "t": {}', '  - "a', '  - b"', "", "  ", "  -", "f: {}", "g: []", 'h: ""', "i: [1]", "j:  1",
    "k: 1 ", "  - 1 ", '  l: 1, "m": 2', "  - -", "  - - 1", "- 1", "y: 1", "null: 1", '"q": 1', '"q":',
    "n:1", '  "a": 1', '  "a" : 1', '  "a":1', '  "\\"": 1', '  "a: b": 1', "  a b: 1", "  [1]: 1",
    "  1: 1", "o: # c", "# c", "---", "...", "p: 1e400",
])
# fmt: on


@st.composite
def almost_canonical(draw: st.DrawFn) -> str:
    """What dump writes, with a piece put in or taken out here and there, and lines moved."""
    text = dump(draw(DOCUMENTS)).decode()
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(st.integers(0, 2)) :]
    lines = text.splitlines()
    lines.insert(draw(st.integers(0, len(lines))), draw(LINES))
    return "\n".join(lines)


@given(almost_canonical() | st.lists(LINES, max_size=6).map("\n".join))
def test_the_fast_reader_reads_like_yaml_or_not_at_all(text: str) -> None:
    """Whatever it accepts means the same to libyaml, or nothing at all."""
    data = f"{text}\n".encode()
    with contextlib.suppress(ValueError):  # either of them may refuse it
        document, known = load_canonical(data), read_yaml(data)
        assert exact(document) == exact(known)


def test_lines_that_make_up_for_each_other() -> None:
    """Two lines of half a value and one of two values are no three values."""
    assert is_refused(b"d:\n  - [1, [2]\n  - [3]]\n  - [1], [2]\n")


@pytest.mark.parametrize("tail", ["b:\n  - null", 'b:\n  "c": null', "b: 2"])
def test_a_list_below_a_value(tail: str) -> None:
    """A key has a value or a block, and none moves to another key."""
    assert is_refused(f"a: 1\n  - null\n{tail}\n".encode())


@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_yaml_is_read_or_malformed(text: str) -> None:
    """The same for what looks like YAML."""
    with contextlib.suppress(MalformedFile):
        load(text.encode(), where="run.yaml")


@pytest.mark.parametrize("line", ["%s: 1", "a:\n  %s: 1", 'a:\n  "%s": 1', '"%s": 1', 'a: {"%s": 1}'])
def test_long_keys_are_not_read_fast(line: str) -> None:
    """The fast reader leaves them to libyaml."""
    assert is_refused((line % ("k" * 2000) + "\n").encode())


def test_long_texts_are_read_fast() -> None:
    """A long note is no long key."""
    assert load_canonical(b'note: "' + b"n" * 5000 + b'"\n') == {"note": "n" * 5000}


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63)])
def test_large_integers_are_read_fast(number: int) -> None:
    """What fits in 64 bits needs no libyaml."""
    assert load_canonical(b"a: %d\n" % number) == {"a": number}


def test_digits_in_a_text_are_no_integer() -> None:
    """A digest with many digits in a row is read the fast way; an integer beyond 64 bits is not."""
    digest = "1" * 64
    assert load_canonical(f'sha256: "{digest}"\n'.encode()) == {"sha256": digest}
    with pytest.raises(ValueError, match=r"^$"):
        load_canonical(f'note: "\\"{digest}"\nsize: {digest}\n'.encode())
