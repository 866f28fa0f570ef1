from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from gittrack.terminal.table import LONGEST, Cell, Column, Table, as_csv, as_markdown, clipped, plain


def columns_of(*titles: str) -> Table:
    """A table of one row, columns ranked from the left."""
    return Table(tuple(Column(title, [Cell("x" * 10)], rank=place) for place, title in enumerate(titles)))


def test_fitted_keeps_what_fits() -> None:
    """The columns of the lowest ranks stay, in their order."""
    fitted = columns_of("a", "b", "c").fitted(22)
    assert [one.title for one in fitted.columns] == ["a", "b"]
    assert fitted.dropped == ("c",)


def test_fitted_keeps_one() -> None:
    """The most important column stays on the narrowest screen."""
    assert [one.title for one in columns_of("a", "b").fitted(3).columns] == ["a"]


def test_fitted_fills_gaps() -> None:
    """A narrow column takes the room that a wide, more important one did not fit."""
    wide = Column("wide", [Cell("y" * 30)], rank=1)
    narrow = Column("n", [Cell("z")], rank=2)
    fitted = Table((Column("a", [Cell("x")], rank=0), wide, narrow)).fitted(20)
    assert [one.title for one in fitted.columns] == ["a", "n"]


def test_plain_aligns() -> None:
    """Columns are aligned, numbers flush right, nothing is a dash."""
    table = Table((Column("name", [Cell("a"), Cell("")]), Column("n", [Cell("1"), Cell("100")], right=True)))
    assert list(plain(table)) == ["name    n", "a       1", "-     100"]


def test_plain_without_header() -> None:
    """The line of titles may be left out."""
    assert list(plain(Table((Column("title", [Cell("a")]),)), header=False)) == ["a"]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_plain_is_one_line_a_row(rows: list[list[str]]) -> None:
    """No text of a run breaks a row."""
    table = Table(tuple(Column(str(n), [Cell(row[n]) for row in rows]) for n in range(2)))
    assert len(list(plain(table))) == len(rows) + 1
    assert all("\n" not in line and "\x1b" not in line for line in plain(table))


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_markdown_has_its_columns(rows: list[list[str]]) -> None:
    """No text of a run adds a cell."""
    table = Table(tuple(Column(str(n), [Cell(row[n]) for row in rows]) for n in range(2)))
    assert all(line.count("|") == 3 for line in as_markdown(table))


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", categories=["L", "P", "N"])), min_size=2, max_size=2)
    )
)
def test_csv_reads_back(rows: list[list[str]]) -> None:
    """What CSV readers see is what was there."""
    text = "\n".join(as_csv(["a", "b"], rows))
    assert list(csv.reader(text.splitlines())) == [["a", "b"], *rows]


def test_csv_values() -> None:
    """Nothing is empty, booleans are lower case, numbers stay."""
    assert list(as_csv(["a", "b", "c", "d"], [[None, True, 0.5, "x\x1b"]]))[1] == ",true,0.5,x\\x1b"


def test_clipped() -> None:
    """Long text ends in an ellipsis."""
    assert clipped("x" * 100) == "x" * (LONGEST - 1) + "…"
