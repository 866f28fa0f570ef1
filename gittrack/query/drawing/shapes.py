"""What a drawn sheet is made of: lines, areas, dots and text on whole pixels; pure.

A shape belongs to a curve (its number gives colour and dashes) or, with None, to the axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Spot = tuple[float, float]
"""Pixels from the left and from the top."""
Ink = Literal["ink", "faint"]


class Stroke(NamedTuple):
    """A line through some spots."""

    spots: Sequence[Spot]
    curve: int | None = None
    width: float = 1.0
    opacity: float = 1.0


class Area(NamedTuple):
    """A filled surface, lightly coloured."""

    spots: Sequence[Spot]
    curve: int


class Dot(NamedTuple):
    """A filled circle."""

    spot: Spot
    curve: int
    radius: float = 2.5
    title: str = ""


class Words(NamedTuple):
    """A piece of text.

    Attributes:
        text: as it came; whoever writes the sheet escapes it.
        spot: of its base line.
        anchor: which part of it stands there.
        size: of the letters, pixels.
        bold: for titles.
        upright: written upwards, for the name of a y axis.
    """

    text: str
    spot: Spot
    anchor: Literal["start", "middle", "end"] = "start"
    size: int = 11
    bold: bool = False
    upright: bool = False


Shape = Stroke | Area | Dot | Words


class Sheet(NamedTuple):
    """A drawing.

    Attributes:
        width: pixels.
        height: the same.
        shapes: in the order in which they are drawn.
        title: in a few words what is to be seen.
        description: the same in a sentence, for those who cannot see it.
    """

    width: int
    height: int
    shapes: Sequence[Shape]
    title: str = ""
    description: str = ""


COLOURS = (
    ("#0b62b5", "#6cb6ff"),
    ("#c2410c", "#ff9f5a"),
    ("#0f7b5f", "#4fd1a5"),
    ("#a0327f", "#f090d0"),
    ("#7a5c00", "#e3c04a"),
    ("#5b3fc4", "#b49bff"),
    ("#00748a", "#5ad1e6"),
    ("#5d6570", "#aab4c0"),
)
"""Of curves, on light and on dark ground; each has a contrast of 4.5 or more to its ground."""
INK = ("#24292f", "#e6edf3")
FAINT = ("#d5dae0", "#3a424c")
GROUND = ("#ffffff", "#0d1117")
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 3), (8, 3, 2, 3))
"""Of lines: a new one each time that the colours are used up."""


def colour(curve: int) -> tuple[str, str]:
    """The colour of a curve on light and on dark ground."""
    return COLOURS[curve % len(COLOURS)]


def dashes(curve: int) -> tuple[int, ...]:
    """Lengths of dash and gap of a curve, empty for a plain line."""
    return DASHES[curve // len(COLOURS) % len(DASHES)]
