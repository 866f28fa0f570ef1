"""A review on the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gittrack.query.review.values import Warned
from gittrack.terminal.page import plain_page
from gittrack.terminal.review_page import page
from tests.support.hostile import HOSTILE, review_full_of
from tests.support.reviews import large_review

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def test_page() -> None:
    """Verdict, groups, gates, warnings, metrics."""
    review, _ = large_review(3)
    shown = replace(review, warnings=(Warned("not the same data", "x changed", invalidates=True),))
    text = "\n".join(plain_page(page(shown)))
    assert text.startswith(review.headline)
    assert "baseline: old (4 runs), named" in text
    assert "  not the same data: x changed" in text
    assert "verdict" in text


def test_no_baseline() -> None:
    """Why there is none stands in its place."""
    review, _ = large_review(1)
    text = "\n".join(plain_page(page(replace(review, base=None, no_base="nothing there"))))
    assert "nothing there" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    """Nothing moves the cursor, turns the direction or begins a line that is not ours."""
    for line in plain_page(page(review_full_of(lambda: text))):
        assert not _UNSEEN.search(line)
