"""CSV and JSON files number by number; pure.

Texts, names and shapes have to be the same; numbers as near as the tolerances allow. The order of the keys
of a JSON object, spaces, and how a number is written (`1`, `1.0`, `1e0`) do not matter.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from gittrack.query.verdict.rules import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.query.verdict.rules import ArtifactRule

LARGEST = 64_000_000
"""Bytes of a file that is compared number by number."""
_DEEPEST = 200
_SHOWN = 60


def difference(path: str, before: bytes, after: bytes, rule: ArtifactRule) -> str | None:
    """Where two files differ by more than the tolerances, the first place in a few words; None where nowhere.

    Args:
        path: names the format.
        before: content of the original.
        after: content of the repeat.
        rule: the tolerances.
    """
    return next(differences(path, before, after, rule), None)


def differences(path: str, before: bytes, after: bytes, rule: ArtifactRule) -> Iterator[str]:
    """All such places, as :func:`difference` says the first."""
    read = _read_csv if path.lower().endswith((".csv", ".tsv")) else _read_json
    try:
        old, new = read(path, before), read(path, after)
    except (ValueError, RecursionError, csv.Error) as error:
        yield f"cannot be read as numbers: {str(error)[:_SHOWN]}"
        return
    yield from _differences(old, new, rule)


def _read_csv(path: str, data: bytes) -> list[list[Any]]:
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    rows = csv.reader(text, dialect="excel-tab" if path.lower().endswith(".tsv") else "excel", strict=True)
    return [[_number(cell) for cell in row] for row in rows]


def _number(cell: str) -> float | str:
    try:
        return float(cell) if "_" not in cell else cell
    except ValueError:
        return cell


def _read_json(path: str, data: bytes) -> Any:  # noqa: ANN401  a JSON value
    text = data.decode("utf-8-sig")
    if path.lower().endswith((".jsonl", ".ndjson")):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return json.loads(text)


def _differences(
    old: object, new: object, rule: ArtifactRule, place: str = "", depth: int = 0
) -> Iterator[str]:
    if depth > _DEEPEST:
        yield f"{place}: too deep to compare"
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, rule, place, depth)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, rule, place, depth)
    elif _is_number(old) and _is_number(new):
        yield from _of_numbers(old, new, rule, place)
    elif type(old) is not type(new) or old != new:
        yield f"{_at(place)}{_shown(old)} → {_shown(new)}"


def _of_lists(old: list[Any], new: list[Any], rule: ArtifactRule, place: str, depth: int) -> Iterator[str]:
    for index, (left, right) in enumerate(zip(old, new)):  # noqa: B905  the lengths are compared below
        yield from _differences(left, right, rule, f"{place}[{index}]", depth + 1)
    if len(old) != len(new):
        yield f"{_at(place)}{len(old)} entries → {len(new)}"


def _of_objects(
    old: dict[str, Any], new: dict[str, Any], rule: ArtifactRule, place: str, depth: int
) -> Iterator[str]:
    for key, left in old.items():
        inside = f"{place}.{key}" if place else str(key)
        if key in new:
            yield from _differences(left, new[key], rule, inside, depth + 1)
        else:
            yield f"{_at(inside)}missing"
    for key in new:
        if key not in old:
            yield f"{_at(f'{place}.{key}' if place else str(key))}new"


def _of_numbers(old: Any, new: Any, rule: ArtifactRule, place: str) -> Iterator[str]:  # noqa: ANN401  numbers
    if old == new:
        return
    try:
        left, right = float(old), float(new)
    except OverflowError:
        yield f"{_at(place)}{_shown(old)} → {_shown(new)}"
        return
    exact = isinstance(old, int) and isinstance(new, int) and not (rule.atol or rule.rtol)
    if exact or not near(left, right, rule.atol, rule.rtol):
        yield f"{_at(place)}{_shown(old)} → {_shown(new)}, by {right - left:.3g}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at(place: str) -> str:
    return f"{place[:_SHOWN]}: " if place else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
