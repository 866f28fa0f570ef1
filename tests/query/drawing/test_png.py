from __future__ import annotations

import io
import sys

import pytest
from PIL import Image

from gittrack.query.drawing.plan import Curve, plan
from gittrack.query.drawing.png import MissingPillow, png

CURVES = [
    Curve("a", [(0, 1), (1, 2)], [(0, 0, 2), (1, 1, 3)]),
    *(Curve(f"b{n}", [(0, n), (1, 2), (2, n)]) for n in range(9)),
    Curve("one", [(0.5, 1)]),
]


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_of_the_size_asked_for(*, dark: bool) -> None:
    """Twice the pixels of the sheet, on light or dark ground, with something on it."""
    data = png(plan(CURVES, title="loss", x_label="step", y_label="loss"), dark=dark)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (1280, 640)
        colours = picture.convert("RGB").getcolors(2**24) or []
        assert len(colours) > 20
        assert max(colours)[1] == ((13, 17, 23) if dark else (255, 255, 255))


def test_same_input_same_bytes() -> None:
    """Nothing random and no time is in it."""
    sheet = plan(CURVES)
    assert png(sheet, scale=1) == png(sheet, scale=1)


def test_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing the hint names it."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingPillow) as caught:
        png(plan(CURVES))
    assert "gittrack[png]" in str(caught.value.hint)
