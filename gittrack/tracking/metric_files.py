"""Metrics from a file that a program wrote: one value each, or tables with a row a step."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import MalformedFile
from gittrack.tracking.user_files import flatten, parse, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

STEPS = ("global_step", "step", "iteration", "iter", "epoch")
"""Columns that say the step, the finest first."""
_TABLES = {".csv", ".tsv"}
_LINES = {".jsonl", ".ndjson"}


class Point(NamedTuple):
    """One value of a metric; without step it goes where the next point of the metric goes."""

    key: str
    value: float
    step: int | None = None


def read_metrics(path: Path) -> list[Point]:
    """The points in a JSON, JSON lines, YAML, TOML, CSV or TSV file.

    A number is one point, a list of numbers a series from step 0 on. Rows of a table, and mappings in
    a list, are steps: numbered by the first of `STEPS` that they have, else from 0. What is no number
    is passed over.

    Raises:
        UsageError: it cannot be read.
        MalformedFile: it is not what its suffix says.
    """
    data = read(path)
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        return list(_rows(_table(data, path)))
    if suffix in _LINES:
        return list(_rows(_json_lines(data, path)))
    try:
        document = parse(data, path)
    except MalformedFile:
        if suffix != ".json":
            raise
        return list(_rows(_json_lines(data, path)))
    return list(_document(document, path))


def is_real(value: object) -> bool:
    """Whether a value is a number that a metric may have."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def step_of(row: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Which of the values of a row says its step, and the step; None and None without one."""
    for name, value in row.items():
        plain = name.strip().lower().replace(" ", "_")
        if plain in STEPS and is_real(value) and math.isfinite(value) and value == int(value):
            better = [one for one in STEPS[: STEPS.index(plain)] if is_real(row.get(one))]
            if not better:
                return name, int(value)
    return None, None


def _document(document: Any, path: Path) -> Iterator[Point]:  # noqa: ANN401
    if isinstance(document, list) and all(isinstance(row, dict) for row in document):
        yield from _rows(document)
        return
    if not isinstance(document, dict):
        raise MalformedFile(str(path), "neither a mapping of metrics nor a list of rows")
    name, step = step_of(document)
    for key, value in flatten(document):
        if key != name:
            yield from _values(str(key), value, step)


def _values(key: str, value: Any, step: int | None) -> Iterator[Point]:  # noqa: ANN401
    if is_real(value):
        yield Point(key, float(value), step)
    elif isinstance(value, list) and value and all(map(is_real, value)):
        for index, item in enumerate(value):
            yield Point(key, float(item), index)
    elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        for point in _rows(value):
            yield point._replace(key=f"{key}.{point.key}")


def _rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    for index, row in enumerate(rows):
        flat = {str(key): value for key, value in flatten(row)}
        name, step = step_of(flat)
        for key, value in flat.items():
            if key != name and is_real(value):
                yield Point(key, float(value), index if step is None else step)


def _json_lines(data: bytes, path: Path) -> Iterator[dict[str, Any]]:
    import json

    for number, line in enumerate(data.decode("utf-8-sig", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise MalformedFile(str(path), f"line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise MalformedFile(str(path), f"line {number} is not a JSON object")
        yield row


def _table(data: bytes, path: Path) -> Iterator[dict[str, Any]]:
    text = data.decode("utf-8-sig", errors="replace")
    header = text.partition("\n")[0]
    separator = max("\t,;", key=header.count) if path.suffix.lower() == ".csv" else "\t"
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip() for name in next(lines, [])]
        for cells in lines:
            yield dict(_cells(names, cells))
    except csv.Error as error:
        raise MalformedFile(str(path), f"line {lines.line_num} is no row of a table: {error}") from error


def _cells(names: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, float]]:
    for name, cell in zip(names, cells, strict=False):
        try:
            number = float(cell)
        except ValueError:  # text, or an empty cell: no point
            continue
        if name and "_" not in cell:  # Python takes 1_000 for a number
            yield name, number
