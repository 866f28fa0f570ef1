from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.query.drawing.parallel import rail
from gittrack.query.plots.parallel import Parallel
from gittrack.terminal.escape import columns
from gittrack.terminal.parallel import parallel_chart

if TYPE_CHECKING:
    from gittrack.terminal.chart import Segment

FOUND = Parallel(
    "loss",
    (rail("opt", ["a", "b", None]), rail("lr", [1e-5, 1.0, 0.1]), rail("loss", [1.0, 2.0, 3.0])),
    (0, 3, None),
    ("left",),
)


def text(lines: list[list[Segment]]) -> list[str]:
    """A chart as lines of text."""
    return ["".join(one.text for one in segments) for segments in lines]


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("width", [20, 80, 200])
def test_it_fits(width: int, *, unicode: bool) -> None:
    """Axes, their ends and the key fit the width; the lines have their colours."""
    drawn = parallel_chart(FOUND, width=width, height=16, unicode=unicode)
    lines = text(drawn)
    assert all(columns(line) <= width for line in lines[:-1])
    assert unicode or all(line.isascii() for line in lines)
    assert {one.curve for row in drawn[2:-2] for one in row} == {None, 3, 4}


def test_what_is_said() -> None:
    """Names above, ends above and below, and how many params have no axis."""
    lines = text(parallel_chart(FOUND, width=80, height=16))
    assert lines[0].split() == ["opt", "lr", "loss"]
    assert lines[1].split() == ["b", "1", "log", "3"]
    assert lines[-2].split() == ["a", "1e-05", "1"]
    assert lines[-1].endswith("1 more param differs")


def test_axes_without_room_are_left_out() -> None:
    """From the left: what explains most stands on the right."""
    lines = text(parallel_chart(FOUND, width=20, height=16))
    assert lines[0].split() == ["lr", "loss"]
    assert lines[-1].endswith("2 more params differ")
