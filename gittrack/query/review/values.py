"""The parts of a review: frozen values, nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.public import finite
from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run

Status = Literal["failed", "undecided", "passed"]


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that are held against others as one: repetitions that differ in their seeds.

    Attributes:
        label: what it is called.
        how: how it was chosen, in a few words.
        runs: the newest first, at least one.
        commit: of the code, None where it is not one.
        left_out: id of a run that was looked at and not taken to the reason.
    """

    label: str
    how: str
    runs: tuple[Run, ...]
    commit: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All fields; runs as `{run_id, run_name, experiment, status, start_time, …}`."""
        return {
            "label": self.label,
            "how": self.how,
            "commit": self.commit,
            "runs": [_run(one) for one in self.runs],
            "left_out": dict(self.left_out),
        }


@dataclass(frozen=True, slots=True)
class GateResult:
    """What became of one gate.

    Attributes:
        text: the requirement: as it was written, or made from a goal.
        metric: that it is about.
        status: `undecided` where there are too few seeds, or nothing comparable, to say.
        reason: what it rests on, in one line.
        value: mean of the new runs, None without one.
        limit: what it was held against, None where there is none.
        required: whether somebody wrote the requirement; else it follows from a goal.
    """

    text: str
    metric: str
    status: Status
    reason: str
    value: float | None = None
    limit: float | None = None
    required: bool = False

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {name: finite(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Change:
    """Something of the runs that is not the same in both groups.

    Attributes:
        key: its name.
        before: all values in the baseline as text, each once; empty where it is absent.
        after: the same of the new runs.
    """

    key: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """`{key, before, after}`."""
        return {"key": self.key, "before": list(self.before), "after": list(self.after)}


@dataclass(frozen=True, slots=True)
class CodeChange:
    """What changed in the code.

    Attributes:
        before: commit of the baseline's code, None where it was not recorded.
        after: the same of the new runs.
        files: path to lines added and removed, None for a binary file.
        missing: why the two cannot be compared, None where they can.
    """

    before: str | None = None
    after: str | None = None
    files: Mapping[str, tuple[int, int] | None] = field(default_factory=dict)
    missing: str | None = None

    @property
    def added(self) -> int:
        """Lines added in text files."""
        return sum(one[0] for one in self.files.values() if one)

    @property
    def removed(self) -> int:
        """Lines removed in text files."""
        return sum(one[1] for one in self.files.values() if one)

    def as_json(self) -> dict[str, Any]:
        """All fields; files as `[{path, added, removed}]`, null for lines of a binary file."""
        files = [
            {"path": path, "added": lines and lines[0], "removed": lines and lines[1]}
            for path, lines in self.files.items()
        ]
        return {"before": self.before, "after": self.after, "files": files, "missing": self.missing}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a reader must know before any number.

    Attributes:
        title: what is wrong, in a few words.
        text: what was seen.
        invalidates: whether it makes metrics incomparable; which ones say it themselves.
    """

    title: str
    text: str
    invalidates: bool = False

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def _run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "run_name": run.name,
        "experiment": run.experiment,
        "status": run.status,
        "start_time": moment(run.start_time),
        "duration_ms": run.duration_ms,
        "commit": run.source.commit,
        "dirty": run.source.dirty,
        "host": run.host,
    }


def moment(milliseconds: int) -> str:
    """A time as ISO 8601 in UTC, the number itself where a clock was so far off that it has no date."""
    try:
        return iso(milliseconds)
    except ValueError:
        return str(milliseconds)
