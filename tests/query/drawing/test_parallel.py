from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.drawing.parallel import quarters, rail, sheet
from gittrack.query.drawing.svg import svg
from tests.support.arbitrary import VALUES


@given(st.lists(VALUES, min_size=1, max_size=12), st.lists(VALUES, min_size=1, max_size=12))
def test_any_values_stand_on_a_rail(left: list[Any], right: list[Any]) -> None:
    """Whatever params are, each is between both ends or nowhere, and the sheet is well-formed."""
    size = min(len(left), len(right))
    rails = [rail("a", left[:size]), rail("b", right[:size])]
    assert all(place is None or 0 <= place <= 1 for one in rails for place in one.places)
    ET.fromstring(svg(sheet(rails, [0] * size, title="t")))  # noqa: S314  made by us, a moment ago


def test_numbers_over_decades_are_logarithmic() -> None:
    """A learning rate from 1e-5 to 1 is not squeezed to the bottom."""
    one = rail("lr", [1e-5, 1e-3, 1.0])
    assert one.log
    assert one.places[1] == pytest.approx(0.4)
    assert one.ends == ("1e-05", "1")


def test_texts_in_their_order() -> None:
    """Texts and mixtures stand apart, evenly; missing ones nowhere."""
    one = rail("opt", ["sgd", None, "adam"])
    assert one.places == (0.75, None, 0.25)
    assert one.labels == ((0.25, "adam"), (0.75, "sgd"))


def test_quarters() -> None:
    """The best quarter is 0 whichever way is better; NaN is in none."""
    values = [1.0, 2.0, math.nan, 3.0, 4.0, None]
    assert quarters(values, more=True) == [3, 2, None, 1, 0, None]
    assert quarters(values, more=False) == [0, 1, None, 2, 3, None]


def test_a_gap_where_a_value_is_missing() -> None:
    """A run without a param has no line through that axis; a single stop is no line."""
    rails = [rail("a", [1, 2]), rail("b", [None, 2]), rail("c", [1, 2])]
    assert svg(sheet(rails, [0, None])).count("gt-l2") == svg(sheet(rails, [None, None])).count("gt-l2")
    assert svg(sheet(rails, [None, 0])).count("gt-l2") > svg(sheet(rails, [None, None])).count("gt-l2")
