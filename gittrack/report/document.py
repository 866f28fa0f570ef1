"""A report before it has a form: sections of text, tables and charts as frozen values.

Text is as it was recorded. Each renderer makes it harmless for its own form, in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gittrack.query.review.curves import Curves
    from gittrack.query.review.review import Level

Tone = Literal["", "good", "bad", "warn", "dim"]
Look = Literal["", "strong", "code"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text on one line.

    Attributes:
        text: as it was recorded; untrusted.
        look: how it is set.
        tone: what it means.
    """

    text: str
    look: Look = ""
    tone: Tone = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        line: what it shows.
        key: what it is sorted by, a number; by its text where there is none.
    """

    line: Line
    key: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, and whether it holds numbers, which stand right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows, for those who do not see it.
        columns: of every row.
        rows: the most important first.
        keep: so many of the first rows never fall away.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """A list.

    Attributes:
        lines: one an item.
        keep: so many of the first never fall away.
    """

    lines: tuple[Line, ...]
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of one line; of several lines when it is a quotation."""

    line: Line
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command to copy. It is made here, never taken from a run."""

    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The curves of one metric."""

    curves: Curves


@dataclass(frozen=True, slots=True)
class Picture:
    """One of several images that stand side by side.

    Attributes:
        label: whose it is.
        source: the image as a `data:` address, made here; empty where there is none to show.
        note: its size, or why it is not shown.
    """

    label: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The images that several runs have at one path; in HTML only."""

    title: str
    sides: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """The changes of one file or text, line by line; in HTML only.

    Attributes:
        title: above it.
        text: lines that begin with a space, `+`, `-` or `@@`.
        more: lines that were left out at its end.
    """

    title: str
    text: str
    more: int = 0


Block = Table | Items | Text | Command | Chart | Pictures | Patch


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Attributes:
        name: for links and for saying that it fell away.
        title: above it, empty for none.
        blocks: what is in it.
        essential: whether it never falls away; long lists and tables in it still get shorter.
        folded: whether a reader opens it first.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    essential: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A report.

    Attributes:
        name: tells reports of one pull request apart.
        level: the verdict, empty where nothing is judged.
        headline: the verdict in words.
        subtitle: what was held against what.
        sections: the most important first; the last one is essential.
    """

    name: str
    level: Level | Literal[""]
    headline: str
    subtitle: Line
    sections: tuple[Section, ...] = field(default_factory=tuple)
