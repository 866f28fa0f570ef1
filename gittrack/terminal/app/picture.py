"""An image as characters: two pixels in each, one above the other. Works over ssh and in tmux."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from gittrack.terminal.app.view import said

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIXELS = 40_000_000  # a file of a few bytes may claim to be larger than memory
_UPPER = "▀"
_SHADES = " .:-=+*#%@"


def picture(data: bytes, width: int, height: int, *, colours: bool) -> list[Strip]:
    """An image in so many columns and lines at most; what is wrong with it is said instead.

    Args:
        data: the file.
        width: columns.
        height: lines.
        colours: whether colours may be shown; else characters that cover more or less.
    """
    try:
        from PIL import Image
    except ImportError:
        return [said("images are shown where Pillow is installed: pip install pillow", "dim")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > _PIXELS:
                    return [said(f"{image.width} x {image.height} pixels: too large to show", "dim")]
                title = f"{image.format or 'image'}, {image.width} x {image.height}"
                small = _fitted(image.convert("RGBA"), width, (height - 1) * 2)
                plain = Image.new("RGBA", small.size, "white")
                plain.alpha_composite(small)
                pixels = list(plain.convert("RGB").getdata())
                across = plain.width
    except Exception as error:  # noqa: BLE001  a damaged file raises whatever its decoder does
        return [said(f"not an image that can be shown: {error}", "dim")]
    rows = [pixels[start : start + across] for start in range(0, len(pixels), across)]
    if len(rows) % 2:
        rows.append([(255, 255, 255)] * across)
    if not colours:
        return [said(title, "dim"), *(_grey(rows[at], rows[at + 1]) for at in range(0, len(rows), 2))]
    return [said(title, "dim"), *(_line(rows[at], rows[at + 1]) for at in range(0, len(rows), 2))]


def _fitted(image: Any, width: int, height: int) -> Any:  # noqa: ANN401  Pillow is not always there
    scale = min(width / image.width, height / image.height, 1.0)
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _line(upper: Sequence[tuple[int, int, int]], lower: Sequence[tuple[int, int, int]]) -> Strip:
    return Strip(
        [
            Segment(_UPPER, Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
            for above, below in zip(upper, lower, strict=True)
        ]
    ).simplify()


def _grey(upper: Sequence[tuple[int, int, int]], lower: Sequence[tuple[int, int, int]]) -> Strip:
    shades = [sum(above) + sum(below) for above, below in zip(upper, lower, strict=True)]
    return Strip([Segment("".join(_SHADES[min(9, shade * 10 // 1531)] for shade in shades))])
