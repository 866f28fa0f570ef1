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


def test_marks_stand_out() -> None:
    """A mark is a character of its own; outside of the grid nothing happens."""
    canvas, plain = Canvas(2, 1), Canvas(2, 1, unicode=False)
    for one in (canvas, plain):
        one.mark(0, 0, 1)
        one.mark(99, 0, 1)
    assert list(canvas.row(0)) == [("●", 1), (" ", None)]
    assert list(plain.row(0)) == [(marker(1), 1), (" ", None)]


def test_haze_is_lighter_than_a_line() -> None:
    """A surface has few dots, in ASCII points that no line is made of; lines go over it."""
    canvas, plain = Canvas(4, 4), Canvas(4, 1, unicode=False)
    for x in range(8):
        canvas.haze(x, 0, 15, 0)
    dots = sum(
        (ord(text) - 0x2800).bit_count() for row in range(4) for text, _ in canvas.row(row) if text != " "
    )
    assert 8 <= dots <= 64
    plain.haze(1, 0, 5, 0)
    plain.line((0, 0), (1, 0), 0)
    plain.haze(2, -5, 5, 0)
    assert "".join(text for text, _ in plain.row(0)) == "**. "
