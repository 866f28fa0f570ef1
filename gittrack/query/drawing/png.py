"""A sheet as PNG, drawn by Pillow, the extra `png`: it has wheels everywhere and a font of its own."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.harmless import line
from gittrack.query.drawing.shapes import FAINT, GROUND, INK, Area, Dot, Sheet, Stroke, Words, colour, dashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from gittrack.query.drawing.shapes import Shape, Spot

_FINE = 3  # drawn so much larger, then made smaller: lines without steps


class MissingPillow(GitTrackError):
    """Pillow is not installed."""


def png(sheet: Sheet, *, scale: int = 2, dark: bool = False) -> bytes:
    """A sheet as PNG.

    Args:
        sheet: what to draw.
        scale: pixels of the picture for each of the sheet, 1 to 4.
        dark: on dark ground.

    Raises:
        MissingPillow: the extra is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        msg = "PNG needs Pillow"
        raise MissingPillow(msg, hint="pip install 'gittrack[png]', or write SVG") from error
    mode = int(dark)
    size = sheet.width * scale, sheet.height * scale
    large = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), GROUND[mode])
    pen = ImageDraw.Draw(large, "RGBA")
    for shape in sheet.shapes:
        if not isinstance(shape, Words):
            _draw(pen, shape, scale * _FINE, mode)
    picture = large.resize(size, Image.Resampling.BOX)
    pen = ImageDraw.Draw(picture)
    for shape in sheet.shapes:
        if isinstance(shape, Words):
            _write(picture, pen, shape, scale, mode)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _draw(pen: ImageDraw, shape: Shape, scale: int, mode: int) -> None:
    if isinstance(shape, Area):
        pen.polygon(_scaled(shape.spots, scale), fill=f"{colour(shape.curve)[mode]}2e")
    elif isinstance(shape, Dot):
        (x, y), radius = shape.spot, shape.radius
        ends = _scaled(((x - radius, y - radius), (x + radius, y + radius)), scale)
        pen.ellipse(ends, fill=f"{colour(shape.curve)[mode]}d9")
    elif isinstance(shape, Stroke):
        plain = FAINT[mode] if shape.curve is None else colour(shape.curve)[mode]
        ink = plain if shape.opacity >= 1 else f"{plain}{round(255 * shape.opacity):02x}"
        pattern = () if shape.curve is None else dashes(shape.curve)
        for piece in _dashed(shape.spots, pattern) if pattern else (shape.spots,):
            width = max(1, round(shape.width * scale))
            pen.line(_scaled(piece, scale), fill=ink, width=width, joint="curve")


def _write(picture: Any, pen: ImageDraw, words: Words, scale: int, mode: int) -> None:  # noqa: ANN401  an Image
    from PIL import Image, ImageDraw

    font = _font(words.size * scale)
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
    x, y = words.spot[0] * scale, words.spot[1] * scale
    look: dict[str, Any] = {"font": font, "stroke_width": scale // 2 if words.bold else 0}
    if not words.upright:
        pen.text((x, y), line(words.text), fill=INK[mode], anchor=anchor, **look)
        return
    length, height = round(pen.textlength(line(words.text), font=font)) + 4, words.size * scale * 2
    label = Image.new("L", (length, height), 0)
    ImageDraw.Draw(label).text((2, height * 0.7), line(words.text), fill=255, anchor="ls", **look)
    turned = label.rotate(90, expand=True)
    picture.paste(INK[mode], (round(x - height * 0.7), round(y - length / 2)), turned)


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _scaled(spots: Sequence[Spot], scale: int) -> list[Spot]:
    return [(x * scale, y * scale) for x, y in spots]


def _dashed(spots: Sequence[Spot], pattern: tuple[int, ...]) -> Iterator[list[Spot]]:
    """A line as its dashes."""
    place, left, drawing = 0, float(pattern[0]), True
    piece: list[Spot] = [spots[0]]
    for (x, y), (to_x, to_y) in pairwise(spots):
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        done = 0.0
        while length - done > left:
            done += left
            spot = (x + (to_x - x) * done / length, y + (to_y - y) * done / length)
            if drawing:
                yield [*piece, spot]
            piece, drawing = [spot], not drawing
            place = (place + 1) % len(pattern)
            left = float(pattern[place])
        left -= length - done
        piece.append((to_x, to_y))
    if drawing and len(piece) > 1:
        yield piece
