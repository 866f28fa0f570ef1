"""What others wrote is text in every form of a report, whatever it contains."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gittrack.core.records import Run
from gittrack.query.changes.code import ChangedFile
from gittrack.query.changes.diff import diff
from gittrack.query.changes.files import FileChange, FileSide
from gittrack.query.changes.output import OutputDiff
from gittrack.query.changes.whole import Differences
from gittrack.query.changes.why import Reason
from gittrack.query.verdict.values import Suspect
from gittrack.report.annotations import annotations_of
from gittrack.report.build import document
from gittrack.report.differences import document as differences_page
from gittrack.report.document import Picture, Pictures
from gittrack.report.formats import rendered
from gittrack.report.html import html_of
from gittrack.report.markdown import markdown_of
from gittrack.report.patches import patches as patches_of
from tests.support.hostile import HOSTILE, curves_full_of, hostile, review_full_of

_OURS = re.compile(r"</?(?:b|code|details|summary)>|<!-- gittrack:report:default -->")
_MENTION = re.compile(r"[@#]\w|GH-\d|https?://|www\.|mailto:(?!\u200b)|:\w+:", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "p", "span", "code"),
    *(
        "nav",
        "ul",
        "li",
        "main",
        "section",
        "details",
        "summary",
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
    ),
    *(
        "tr",
        "th",
        "td",
        "pre",
        "blockquote",
        "br",
        "bdi",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "path",
        "text",
    ),
    *("g", "rect", "circle", "script"),
}
_VALUES = {
    "href": re.compile(r"#[a-z-]+"),
    "class": re.compile(r"[a-z- ]+"),
    "data-key": re.compile(r"[-\d.einfa]+"),
}
several = st.lists(hostile, min_size=1, max_size=8)
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


class Page(HTMLParser):
    """Everything of a page that is not text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag with its attributes."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_comment(self, data: str) -> None:
        """A comment."""
        self.comments.append(data)


def check_markdown(text: str) -> None:
    """No markup but ours, no reference, and tables that are whole."""
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(text)
    flat = [one for token in tokens for one in (token, *(token.children or ()))]
    kinds = [one.type for one in flat]
    assert not {"link_open", "image", "em_open", "s_open", "hr", "ordered_list_open", "code_block"} & set(
        kinds
    )
    assert kinds.count("heading_open") == 1
    fences = [one for one in flat if one.type == "fence"]
    assert {one.info.strip() for one in fences} <= {"mermaid", "sh"}
    for one in fences:
        assert len(re.findall(r"^ +(?:title|x-axis|y-axis) ", one.content, re.MULTILINE)) in {0, 3}
    for one in flat:
        if one.type in {"html_inline", "html_block"}:
            assert not _OURS.sub("", one.content).strip(" \n") or one.content.startswith("<details><summary>")
            assert _OURS.findall(one.content)
        if one.type in {"text", "html_block"}:
            assert not _MENTION.search(_OURS.sub("", one.content)), one.content
    widths: list[int] = []
    for kind in kinds:
        if kind == "tr_open":
            widths.append(0)
        elif kind in {"th_open", "td_open"}:
            widths[-1] += 1
        elif kind == "table_close":
            assert len(set(widths)) == 1
            widths = []
    assert not _UNSEEN.search(text)


def check_html(text: str) -> None:
    """No tag, attribute, address or comment but ours."""
    page = Page(text)
    assert set(page.tags) <= _TAGS
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not page.comments
    assert not {name for name, _ in page.attributes if name.startswith("on") or name in {"style", "src"}}
    for name, value in page.attributes:
        if name in _VALUES:
            assert _VALUES[name].fullmatch(value or ""), (name, value)
    assert not _UNSEEN.search(text)


@few
@given(several)
def test_markdown(texts: list[str]) -> None:
    """Nothing in Markdown is more than text."""
    take = cycle(texts).__next__
    check_markdown(markdown_of(document(review_full_of(take), curves_full_of(take))))


@few
@given(several)
def test_html(texts: list[str]) -> None:
    """Nothing in HTML is more than text."""
    take = cycle(texts).__next__
    check_html(html_of(document(review_full_of(take), curves_full_of(take))))


@pytest.mark.parametrize("text", HOSTILE)
def test_each(text: str) -> None:
    """Each of the usual attempts alone, in both."""
    built = document(review_full_of(lambda: text), curves_full_of(lambda: text))
    check_markdown(markdown_of(built))
    check_html(html_of(built))


@few
@given(several, st.sampled_from(["comment", "summary"]), st.integers(3000, 40_000))
def test_budget(texts: list[str], budget: str, most: int) -> None:
    """A short report of such text is whole, too, and fits."""
    take = cycle(texts).__next__
    built = document(review_full_of(take), curves_full_of(take))
    text = markdown_of(built, budget, most=60_000 if budget == "comment" else most * 10)  # type: ignore[arg-type]  # one of two
    assert len(text) <= 400_000
    check_markdown(text)


@few
@given(several)
def test_junit(texts: list[str]) -> None:
    """JUnit XML can be read and has one suite."""
    root = ET.fromstring(rendered(review_full_of(cycle(texts).__next__), "junit"))  # noqa: S314  our own text
    assert {one.tag for one in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "skipped", "system-out")
    }


@few
@given(several)
def test_openmetrics(texts: list[str]) -> None:
    """Every line is a sample or a comment of ours."""
    lines = rendered(review_full_of(cycle(texts).__next__), "openmetrics").split("\n")
    sample = re.compile(
        r'gittrack_[a-z_]+(\{metric="(?:[^"\\\n]|\\["\\n])*"\})? \S+|# (?:TYPE|HELP) gittrack.*|# EOF|'
    )
    assert all(sample.fullmatch(line) for line in lines)


@few
@given(several)
def test_json(texts: list[str]) -> None:
    """Both forms of JSON can be read."""
    review = review_full_of(cycle(texts).__next__)
    assert json.loads(rendered(review, "json"))["schema"] == "gittrack.review/1"
    assert isinstance(json.loads(rendered(review, "benchmark")), list)


@few
@given(several)
def test_annotations(texts: list[str]) -> None:
    """An annotation is one line that begins as ours do, and its properties end where they should."""
    for line in annotations_of(review_full_of(cycle(texts).__next__)):
        assert not _UNSEEN.search(line)
        assert re.fullmatch(r"::error title=[^:,\n]*::[^\n]*", line)


@few
@given(several)
def test_html_of_a_diff(texts: list[str]) -> None:
    """The page of a diff: names, params, files, reasons, lines of code and of output."""
    take = cycle(texts).__next__
    runs = [
        Run(
            f"r{place}", name=take(), params={take(): take()}, tags={take(): take()}, command=(take(), take())
        )
        for place in range(2)
    ]
    side = FileSide("0" * 64, 5)
    found = Differences(
        diff(*runs),
        code=(ChangedFile(take(), 1, 2, take()),),
        output=OutputDiff(1, (take(),), (take(),), differing=1),
        files=(FileChange(take(), "numbers", side, None, (take(), take())),),
        reasons=(Reason((take(),), "", (Suspect("params", take(), 1),)),),
    )
    pictures = (Pictures(take(), (Picture(take(), "", take()), Picture(take(), "", take()))),)
    patches = [patches_of(f"diff --git a/{take()} b/x\n+++ b/{take()}\n@@ -1 +1 @@\n-{take()}\n+{take()}\n")]
    check_html(html_of(differences_page([found], pictures=pictures, patches=patches, notes=[take()])))
