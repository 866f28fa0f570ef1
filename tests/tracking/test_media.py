"""Objects of libraries as files."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from gittrack.core.errors import InvalidValue
from gittrack.tracking import media


def test_text() -> None:
    """Text is UTF-8."""
    assert media.text("grün") == "grün".encode()
    with pytest.raises(InvalidValue, match="takes text"):
        media.text(3)


def test_documents() -> None:
    """The suffix says JSON or YAML; NumPy values are taken."""
    value = {"b": [1, np.float64(0.5)], "a": {"x": None}}
    plain = {"b": [1, 0.5], "a": {"x": None}}
    assert json.loads(media.document(value, "c.json")) == plain
    assert yaml.safe_load(media.document(value, "c.yaml")) == plain
    assert media.document(value, "c.yml").decode().startswith("b:\n")


def test_a_document_that_is_none() -> None:
    """A structure that contains itself is refused."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidValue, match="cannot be written"):
        media.document(loop, "c.json")


def test_matplotlib_figures() -> None:
    """A figure becomes a picture in the format of its suffix."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    assert media.figure(figure, "f.png", {"dpi": 30}).startswith(b"\x89PNG")
    assert b"<svg" in media.figure(figure, "f.svg", {})
    with pytest.raises(InvalidValue, match=r"f\.xyz"):
        media.figure(figure, "f.xyz", {})
    plt.close(figure)


class PlotlyLike:
    """What a Plotly figure offers; the library itself is large."""

    def to_html(self, include_plotlyjs: str) -> str:
        """A page."""
        return f"<html>{include_plotlyjs}</html>"

    def to_json(self) -> str:
        """The data."""
        return "{}"

    def to_image(self, format: str) -> bytes:  # noqa: A002  Plotly's name
        """A picture."""
        return format.encode()


def test_plotly_figures() -> None:
    """The same for Plotly."""
    assert media.figure(PlotlyLike(), "f.html", {}) == b"<html>cdn</html>"
    assert media.figure(PlotlyLike(), "f.json", {}) == b"{}"
    assert media.figure(PlotlyLike(), "f.svg", {}) == b"svg"


def test_no_figure() -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidValue, match="Matplotlib or Plotly"):
        media.figure(3, "f.png", {})


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (4, 5, 4)])
def test_arrays_as_pictures(shape: tuple[int, ...]) -> None:
    """Gray, colour, and with an alpha channel."""
    picture = Image.open(io.BytesIO(media.image(np.ones(shape) * 0.5, "i.png")))
    assert picture.size == (5, 4)
    assert picture.convert("L").getpixel((0, 0)) == 127


def test_pil_images() -> None:
    """A PIL image is saved in the format of its suffix."""
    picture = Image.new("RGB", (3, 2))
    assert media.image(picture, "i.jpg").startswith(b"\xff\xd8")
    with pytest.raises(InvalidValue, match=r"i\.xyz"):
        media.image(picture, "i.xyz")


def test_an_array_of_another_shape() -> None:
    """Channels first is a common mistake, and the hint knows it."""
    with pytest.raises(InvalidValue, match=r"\(3, 4, 5\)") as caught:
        media.image(np.zeros((3, 4, 5)), "i.png")
    assert "moveaxis" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "data", [{"a": [1, 2], "b": ["x", "y"]}, [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "frame"]
)
def test_tables(data: Any) -> None:
    """Frames, columns and rows give the same file."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    table = frame if isinstance(data, str) else data
    assert media.table(table, "t.csv") == b"a,b\n1,x\n2,y\n"
    assert json.loads(media.table(table, "t.json")) == {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}


def test_no_table() -> None:
    """Columns of different lengths are none."""
    with pytest.raises(InvalidValue, match="not a table"):
        media.table({"a": [1], "b": [1, 2]}, "t.csv")
