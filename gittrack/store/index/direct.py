"""The fields of a run straight from its document, without a `Run` in between; pure.

Filling an index is all about the time that one run takes, and making the record takes half of it. So
what nearly every run looks like is taken as it is, checked to the same rules; anything else (later
changes, numbers that are no numbers, unknown fields, wrong types) is left to `format.assemble`.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from gittrack.core.records import STATUSES
from gittrack.core.times import from_iso
from gittrack.store.format.run_document import KNOWN, RUN_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SUMMARY = ["last", "step", "time", "min", "max", "count"]
_NUMBERS = [float, int, int, float, float, int]
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_SOURCE = ("commit", "snapshot", "branch", "remote", "directory", "missing")
_NONE = type(None)
_DICTS = frozenset({dict})
_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, _NONE})
_WHOLES = {int}
_FILE = ["path", "sha256", "size"]
_USED = ["name", "uri", "sha256", "size"]
_USED_AS = [*_USED, "kind"]
_PATH = r"\w[\w.-]{0,99}(?:/\w[\w.-]{0,99}){0,9}"
_PATHS = re.compile(rf"{_PATH}(?:\n{_PATH})*", re.ASCII)
_DIGESTS = re.compile(r"[0-9a-f]{64}(?:\n[0-9a-f]{64})*", re.ASCII)
_FIELDS: dict[str, type] = dict.fromkeys(KNOWN, str) | {
    "exit_code": int,
    "peak_memory": int,
    "attempt": int,
    "command": list,
    "source": dict,
    "params": dict,
    "metrics": dict,
    "tags": dict,
    "inputs": list,
    "artifacts": list,
}
_SHAPES: set[tuple[Any, ...]] = set()
_MOST_SHAPES = 1000
_NO_SOURCE: list[Any] = [None, False, None, None, None, None, {}, None]


class Unusual(Exception):
    """The document needs a closer look."""


def straight(document: Mapping[str, Any], run_id: str) -> list[Any]:
    """The fields as `index.document.fields_of` gives them.

    Raises:
        Unusual: something is not as usual, which need not be wrong.
    """
    get = document.get
    if get("schema") != RUN_SCHEMA or get("run_id") != run_id or get("status") not in STATUSES:
        raise Unusual
    shape = (*document, *map(type, document.values()))
    if shape not in _SHAPES:
        _check_shape(document)
        _remember(shape)
    command, tags = get("command", []), get("tags", {})
    _only_texts(command)
    _only_texts(tags.values())
    end = get("end_time")
    return [
        run_id,
        document["experiment"],
        get("run_name") or "",
        document["status"],
        _time(get("start_time")),
        None if end is None else _time(end),
        get("exit_code"),
        get("signal"),
        command,
        get("user"),
        get("host"),
        get("parent_run_id"),
        get("params", {}),
        _metrics(get("metrics", {})),
        tags,
        get("note") or "",
        get("peak_memory"),
        get("attempt") or 1,
        False,
        {},
        _source(get("source")),
        [_used(one) for one in get("inputs", ())],
        _made(get("artifacts", ())),
    ]


def _check_shape(document: Mapping[str, Any]) -> None:
    """See that every field is known and has a value of its type; none is None, which only hands write."""
    for name, value in document.items():
        if type(value) is not _FIELDS.get(name):
            raise Unusual


def _remember(shape: tuple[Any, ...]) -> None:
    """Runs of one program have one shape: it is checked once."""
    if len(_SHAPES) >= _MOST_SHAPES:
        _SHAPES.clear()
    _SHAPES.add(shape)


def _time(text: Any) -> int:  # noqa: ANN401  a JSON value
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as error:
        raise Unusual from error


def _texts(values: list[Any]) -> list[str | None]:
    if not _TEXT_OR_NONE.issuperset(map(type, values)):
        raise Unusual
    return values


def _only_texts(values: Iterable[Any]) -> None:
    if not _all_texts(values):
        raise Unusual


def _all_texts(values: Iterable[Any]) -> bool:
    return _TEXT.issuperset(map(type, values))


def _metrics(block: Mapping[str, Any]) -> dict[str, list[Any]]:
    """All at once: there may be hundreds, and each step in Python takes longer than all in C."""
    if not _DICTS.issuperset(map(type, block.values())):
        raise Unusual
    items = block.values()
    if [*chain.from_iterable(items)] != _SUMMARY * len(items):
        raise Unusual
    found = {key: [*item.values()] for key, item in block.items()}
    if [*map(type, chain.from_iterable(found.values()))] != _NUMBERS * len(found):
        for numbers in found.values():
            _check_numbers(numbers)
    return found


def _check_numbers(numbers: list[Any]) -> None:
    """Of a metric that came to no number: its texts are as `core.text.number_out` writes them."""
    for number, kind in zip(numbers, _NUMBERS, strict=True):
        if type(number) is not kind and (kind is int or number not in _NO_NUMBERS):
            raise Unusual


def _source(source: Mapping[str, Any] | None) -> list[Any]:
    if source is None:
        return _NO_SOURCE
    if "left_out" in source:
        raise Unusual
    get = source.get
    commit, snapshot, branch, remote, directory, missing = _texts([get(key) for key in _SOURCE])
    return [commit, get("dirty") is True, snapshot, branch, remote, directory, {}, missing]


def _used(item: Any) -> list[Any]:  # noqa: ANN401
    """A file or folder, as `log_input` records it."""
    if type(item) is not dict or [*item] not in (_USED, _USED_AS):
        raise Unusual
    values = [*item.values()]
    if [*map(type, values)] not in ([str, str, str, int], [str, str, str, int, str]):
        raise Unusual
    name, uri, sha256, size, *kind = values
    known = [name, uri, sha256, size, None]
    return [*known, *kind, None, (), {}, False] if kind else known


def _made(items: Sequence[Any]) -> list[list[Any]]:
    """Artifacts whose paths are safe without a closer look."""
    if not items:
        return []
    if not _DICTS.issuperset(map(type, items)) or [*chain.from_iterable(items)] != _FILE * len(items):
        raise Unusual
    found = [[*one.values(), "file"] for one in items]
    paths, digests, sizes, _ = zip(*found, strict=True)
    if not (_all_texts(paths) and _all_texts(digests)) or {*map(type, sizes)} != _WHOLES:
        raise Unusual
    if not (_match(_PATHS, paths) and _match(_DIGESTS, digests)):
        raise Unusual
    return found


def _match(lines: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Whether each text is one line of a pattern of lines."""
    together = "\n".join(texts)
    return lines.fullmatch(together) is not None and together.count("\n") == len(texts) - 1
