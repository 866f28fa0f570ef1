"""Reports as Markdown: order, budgets, what never falls away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.query.review.curves import Curves, bands_of
from gittrack.report.build import document
from gittrack.report.document import Cell, Column, Document, Items, Section, Span, Table, Text
from gittrack.report.escape import markdown, markdown_line
from gittrack.report.markdown import BUDGETS, markdown_of
from gittrack.report.mermaid import chart, resampled
from tests.support.reviews import large_review
from tests.support.runs import series

if TYPE_CHECKING:
    from gittrack.report.markdown import Budget

HEAD = Document("x", "failed", "1 gate failed", (Span("head", "code"),))


def with_sections(*sections: Section) -> Document:
    """A document of these sections."""
    return Document("x", "failed", "1 gate failed", (Span("head", "code"),), sections)


def table(rows: int, keep: int = 0) -> Table:
    """A table of numbered rows."""
    return Table("t", (Column("a"),), tuple((Cell((Span(f"row{n}"),)),) for n in range(rows)), keep)


def test_head() -> None:
    """The hidden line by which a comment is found again, the verdict, what was compared."""
    assert markdown_of(HEAD) == "<!-- gittrack:report:x -->\n### ❌ 1 gate failed\n\n`head`\n"


@pytest.mark.parametrize("name", ["a-->b", "x\ny", "<b>", "é", "a--b"])
def test_a_name_ends_no_comment(name: str) -> None:
    """The hidden line stays one."""
    first = markdown_of(Document(name, "passed", "h", ())).split("\n")[0]
    assert re.fullmatch(r"<!-- gittrack:report:[\w.-]+ -->", first)
    assert "--" not in first[4:-3]


def test_forms() -> None:
    """Lists, tables, quotations, folded sections."""
    text = markdown_of(
        with_sections(
            Section("a", "Title", (Items(((Span("one", "strong"),),)),)),
            Section("b", "Folded", (table(1), Text((Span("1. first\n# second"),), quoted=True)), folded=True),
            Section("c", "", (Text((Span("code | pipe", "code"),)),)),
        )
    )
    assert "**Title**\n\n- <b>one</b>\n" in text
    assert "<details><summary>Folded</summary>\n\n| a |\n|---|\n| row0 |\n" in text
    assert "> 1&#46; first  \n> #\u200b second  \n" in text
    assert "<code>code &#124; pipe</code>" in text


def test_sections_fall_from_the_bottom() -> None:
    """The last ones first, the essential one at the end never; the report says which fell."""
    parts = [Section(name, name, (table(200),)) for name in ("first", "second", "third")]
    whole = with_sections(*parts, Section("end", "End", (table(1),), essential=True))
    text = markdown_of(whole, "comment", most=4000)
    assert len(text) <= 4000
    assert ("**first**" in text, "**second**" in text, "**third**" in text) == (True, True, False)
    assert "_… and " in text
    assert "_Left out for want of space: third._" in text
    assert text.index("Left out") < text.index("**End**")


def test_a_long_table_keeps_its_head() -> None:
    """Rows that are kept stay, however little room there is."""
    whole = with_sections(Section("m", "Metrics", (table(1000, keep=20),), essential=True))
    text = markdown_of(whole, "comment", most=1000)
    assert "row19" in text
    assert "more rows._" in text
    assert "row900" not in text


def test_a_list_gets_shorter() -> None:
    """Entries beyond those that are kept."""
    lines = tuple((Span(f"entry{number}"),) for number in range(300))
    text = markdown_of(
        with_sections(Section("l", "", (Items(lines, 10),), essential=True)), "comment", most=2000
    )
    assert "entry9" in text
    assert "more entries._" in text


@pytest.mark.parametrize("budget", ["comment", "summary"])
def test_a_large_review_fits(budget: Budget) -> None:
    """Thousands of metrics, params and runs, with long names: verdict, metrics and the command are there."""
    text = markdown_of(document(*large_review(150 if budget == "comment" else 1500)), budget)
    size = len(text) if budget == "comment" else len(text.encode())
    assert size <= BUDGETS[budget]
    assert size > BUDGETS[budget] * 0.5
    assert "### ❌" in text
    assert "| metric | goal |" in text
    assert text.endswith("Not repeated yet.\n")
    assert "gittrack reproduce" in text
    assert text.count("<details>") == text.count("</details>")


def test_the_same_bytes() -> None:
    """A review has one report."""
    review, curves = large_review(10)
    assert markdown_of(document(review, curves)) == markdown_of(document(review, curves))


@given(st.text(max_size=60))
def test_escaped_text_is_the_text(text: str) -> None:
    """What is shown is what was written, but for characters that cannot be seen."""
    import html

    shown = html.unescape(markdown(text, 1000)).replace("\u200b", "")
    if text.isascii() and text.isprintable():
        assert shown == text


@pytest.mark.parametrize("text", ["- a", "+ a", "= a", "1. a", "12) a", "> a", "  - a"])
def test_a_line_begins_nothing(text: str) -> None:
    """No list, no quotation, no heading."""
    assert re.match(r"&#\d+;|\d+&#\d+;", markdown_line(text))


def test_a_plain_line_stays() -> None:
    """Words as they are."""
    assert markdown_line("two words") == "two words"


def drawn(*values: float, name: str = "acc") -> str:
    """The chart of one curve."""
    return chart(Curves(name, bands_of([("new", [series(name, *values)])])))


def test_a_chart() -> None:
    """Mermaid's, and bars besides."""
    text = drawn(0.0, 1.0, 2.0)
    assert '  x-axis "step" 0 --> 2\n  y-axis 0 --> 2\n' in text
    assert text.startswith("acc\n\n```mermaid\n%%{init: ")
    assert '\nxychart-beta\n  title "acc (new)"\n' in text
    assert re.search(r"- new \(n=1\): ▁.*█ 2\n", text)


def test_both_groups() -> None:
    """The title tells which line is which."""
    bands = bands_of([("main", [series("a", 1.0, 2.0)]), ("new", [series("a", 2.0, 3.0)])])
    text = chart(Curves("a", bands))
    assert 'title "a (baseline, then new)"' in text
    assert text.count("  line [") == 2
    assert "- 🟦 main (n=1)" in text
    assert "- 🟧 new (n=1)" in text


@pytest.mark.parametrize("values", [(1.0,), (1e-12, 2e-12), (1e12, 2e12)])
def test_what_mermaid_cannot_draw(values: tuple[float, ...]) -> None:
    """One point, and numbers that are no plain decimals: bars alone."""
    text = drawn(*values)
    assert "mermaid" not in text
    assert "- new (n=1): " in text


def test_a_flat_curve() -> None:
    """Has an axis all the same."""
    assert "y-axis 0.9 --> 1.1" in drawn(1.0, 1.0)
    assert "y-axis -1 --> 1" in drawn(0.0, 0.0)


def test_charts_beyond_the_first_six_are_bars() -> None:
    """Each of Mermaid's is a frame of its own."""
    review, _ = large_review(2)
    curves = [Curves(f"m{n}", bands_of([("new", [series("x", 1.0, 2.0)])])) for n in range(9)]
    assert markdown_of(document(review, curves)).count("```mermaid") == 6


def test_resampling() -> None:
    """Straight lines between the points, within the curve."""
    (band,) = bands_of([("x", [series("a", 0.0, 10.0, 0.0)])])
    assert resampled(band, 0, 2, 5) == [0.0, 5.0, 10.0, 5.0, 0.0]
    assert resampled(band, 0, 0, 5) == [0.0]
