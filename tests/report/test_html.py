"""Reports as HTML: one whole file, the same for the same review."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from gittrack.query.review.curves import Curves, bands_of
from gittrack.report import svg
from gittrack.report.build import document
from gittrack.report.html import html_of, policy
from gittrack.report.page import SCRIPT, STYLE
from tests.support.reviews import large_review
from tests.support.runs import series

_VOID = {"meta", "br", "path", "rect", "circle"}


class Nesting(HTMLParser):
    """Holds that each tag is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens."""
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in {"aria-labelledby", "href"}:
                self.targets += str(value).replace("#", "").split()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens and closes."""

    def handle_endtag(self, tag: str) -> None:
        """Closes."""
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    """A page with everything."""
    review, _ = large_review(20)
    curves = [
        Curves(name, bands_of([("old", [series("x", 1.0, 2.0)]), ("new", [series("x", 2.0, 3.0, 4.0)] * 2)]))
        for name in ("loss", "acc")
    ]
    return html_of(document(review, curves))


def test_tags_are_closed_and_names_exist(page: str) -> None:
    """Every reference within the page leads somewhere; no name is there twice."""
    found = Nesting()
    found.feed(page)
    found.close()
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)


def test_nothing_is_loaded(page: str) -> None:
    """No address, and a policy that would refuse one."""
    assert not re.search(r"https?://|url\(|@import|\bsrc=", page)
    assert "default-src 'none'" in page
    assert policy() in page


def test_the_policy_names_what_is_there(page: str) -> None:
    """Style and script are those of the digests."""
    assert f"<style>{STYLE}</style>" in page
    assert f"<script>{SCRIPT}</script>" in page
    assert "style=" not in page.replace("<style>", "")


def test_the_same_bytes() -> None:
    """A review has one page."""
    review, curves = large_review(10)
    assert html_of(document(review, curves)) == html_of(document(review, curves))


def test_large_pages_stay_small() -> None:
    """Three hundred metrics, params and runs, all with long names, are below a megabyte and a half."""
    assert len(html_of(document(*large_review(300))).encode()) < 1_500_000


def test_tables_can_be_read_aloud(page: str) -> None:
    """Captions, scopes and keys to sort by."""
    assert page.count("<caption") == page.count("<table")
    assert '<th scope="row">' in page
    assert re.search(r'data-key="[-\d.]+"', page)


def drawn(*groups: list[float]) -> str:
    """The chart of some curves."""
    labels = ("old", "new")[-len(groups) :]
    bands = bands_of([(label, [series("x", *values)]) for label, values in zip(labels, groups, strict=True)])
    return svg.chart(Curves("loss", bands), "c")


def test_a_chart() -> None:
    """A title, a description in words, two lines, values under the pointer."""
    text = drawn([1.0, 2.0], [3.0, 0.5])
    assert '<title id="c-t">loss</title>' in text
    assert "new, 1 run: from 3 at step 0 to 0.5 at step 1, lowest 0.5, highest 3" in text
    assert ('class="line before"' in text, 'class="line after"' in text) == (True, True)
    assert text.count('<g class="at">') == 2
    assert "step 1: 2 · 0.5" in text


def test_a_curve_that_is_shorter() -> None:
    """Has no value beyond its end."""
    assert "step 2: - · 3" in drawn([1.0, 2.0], [1.0, 2.0, 3.0])


def test_one_point() -> None:
    """Is a dot."""
    assert '<circle class="dot after"' in drawn([1.0])


@pytest.mark.parametrize(
    "values",
    [[0.0, 0.0], [1e308, -1e308], [5e-324, 0.0], [1e-300, 2e-300], [1e300, 1.0000001e300], [7.0, 7.0]],
)
def test_numbers_at_the_ends_of_what_there_is(values: list[float]) -> None:
    """Every place on the drawing is a number within it."""
    text = drawn(values)
    places = [float(number) for number in re.findall(r"[ML ](-?[\d.]+)(?= |L|Z|H|V|\")", text)]
    assert all(-1 <= place <= svg.WIDTH + 1 for place in places)
    assert "nan" not in text.lower().replace("finance", "")


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 59.0, [0.0, 20.0, 40.0]),
        (-3.0, 2.0, [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0]),
        (1.0, 1.0, [1.0]),
        (-1e308, 1e308, [-1e308]),
    ],
)
def test_ticks(low: float, high: float, wanted: list[float]) -> None:
    """Round numbers, about five."""
    assert svg.ticks(low, high) == wanted


def test_many_points_have_few_places_for_the_pointer() -> None:
    """Sixty at most."""
    assert drawn([float(number) for number in range(500)]).count('<g class="at">') == 60
