"""Plots as Markdown."""

from __future__ import annotations

import math
import re

import pytest

from gittrack.query.drawing.plan import Curve
from gittrack.query.plots.plotting import Plot
from gittrack.report.plots import drawn_in_characters, extremes, markdown_of_plot


def plot(*curves: list[tuple[float, float]]) -> Plot:
    """A plot of curves that are named by number."""
    return Plot("loss", tuple(Curve(f"run {place}", one) for place, one in enumerate(curves)))


def lines(text: str) -> list[list[float]]:
    """The lines that Mermaid draws."""
    return [list(map(float, one.split(", "))) for one in re.findall(r"^  line \[(.*)\]$", text, re.MULTILINE)]


LONG = [(float(step), math.sin(step / 500)) for step in range(10_000)]


def test_curves() -> None:
    """Mermaid's lines, and each as bars of text with the square of its colour and its last value."""
    text = markdown_of_plot(plot([(0, 3), (1, 2), (2, 1)], [(0, 4), (1, 3), (2, 2)]))
    assert '  title "loss (run 0, then run 1)"' in text
    assert '  x-axis "step" 0 --> 2' in text
    assert len(lines(text)) == 2
    assert "- 🟦 run 0: █▅▁ 1\n- 🟧 run 1: █▅▁ 2\n" in text


def test_extremes_stay() -> None:
    """A spike of one point among ten thousand is in the line and in the bars."""
    spiked = [(x, 99.0 if x == 4321 else y) for x, y in LONG]
    text = markdown_of_plot(plot(spiked))
    assert max(lines(text)[0]) == 99
    assert text.rstrip().rpartition("run 0: ")[2].count("█") == 1


def test_few_points() -> None:
    """Between them is a straight line."""
    assert extremes([(0.0, 0.0), (8.0, 8.0)], 0, 8, 4) == [0, 0, 2, 4, 4, 6, 8, 8]


def test_a_stretch_of_all() -> None:
    """Points before the start do not count; one that ends early stays where it was."""
    assert extremes([(-1.0, 9.0), (0.0, 1.0), (1.0, 2.0)], 0, 4, 2) == [1, 2, 2, 2]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"log": True}, '  y-axis "log10 loss" -2 --> 0'), ({"log_x": True}, '  x-axis "log10 step" 0 --> 2')],
)
def test_logarithms(options: dict[str, bool], said: str) -> None:
    """Stand on a plain axis; what has none is left out."""
    assert said in markdown_of_plot(plot([(0, -1), (1, 1), (10, 0.1), (100, 0.01)]), **options)


@pytest.mark.parametrize("points", [[(0, 1)], [(0, 1e12), (1, 1e13)], []])
def test_what_mermaid_cannot_draw(points: list[tuple[float, float]]) -> None:
    """One point, numbers that are no plain decimals, none: text alone."""
    text = markdown_of_plot(plot(points))
    assert "mermaid" not in text
    assert "- run 0: " in text


def test_many_curves() -> None:
    """Seven are drawn, forty are listed; the rest is counted."""
    text = markdown_of_plot(plot(*([(0.0, n), (1.0, n + 1.0)] for n in range(50))))
    assert len(lines(text)) == 7
    assert "_The chart has 7 of 50 curves._" in text
    assert text.endswith("- and 10 more\n\n")


def test_time() -> None:
    """Is in seconds."""
    timed = Plot("loss", (Curve("a", [(0, 1), (9, 2)]),), "time", seconds=True)
    assert '  x-axis "seconds" 0 --> 9' in markdown_of_plot(timed)


def test_names_are_text() -> None:
    """Whatever a run is called, it is no markup in Markdown and no word of Mermaid."""
    text = markdown_of_plot(Plot('a"]\n@x', (Curve('<b>|`]"\nline [1]', [(0, 1), (1, 2)]),)))
    assert "<b>" not in text
    assert len(lines(text)) == 1
    assert "@x" not in text


def test_a_fence_is_longer_than_any_within() -> None:
    """So that what is drawn cannot end it."""
    text = drawn_in_characters("a", ["x ```` y  ", "z"])
    assert text == "a\n\n`````text\nx ```` y\nz\n`````\n\n"
