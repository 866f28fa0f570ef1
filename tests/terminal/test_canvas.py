from __future__ import annotations

from gittrack.terminal.canvas import Canvas, marker


def test_dots_of_one_character() -> None:
    """Eight dots make a full Braille character."""
    canvas = Canvas(1, 1)
    for x in range(2):
        for y in range(4):
            canvas.dot(x, y, 0)
    assert list(canvas.row(0)) == [("⣿", 0)]


def test_outside_nothing_happens() -> None:
    """A dot outside of the grid is none."""
    canvas = Canvas(2, 1)
    canvas.dot(-1, 0, 0)
    canvas.dot(0, 99, 0)
    assert [text for text, _ in canvas.row(0)] == [" ", " "]


def test_line_has_both_ends() -> None:
    """A line goes from end to end."""
    canvas = Canvas(5, 3, unicode=False)
    canvas.line((0, 0), (4, 2), 1)
    rows = ["".join(text for text, _ in canvas.row(number)) for number in range(3)]
    assert rows[0][4] == rows[2][0] == marker(1)


def test_later_curve_gives_the_colour() -> None:
    """Where curves meet, the later one is in front."""
    canvas = Canvas(1, 1)
    canvas.dot(0, 0, 0)
    canvas.dot(1, 0, 1)
    assert [curve for _, curve in canvas.row(0)] == [1]
