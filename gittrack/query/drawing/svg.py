"""A sheet as SVG, and curves as SVG; pure, and the same bytes for the same input.

The text needs nothing from outside and may stand in a page or in a file of its own. Colours follow the
reader's light or dark mode; a page sets its own with the CSS variables `--chart-ink`, `--chart-faint` and
`--chart-0` to `--chart-7`. Viewers without CSS variables see the light colours. Where a page has many
charts, write :data:`STYLE` once and leave it out of each.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gittrack.core.harmless import line
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.shapes import COLOURS, FAINT, INK, Area, Dot, Sheet, Stroke, colour, dashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gittrack.query.drawing.plan import Curve
    from gittrack.query.drawing.shapes import Shape, Spot, Words

_FONT = "system-ui,-apple-system,'Segoe UI',sans-serif"


def draw(  # noqa: PLR0913  each is a choice of its own
    curves: Sequence[Curve],
    *,
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    width: int = 640,
    height: int = 320,
    log_x: bool = False,
    log_y: bool = False,
    bands: bool = True,
    style: bool = True,
    x_number: Callable[[float], str] = number,
) -> str:
    """Curves over each other, with axes, ticks and a legend.

    Args:
        curves: what to draw. What is not finite, and on a logarithmic axis what is not positive, is left
            out; a curve without points only gets its line in the legend.
        title: above it.
        x_label: below the x axis.
        y_label: beside the y axis.
        width: pixels, at least 160.
        height: the same, at least 120, legend included.
        log_x: logarithmic in x.
        log_y: the same in y.
        bands: fill the bands of curves that have one.
        x_number: how to write a number below the x axis.
        style: with the style sheet; without for a page that has :data:`STYLE` already.

    Returns:
        One `<svg>` element. At most 4 points a pixel column and curve, and of each column the lowest and
        highest.
    """
    from gittrack.query.drawing.plan import plan

    sheet = plan(
        curves,
        title=title,
        x_label=x_label,
        y_label=y_label,
        width=width,
        height=height,
        log_x=log_x,
        log_y=log_y,
        bands=bands,
        x_number=x_number,
    )
    return svg(sheet, style=style)


def svg(sheet: Sheet, *, style: bool = True) -> str:
    """A sheet as one `<svg>` element."""
    size = f'viewBox="0 0 {sheet.width} {sheet.height}" width="{sheet.width}" height="{sheet.height}"'
    name = _text(sheet.title) or "chart"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gt-chart" role="img" aria-label="{name}" {size}>',
        f"<title>{name}</title>",
    ]
    if sheet.description:
        parts.append(f"<desc>{_text(sheet.description)}</desc>")
    if style:
        parts.append(f"<style>{STYLE}</style>")
    parts += map(_shape, sheet.shapes)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _style() -> Iterator[str]:
    for place, media in enumerate(("", "@media(prefers-color-scheme:dark){")):
        yield media
        yield f".gt-chart{{--gt-ink:var(--chart-ink,{INK[place]})"
        yield f";--gt-faint:var(--chart-faint,{FAINT[place]})"
        yield from (f";--gt-{n}:var(--chart-{n},{pair[place]})" for n, pair in enumerate(COLOURS))
        yield "}}" if media else "}"
    yield f".gt-chart text{{font-family:{_FONT};fill:var(--gt-ink)}}"
    yield ".gt-chart .gt-axis{stroke:var(--gt-faint)}"
    for n in range(len(COLOURS)):
        yield f".gt-chart .gt-l{n}{{stroke:var(--gt-{n})}}.gt-chart .gt-f{n}{{fill:var(--gt-{n})}}"


STYLE = "".join(_style())
"""The style sheet of all charts of a page."""


def _shape(shape: Shape) -> str:
    if isinstance(shape, Stroke):
        return _stroke(shape)
    if isinstance(shape, Area):
        place = shape.curve % len(COLOURS)
        fill = f'class="gt-f{place}" fill="{colour(shape.curve)[0]}" fill-opacity="0.18"'
        return f'<polygon {fill} points="{_spots(shape.spots)}"/>'
    if isinstance(shape, Dot):
        x, y = map(_number, shape.spot)
        place = shape.curve % len(COLOURS)
        head = f'<circle class="gt-f{place}" fill="{colour(shape.curve)[0]}" fill-opacity="0.85"'
        head += f' cx="{x}" cy="{y}" r="{_number(shape.radius)}"'
        return f"{head}><title>{_text(shape.title)}</title></circle>" if shape.title else f"{head}/>"
    return _words(shape)


def _stroke(shape: Stroke) -> str:
    if shape.curve is None:
        look = f'class="gt-axis" stroke="{FAINT[0]}"'
    else:
        look = f'class="gt-l{shape.curve % len(COLOURS)}" stroke="{colour(shape.curve)[0]}"'
        if pattern := dashes(shape.curve):
            look += f' stroke-dasharray="{" ".join(map(str, pattern))}"'
    if shape.opacity < 1:
        look += f' stroke-opacity="{_number(shape.opacity)}"'
    look += f' stroke-width="{_number(shape.width)}" fill="none" stroke-linejoin="round"'
    return f'<polyline {look} points="{_spots(shape.spots)}"/>'


def _words(shape: Words) -> str:
    x, y = map(_number, shape.spot)
    look = f'font-size="{shape.size}" fill="{INK[0]}"'
    if shape.anchor != "start":
        look += f' text-anchor="{shape.anchor}"'
    if shape.bold:
        look += ' font-weight="600"'
    if shape.upright:
        look += f' transform="rotate(-90 {x} {y})"'
    return f'<text x="{x}" y="{y}" {look}>{_text(shape.text)}</text>'


def _spots(spots: Sequence[Spot]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in spots)


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def _text(text: str) -> str:
    return escape(line(text))
