"""A verdict as it is kept with the runs that it is about, and back; pure but for reading a store.

What comes back was written by any clone: it is taken apart piece by piece, and what does not fit is an error.
"""

from __future__ import annotations

import types
import typing
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args, get_origin

from gittrack.core.errors import GitTrackError
from gittrack.core.events import Judged
from gittrack.core.text import dump_json, number_in
from gittrack.query.compare import side_by_side as compare
from gittrack.query.verdict import values as verdict_values
from gittrack.query.verdict.judge import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from gittrack.store.runs import RunStore

T = TypeVar("T")

_LIMIT = 256_000  # bytes
_LISTS = ("metrics", "artifacts")
_NAMES = {**vars(verdict_values), "Goal": compare.Goal}


class NoVerdict(GitTrackError):
    """A run was never held against a repeat, or what is kept of it is no verdict."""


def document(verdict: Verdict, clean: Callable[[str], str] = str) -> dict[str, Any]:
    """All of a verdict; without what is identical, and then without the last rows, where it is too long.

    Args:
        verdict: to keep.
        clean: takes secrets out of a text.
    """
    found = verdict.as_json()
    found["reasons"] = [clean(text) for text in found["reasons"]]
    for suspect in found["suspects"]:
        suspect |= {"text": clean(suspect["text"]), "details": [clean(one) for one in suspect["details"]]}
    for artifact in found["artifacts"]:
        artifact["note"] = clean(artifact["note"])
    if len(dump_json(found)) <= _LIMIT:
        return found
    counts = {name: len(found[name]) for name in _LISTS}
    for name in _LISTS:
        found[name] = [one for one in found[name] if one["outcome"] != "identical"]
    while len(dump_json(found)) > _LIMIT and any(found[name] for name in _LISTS):
        for name in _LISTS:
            found[name] = found[name][: len(found[name]) // 2]
    return found | {"left_out": {name: counts[name] - len(found[name]) for name in _LISTS}}


def kept(store: RunStore, run_id: str) -> Verdict:
    """The last verdict that is kept with a run.

    Raises:
        NoVerdict: there is none, or none that can be read.
        RunNotFound: there is no such run.
    """
    for edited in reversed(store.committed(run_id).edits):
        for edit in reversed(edited.edits):
            if isinstance(edit, Judged):
                return from_document(edit.verdict, run_id)
    msg = f"no verdict is kept with run {run_id}"
    raise NoVerdict(msg, hint=f"`gittrack reproduce {run_id}` finds one")


def from_document(found: Mapping[str, Any], run_id: str) -> Verdict:
    """The verdict that :func:`document` wrote.

    Args:
        found: what is kept.
        run_id: whose, for the error.

    Raises:
        NoVerdict: it is none.
    """
    try:
        given = {**found, "level": found.get("verdict")}
        return _taken(Verdict, given)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        msg = f"what is kept with run {run_id} is no verdict that this version can read"
        raise NoVerdict(msg, hint="a newer version may have written it") from error


def _taken(kind: type[T], found: Any) -> T:  # noqa: ANN401  any JSON value
    if not isinstance(found, dict):
        raise TypeError
    given = {
        name: _value(hint, found[name])
        for name, hint in _hints(cast("Hashable", kind)).items()
        if name in found
    }
    return kind(**given)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    known = typing.get_type_hints(kind, globalns=_NAMES)
    return {one.name: known[one.name] for one in fields(cast("type[Any]", kind))}


def _value(hint: Any, found: Any) -> Any:  # noqa: ANN401  a type, any JSON value
    """A value as a field wants it."""
    if get_origin(hint) in {types.UnionType, typing.Union}:
        [one] = [part for part in get_args(hint) if part is not types.NoneType]
        return None if found is None else _value(one, found)
    if get_origin(hint) is Literal:
        return _expect(found, found in get_args(hint))
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], one) for one in _expect(found, isinstance(found, list)))
    if hint is float:
        return float(number_in(found))
    if hint in {str, int, bool}:
        return _expect(found, type(found) is hint)
    return _taken(hint, found)


def _expect(found: Any, fits: bool) -> Any:  # noqa: ANN401, FBT001  any JSON value; like assert
    if not fits:
        raise TypeError
    return found
