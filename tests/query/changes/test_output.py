from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.changes.output import OutputDiff, first_difference


def test_first_lines_that_differ() -> None:
    """The number of the first line, and what stood there in both."""
    found = first_difference(b"a\nb\nc\nd\n", b"a\nX\nY\nd\n")
    assert found == OutputDiff(2, ("b", "c"), ("X", "Y"), 2)


def test_an_output_that_goes_on() -> None:
    """Where one ended the other's lines are shown."""
    assert first_difference(b"a\n", b"a\nb\n") == OutputDiff(2, (), ("b",), 1)


def test_no_more_than_a_few_lines() -> None:
    """Of many lines the first five are shown, all are counted."""
    found = first_difference(b"x\n" * 50, b"y\n" * 50)
    assert (len(found.before), found.differing) == (5, 50)


def test_progress_and_colours_do_not_count() -> None:
    """Of a line that was written over what stood last counts, and colours do not."""
    assert first_difference(b"1%\r50%\rdone\n\x1b[31mok\x1b[0m\n", b"2%\rdone\nok\n").line is None


@given(st.binary(), st.binary())
def test_any_bytes(before: bytes, after: bytes) -> None:
    """Whatever was printed can be compared; the same is the same."""
    assert first_difference(before, before) == OutputDiff()
    found = first_difference(before, after)
    assert (found.line is None) == (found.differing == 0)
    assert found.as_json()["differing"] == found.differing
