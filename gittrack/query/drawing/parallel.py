"""Runs as lines through parallel axes, one axis a param and the last one a metric; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.harmless import clip, line
from gittrack.query.drawing.axes import Axis, axis
from gittrack.query.drawing.figures import number
from gittrack.query.drawing.plan import text_width
from gittrack.query.drawing.shapes import Sheet, Stroke, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.query.drawing.shapes import Shape

QUARTERS = ("best quarter", "second", "third", "worst quarter")
INKS = (2, 0, 4, 1)
"""Their colours: green, blue, brown, orange."""
_DECADES = 2  # from so many on an axis of positive numbers is logarithmic
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Rail:
    """One of the axes.

    Attributes:
        name: of the param or metric.
        labels: where on it which text stands: shares from 0 (below) to 1.
        places: the share of each run, None for one that has no value.
        ends: what stands below and above, where there is no room for the labels.
        log: logarithmic.
    """

    name: str
    labels: tuple[tuple[float, str], ...]
    places: tuple[float | None, ...]
    ends: tuple[str, str] = ("", "")
    log: bool = False


def rail(name: str, values: Sequence[Any]) -> Rail:
    """An axis for some values: of numbers where all are finite numbers, else of the values one by one.

    Args:
        name: of the axis.
        values: JSON values, one a run; None for a run that has none.
    """
    given = [one for one in values if one is not None]
    if given and all(_is_number(one) for one in given):
        numbers = [float(one) for one in given]
        log = min(numbers) > 0 and math.log10(max(numbers) / min(numbers)) >= _DECADES
        scale = axis(numbers, log=log)
        places = tuple(None if one is None else scale.share(float(one)) for one in values)
        ends = number(scale.low), number(scale.high)
        return Rail(name, tuple(_ticks(scale, numbers)), places, ends, log)
    names = sorted({_text(one) for one in given})
    shares = {text: (at + 0.5) / len(names) for at, text in enumerate(names)}
    places = tuple(None if one is None else shares[_text(one)] for one in values)
    labels = tuple((share, text) for text, share in shares.items())[:_MOST_LABELS]
    return Rail(name, labels, places, (names[0], names[-1]) if names else ("", ""))


def quarters(values: Sequence[float | None], *, more: bool) -> list[int | None]:
    """The quarter of each value, 0 for the best; None for one that is no finite number.

    Args:
        values: of a metric.
        more: whether more of it is better.
    """
    good = sorted(
        (place for place, one in enumerate(values) if one is not None and math.isfinite(one)),
        key=lambda place: -(values[place] or 0.0) if more else (values[place] or 0.0),
    )
    found: list[int | None] = [None] * len(values)
    for rank, place in enumerate(good):
        found[place] = rank * 4 // len(good)
    return found


def sheet(
    rails: Sequence[Rail],
    quarter_of: Sequence[int | None],
    *,
    title: str = "",
    width: int = 800,
    height: int = 400,
) -> Sheet:
    """The axes side by side, each run a line through its places.

    Args:
        rails: at least two, left to right.
        quarter_of: the quarter of each run; runs with None are not drawn.
        title: above.
        width: pixels.
        height: the same.
    """
    head: list[Shape] = [Words(clip(line(title), width // 8), (8, 18), size=14, bold=True)] if title else []
    top, bottom = 50.0, height - 34.0
    left, right = (
        16.0,
        width - 16 - max((text_width(clip(text, 16)) for _, text in rails[-1].labels), default=0),
    )
    places = [left + (right - left) * at / (len(rails) - 1) for at in range(len(rails))]

    def spot(at: int, share: float) -> tuple[float, float]:
        return places[at], bottom - share * (bottom - top)

    lines = list(_lines(rails, quarter_of))
    opacity = 0.7 if len(lines) < 100 else 0.35  # noqa: PLR2004  many lines are lighter
    shapes = [
        Stroke([spot(*one) for one in spots], INKS[quarter], 1.3, opacity) for quarter, spots in lines[::-1]
    ]
    for at, one in enumerate(rails):
        room = (places[1] - places[0]) * 0.95
        name = clip(line(one.name), max(4, int(room / 6.4)))
        anchor = "start" if not at else "end" if at == len(rails) - 1 else "middle"
        shapes.append(Stroke((spot(at, 0), spot(at, 1)), None, 1.5))
        head.append(Words(name, (places[at], top - 12), anchor, bold=True))  # type: ignore[arg-type]  # a choice
        head += [
            Words(clip(line(text), 16), (places[at] + 4, spot(at, share)[1] + 4))
            for share, text in one.labels
        ]
    return Sheet(width, height, [*shapes, *head, *_key(height)], title, f"{len(lines)} runs")


def _lines(
    rails: Sequence[Rail], quarter_of: Sequence[int | None]
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """Quarter, and axis and share of each stop; where a value is missing the line has a gap."""
    order = sorted((one, run) for run, one in enumerate(quarter_of) if one is not None)
    for quarter, run in order:
        spots: list[tuple[int, float]] = []
        for at, one in enumerate(rails):
            share = one.places[run]
            if share is not None:
                spots.append((at, share))
                continue
            if len(spots) > 1:
                yield quarter, spots
            spots = []
        if len(spots) > 1:
            yield quarter, spots


def _key(height: int) -> Iterator[Shape]:
    x = 8.0
    for quarter, name in enumerate(QUARTERS):
        yield Stroke(((x, height - 14), (x + 20, height - 14)), INKS[quarter], 2.4)
        yield Words(name, (x + 26, height - 10))
        x += 40 + text_width(name)


def _ticks(scale: Axis, numbers: Sequence[float]) -> Iterator[tuple[float, str]]:
    distinct = sorted(set(numbers))
    wanted = distinct if len(distinct) <= 6 else scale.ticks(5)  # noqa: PLR2004  few values stand for themselves
    yield from ((scale.share(one), number(one)) for one in wanted)


def _is_number(value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value)) and abs(value) < 1e300  # noqa: PLR2004  distances are floats
    except OverflowError:
        return False


def _text(value: Any) -> str:  # noqa: ANN401  a JSON value
    from gittrack.core.public import finite
    from gittrack.core.text import dump_json

    return value if isinstance(value, str) else dump_json(finite(value)).decode()
