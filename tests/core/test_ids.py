from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import InvalidValue
from gittrack.core.ids import (
    check_key,
    check_run_id,
    day_of,
    is_key,
    is_run_id,
    is_writer,
    new_run_id,
    new_writer,
    random_text,
)

NOW = 1_795_492_993_123


def test_id_says_when() -> None:
    """UTC seconds, then 8 random characters."""
    text = new_run_id(NOW)
    assert text.startswith("20261124-040313-")
    assert len(text) == 24
    assert is_run_id(text)


def test_ids_differ() -> None:
    """Many runs of one second have many ids."""
    assert len({new_run_id(NOW) for _ in range(1000)}) == 1000


@given(st.integers(0, 200_000_000_000_000), st.integers(1, 10**9))
def test_ids_sort_by_time(now: int, later: int) -> None:
    """A later second has a larger id."""
    assert new_run_id(now)[:16] <= new_run_id(now + later)[:16]


def test_random_text_is_base32() -> None:
    """Without letters that look alike."""
    assert not set(random_text(1000)) & set("ilou")


@pytest.mark.parametrize("text", ["a", "20261124-034313-abcdefgh", "0" * 100, "A_b-c.d"])
def test_safe_ids(text: str) -> None:
    """Ids of other tools keep their form."""
    assert check_run_id(text) == text


BAD: list[Any] = [
    "",
    ".",
    "..",
    "-a",
    "a/b",
    "a\\b",
    "a..b",
    "a.lock",
    "a.",
    "a b",
    "a\n",
    "é",
    "x" * 101,
    "a:b",
    None,
    3,
    [],
]


@pytest.mark.parametrize("text", BAD)
def test_unsafe_ids(text: Any) -> None:
    """What could leave its directory, look like an option or confuse Git is no id."""
    assert not is_run_id(text)


def test_unsafe_id_raises() -> None:
    """With a hint."""
    with pytest.raises(InvalidValue, match="not a run id") as error:
        check_run_id("../x")
    assert error.value.hint


@given(st.text())
def test_any_id_is_one_component(text: str) -> None:
    """Whatever passes is safe."""
    if is_run_id(text):
        assert text.isascii()
        assert not set(text) & set("/\\:\0 \n")
        assert text[0] not in "-."


def test_writers() -> None:
    """A new one passes, a path does not."""
    assert is_writer(new_writer())
    assert not any(map(is_writer, ("abc", "ABCD", "a/bcd", "x" * 33, "abcd\n", None, 7)))


@pytest.mark.parametrize("key", ["loss", "val/loss", "x" * 250, "été", "a b", "\U00018cd6", "😀"])
def test_keys(key: str) -> None:
    """Any printable text, of any version of Unicode."""
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", " ", "x" * 251, "a\tb", "\x85", "\u2028", "\u202ea", "\ud800", None, 3])
def test_no_keys(key: Any) -> None:
    """It raises with a short message and a hint."""
    assert not is_key(key)
    with pytest.raises(InvalidValue, match="not a name") as error:
        check_key(key)
    assert len(error.value.message) < 120
    assert error.value.hint


def test_day_of_own_ids() -> None:
    """The id says it, whatever the start time."""
    assert day_of("20261124-034313-abcdefgh", 0) == ("2026-11", "24")


@pytest.mark.parametrize(
    ("start", "day"),
    [
        (NOW, ("2026-11", "24")),
        (None, ("1970-01", "01")),
        (10**18, ("1970-01", "01")),
        (-1, ("1969-12", "31")),
    ],
)
def test_day_of_other_ids(start: int | None, day: tuple[str, str]) -> None:
    """The start time says it, if a calendar has it."""
    assert day_of("abc", start) == day
