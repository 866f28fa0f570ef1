"""A grid of characters to draw lines on: eight dots a character in Braille, one in ASCII; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # by column, then row, within a character
_BLANK = 0x2800
_MARK = 0x100
ASCII_MARKERS = "*+x o#@%&"
HAZE = "."


class Canvas:
    """Curves on a grid; where two meet, the later one gives the colour and both give their dots.

    Args:
        columns: characters across.
        rows: characters down.
        unicode: Braille, else one ASCII marker a curve.
    """

    def __init__(self, columns: int, rows: int, *, unicode: bool = True) -> None:
        self.columns = columns
        self.rows = rows
        self.unicode = unicode
        self.across, self.down = (2, 4) if unicode else (1, 1)
        self._cells: dict[tuple[int, int], tuple[int, int]] = {}  # (row, column) to (dots, curve)

    @property
    def width(self) -> int:
        """Dots across."""
        return self.columns * self.across

    @property
    def height(self) -> int:
        """Dots down."""
        return self.rows * self.down

    def dot(self, x: int, y: int, curve: int) -> None:
        """Set a dot; x from the left, y from the bottom. Outside of the grid nothing happens."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        row, column = (self.height - 1 - y) // self.down, x // self.across
        mask = _DOTS[x % 2][(self.height - 1 - y) % 4] if self.unicode else 1
        dots, _ = self._cells.get((row, column), (0, curve))
        self._cells[row, column] = (dots | mask, curve)

    def mark(self, x: int, y: int, curve: int) -> None:
        """Put a mark where a dot would be; what is drawn later does not cover it."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._cells[(self.height - 1 - y) // self.down, x // self.across] = (_MARK, curve)

    def haze(self, x: int, low: int, high: int, curve: int) -> None:
        """Set every fourth dot from `low` to `high` in one column: a surface that lines stand out of."""
        if not self.unicode:
            for y in range(max(0, low), min(self.height - 1, high) + 1):
                self._cells.setdefault((self.height - 1 - y, x), (0, curve))
            return
        for y in range(low, high + 1):
            if x % 2 == 0 and (y + x) % 4 == 0:
                self.dot(x, y, curve)

    def line(self, start: tuple[int, int], end: tuple[int, int], curve: int) -> None:
        """Set the dots of a straight line, both ends included."""
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y))
        for step in range(steps + 1):
            share = step / steps if steps else 0
            self.dot(round(x + (to_x - x) * share), round(y + (to_y - y) * share), curve)

    def row(self, number: int) -> Iterator[tuple[str, int | None]]:
        """The characters of a row from the top, each with the curve it belongs to."""
        for column in range(self.columns):
            cell = self._cells.get((number, column))
            if cell is None:
                yield " ", None
            else:
                dots, curve = cell
                yield self._character(dots, curve), curve

    def _character(self, dots: int, curve: int) -> str:
        if not self.unicode:
            return marker(curve) if dots else HAZE
        return "●" if dots & _MARK else chr(_BLANK + dots)


def marker(curve: int) -> str:
    """The ASCII character of a curve."""
    markers = ASCII_MARKERS.replace(" ", "")
    return markers[curve % len(markers)]
