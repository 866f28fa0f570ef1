"""Reads what the writers of a live run have written so far."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.events import Ended, EnvironmentCaptured, Started, fold
from gittrack.core.files import is_locked
from gittrack.core.value import dataclass, field
from gittrack.store.journal.lines import FileToLog, InputToLog, JournalLines
from gittrack.store.journal.points_reader import Points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gittrack.core.events import Event
    from gittrack.core.records import Run
    from gittrack.core.series import Series

_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Live:
    """What a live directory holds.

    Attributes:
        directory: where.
        run: the run as its events make it; metrics are in `series`.
        events: of all writers, the start first, then by the time of their lines; each writer's in
            its order, the owner's before those of others at the same time.
        series: points, by name and rank. One thread's in the order of logging; of several, by time.
        environment: the document of `environment.yaml`, None when it was not captured yet.
        alive: whether a writer lived when it was read.
        ended: whether the run came to its end.
        problems: what could not be understood, as `<file>:<line>: <reason>`.
        files: what programs in other languages ask to keep, relative to where they ran.
        inputs: what they say they use, the same.
        folder: where the command was started, None where that is not said.
    """

    directory: Path
    run: Run
    events: tuple[Event, ...]
    series: list[Series]
    environment: Mapping[str, Any] | None
    alive: bool
    ended: bool
    problems: tuple[str, ...] = ()
    files: tuple[FileToLog, ...] = field(default=())
    inputs: tuple[InputToLog, ...] = field(default=())
    folder: str | None = None


def is_alive(directory: Path) -> bool:
    """Whether a process that writes to the run lives."""
    return any(is_locked(path) for path in directory.glob("*.jsonl"))


def read_live(directory: Path) -> Live:
    """Everything that is there; what is damaged is named and hides nothing else.

    Raises:
        MalformedFile: no writer has written how the run starts.
        FileNotFoundError: there is no such directory.
    """
    alive = is_alive(directory)
    names = sorted(entry.name for entry in directory.iterdir())
    journals = [_read_lines(directory / name, alive=alive) for name in names if name.endswith(".jsonl")]
    journals.sort(key=lambda journal: not journal.begins)
    events = in_order(journals)
    if not events or not isinstance(events[0], Started):
        raise MalformedFile(
            str(directory), "no writer says how the run starts", hint="remove it if it is of no use"
        )
    points = Points({journal.name.removesuffix(".jsonl"): journal for journal in journals})
    for name in names:
        if name.endswith(".points"):
            points.read(name, (directory / name).read_bytes())
    problems = [problem for journal in journals for problem in journal.problems]
    return Live(
        directory=directory,
        run=fold(events[0].run, events[1:]),
        events=tuple(events),
        series=points.series(),
        environment=_environment(events),
        alive=alive,
        ended=any(isinstance(event, Ended) for event in events),
        problems=(*problems, *points.problems),
        files=tuple(file for journal in journals for file in journal.files),
        inputs=tuple(used for journal in journals for used in journal.inputs),
        folder=next((one.folder for one in journals if one.begins and one.folder), None),  # the owner's
    )


def _read_lines(path: Path, *, alive: bool) -> JournalLines:
    lines = JournalLines(path.name, int(path.stat().st_mtime * 1000), alive)
    lines.read(path.read_bytes())
    return lines


def in_order(journals: Sequence[JournalLines]) -> list[Event]:
    """One start, then all other events by time; a clock that was set back moves nothing in a file."""
    timed: list[tuple[int, Event]] = []
    for journal in journals:
        latest = 0
        for time, event in journal.events:
            latest = max(latest, time)
            timed.append((latest, event))
    timed.sort(key=itemgetter(0))
    starts = [event for _, event in timed if isinstance(event, Started)]
    start = max(starts, key=lambda event: event.run.attempt, default=None)
    others: list[Event] = [event for _, event in timed if not isinstance(event, Started)]
    return others if start is None else [start, *others]


def _environment(events: Sequence[Event]) -> Mapping[str, Any] | None:
    captured = [event.environment for event in events if isinstance(event, EnvironmentCaptured)]
    return captured[-1] if captured else None
