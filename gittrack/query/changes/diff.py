"""What differs between two runs, as a value; draws nothing and asks nobody."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.public import finite
from gittrack.query.compare.side_by_side import ABSENT, Goal, Row, compare, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.core.records import Run

Section = Literal[
    "run", "command", "params", "metrics", "tags", "inputs", "artifacts", "packages", "environment"
]
SECTIONS: tuple[Section, ...] = (
    "run",
    "command",
    "params",
    "metrics",
    "tags",
    "inputs",
    "artifacts",
    "packages",
    "environment",
)
_UNTELLING = frozenset({"start_time"})  # never the same, says nothing


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that may differ.

    Attributes:
        key: its name.
        before: its value in the first run, `ABSENT` where it has none.
        after: the same of the second run.
        goal: for a metric whether more or less is better, None when nobody said.
    """

    key: str
    before: Any
    after: Any
    goal: Goal | None = None

    @property
    def differs(self) -> bool:
        """Whether the values differ."""
        return not same(self.before, self.after)

    @property
    def delta(self) -> float | None:
        """After minus before, None unless both are numbers."""
        if not (_is_number(self.before) and _is_number(self.after)):
            return None
        try:
            return float(self.after) - float(self.before)
        except OverflowError:  # an integer beyond what a float holds
            return None

    @property
    def ratio(self) -> float | None:
        """The delta as a share of the size of the value before; None where that means nothing."""
        delta = self.delta
        if delta is None or not self.before or not (math.isfinite(delta) and math.isfinite(self.before)):
            return None
        return float(delta / abs(self.before))

    @property
    def better(self) -> bool | None:
        """Whether the change is for the better; None without a goal or without a change."""
        delta = self.delta
        if self.goal is None or not delta or math.isnan(delta):
            return None
        return (delta > 0) == (self.goal == "max")

    def as_json(self) -> dict[str, Any]:
        """`{key, before, after}`, and `delta`, `ratio`, `better` between numbers; null for absent."""
        body = {"key": self.key, "before": _plain(self.before), "after": _plain(self.after)}
        if self.delta is not None:
            body |= {"delta": finite(self.delta), "ratio": finite(self.ratio), "better": self.better}
        return body


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Two runs and all that may differ between them.

    Attributes:
        before: the first run.
        after: the second.
        sections: changes by section; equal ones are among them, see :meth:`differing`.
    """

    before: Run
    after: Run
    sections: Mapping[Section, tuple[Change, ...]] = field(default_factory=dict)

    def differing(self) -> RunDiff:
        """Only what differs; sections without a difference are left out."""
        kept = {name: tuple(one for one in rows if one.differs) for name, rows in self.sections.items()}
        return RunDiff(self.before, self.after, {name: rows for name, rows in kept.items() if rows})

    @property
    def code_differs(self) -> bool:
        """Whether the recorded code differs, as far as it was recorded."""
        return code_of(self.before) != code_of(self.after)

    def as_json(self) -> dict[str, Any]:
        """`{"before": id, "after": id, "code": {before, after}, SECTION: [change, …], …}`."""
        code = {"before": code_of(self.before), "after": code_of(self.after), "differs": self.code_differs}
        head: dict[str, Any] = {"before": self.before.id, "after": self.after.id, "code": code}
        return head | {name: [one.as_json() for one in rows] for name, rows in self.sections.items()}


def code_of(run: Run) -> str | None:
    """The commit that holds the code of a run: its snapshot, else HEAD at its start."""
    return run.source.snapshot or run.source.commit


def diff(
    before: Run,
    after: Run,
    *,
    environments: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None] = (None, None),
    rules: Mapping[str, Any] | None = None,
) -> RunDiff:
    """Hold two runs against each other.

    Args:
        before: the first run.
        after: the second.
        environments: the documents of their `environment.yaml`, None where there is none.
        rules: the setting `metrics`, see :func:`gittrack.query.compare.side_by_side.compare`.
    """
    compared = compare((before, after), rules)
    old, new = (dict(document or {}) for document in environments)
    sections: dict[Section, tuple[Change, ...]] = {
        "run": tuple(_change(row) for row in compared.group("run") if row.key not in _UNTELLING),
        "command": (
            Change("command", before.command or ABSENT, after.command or ABSENT),
            Change("directory", _or_absent(before.source.directory), _or_absent(after.source.directory)),
        ),
        "params": tuple(map(_change, compared.group("params"))),
        "metrics": tuple(map(_change, compared.group("metrics"))),
        "tags": tuple(map(_change, compared.group("tags"))) + _note(before, after),
        "inputs": _changes(_digests(before.inputs), _digests(after.inputs)),
        "artifacts": _changes(_digests(before.artifacts), _digests(after.artifacts)),
        "packages": _changes(_packages(old), _packages(new)),
        "environment": _changes(dict(_leaves(_rest(old))), dict(_leaves(_rest(new)))),
    }
    return RunDiff(before, after, sections)


def _change(row: Row) -> Change:
    return Change(row.key, row.values[0], row.values[1], row.goal)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted(dict.fromkeys([*old, *new]), key=str.lower)
    return tuple(Change(name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in names)


def _note(before: Run, after: Run) -> tuple[Change, ...]:
    if not before.note and not after.note:
        return ()
    return (Change("note", _or_absent(before.note), _or_absent(after.note)),)


def _digests(files: tuple[Any, ...]) -> dict[str, str]:
    return {getattr(one, "path", None) or one.name: one.sha256 or getattr(one, "uri", "") for one in files}


def _packages(environment: Mapping[str, Any]) -> dict[str, str]:
    """Name to version, whether the document has a mapping or a list of `name==version`."""
    found = environment.get("packages") or {}
    if isinstance(found, dict):
        return {str(name): _version(item) for name, item in found.items()}
    pairs = (str(item).partition("==") for item in found) if isinstance(found, list) else ()
    return {name.strip(): version.strip() for name, _, version in pairs}


def _version(item: object) -> str:
    if isinstance(item, dict):
        return " ".join(str(value) for value in item.values() if value is not None)
    return str(item)


def _rest(environment: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in environment.items() if name not in {"packages", "schema"}}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name))
    elif path and value not in ({}, [], None):
        yield path, value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _or_absent(value: object) -> object:
    return value or ABSENT


def _plain(value: object) -> object:
    return None if value is ABSENT else finite(value)
