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
    from collections.abc import Iterable, Mapping

_SUMMARY = ["last", "step", "time", "min", "max", "count"]
_NUMBERS = [float, int, int, float, float, int]
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_TEXTS = ("run_name", "signal", "user", "host", "parent_run_id", "note")
_SOURCE = ("commit", "snapshot", "branch", "remote", "directory", "missing")
_NONE = type(None)
_DICTS = frozenset({dict})
_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, _NONE})
_WHOLE_OR_NONE = frozenset({int, _NONE})
_FILE = ["path", "sha256", "size"]
_USED = ["name", "uri", "sha256", "size"]
_USED_AS = [*_USED, "kind"]
_PATH = re.compile(r"\w[\w.-]{0,99}(?:/\w[\w.-]{0,99}){0,9}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NO_SOURCE: list[Any] = [None, False, None, None, None, None, {}, None]


class Unusual(Exception):
    """The document needs a closer look."""


def straight(document: Mapping[str, Any], run_id: str) -> list[Any]:
    """The fields as `index.document.fields_of` gives them.

    Raises:
        Unusual: something is not as usual, which need not be wrong.
    """
    get = document.get
    if get("schema") != RUN_SCHEMA or get("run_id") != run_id or not document.keys() <= KNOWN:
        raise Unusual
    if get("status") not in STATUSES or type(get("experiment")) is not str:
        raise Unusual
    if _NONE in map(type, document.values()):  # written by hand: a field without a value is left out else
        raise Unusual
    name, signal, user, host, parent, note = _texts([get(key) for key in _TEXTS])
    code, peak, attempt = _wholes([get("exit_code"), get("peak_memory"), get("attempt")])
    command, params, tags = get("command", []), get("params", {}), get("tags", {})
    inputs, artifacts = get("inputs", []), get("artifacts", [])
    if [*map(type, (command, params, tags, inputs, artifacts))] != [list, dict, dict, list, list]:
        raise Unusual
    _only_texts(command)
    _only_texts(tags.values())
    end = get("end_time")
    return [
        run_id,
        document["experiment"],
        name or "",
        document["status"],
        _time(get("start_time")),
        None if end is None else _time(end),
        code,
        signal,
        command,
        user,
        host,
        parent,
        params,
        _metrics(get("metrics", {})),
        tags,
        note or "",
        peak,
        attempt or 1,
        False,
        {},
        _source(get("source")),
        [_used(one) for one in inputs],
        [_made(one) for one in artifacts],
    ]


def _time(text: Any) -> int:  # noqa: ANN401  a JSON value
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as error:
        raise Unusual from error


def _texts(values: list[Any]) -> list[str | None]:
    if not _TEXT_OR_NONE.issuperset(map(type, values)):
        raise Unusual
    return values


def _wholes(values: list[Any]) -> list[int | None]:
    if not _WHOLE_OR_NONE.issuperset(map(type, values)):
        raise Unusual
    return values


def _only_texts(values: Iterable[Any]) -> None:
    if not _TEXT.issuperset(map(type, values)):
        raise Unusual


def _metrics(block: Any) -> dict[str, list[Any]]:  # noqa: ANN401
    """All at once: there may be hundreds, and each step in Python takes longer than all in C."""
    if type(block) is not dict or not _DICTS.issuperset(map(type, block.values())):
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


def _source(source: Any) -> list[Any]:  # noqa: ANN401
    if source is None:
        return _NO_SOURCE
    if type(source) is not dict or "left_out" in source:
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


def _made(item: Any) -> list[Any]:  # noqa: ANN401
    """An artifact whose path is safe without a closer look."""
    if type(item) is not dict or [*item] != _FILE:
        raise Unusual
    values = [*item.values()]
    path, sha256, _ = values
    if [*map(type, values)] != [str, str, int] or not (_PATH.fullmatch(path) and _DIGEST.fullmatch(sha256)):
        raise Unusual
    return [*values, "file"]
