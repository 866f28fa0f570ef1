"""What a worker is told and answers; what a trial does is in `functions`, `commands` and `projects`."""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gittrack.core.errors import GitTrackError
from gittrack.launch.sweep.trials import NUMBER, OF
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.core.records import Run


class Stopped(BaseException):
    """A trial was told to end; no `except Exception` of a program catches it."""


@dataclass(frozen=True)
class Job:
    """What a worker is told.

    Attributes:
        number: of the trial.
        params: of it.
        run_id: for its run.
    """

    number: int
    params: Mapping[str, Any]
    run_id: str


@dataclass(frozen=True)
class Done:
    """What a worker answers.

    Attributes:
        number: of the trial.
        run: as it was committed, None where it was not.
        error: what went wrong, in one line.
    """

    number: int
    run: Run | None
    error: str | None = None


@dataclass(frozen=True)
class Around:
    """What all trials of a sweep have in common.

    Attributes:
        repository: where the runs go.
        folder: where the sweep was started.
        sweep_id: of its run.
        experiment: of all runs.
        name: of the sweep; that of a trial is made of it.
        tags: of each trial.
        topic: that the runs go to, None for the runs branch.
    """

    repository: str
    folder: Path
    sweep_id: str
    experiment: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)  # it goes to other processes
    topic: str | None = None

    def store(self) -> RunStore:
        """The store, opened in this process."""
        return RunStore.open(self.repository, start=self.folder).on(self.topic)

    def name_of(self, job: Job) -> str | None:
        """The name of a trial's run."""
        return f"{self.name}-{job.number}" if self.name else None

    def tags_of(self, job: Job) -> dict[str, str]:
        """The tags of a trial's run: they are all that says what it is."""
        return {**self.tags, OF: self.sweep_id, NUMBER: str(job.number)}


Guard = contextlib.AbstractContextManager[None]
"""While it is entered, a signal raises `Stopped` or KeyboardInterrupt."""


class Task(Protocol):
    """Runs trials, one after the other, in a process of its own."""

    def opened(self) -> contextlib.AbstractContextManager[Callable[[Job, Guard], Done]]:
        """Prepare what all trials need; gives what runs one."""
        ...


def failure(error: BaseException) -> str:
    """What kept a trial from being run, in one line."""
    return error.message if isinstance(error, GitTrackError) else said(error)


def said(error: BaseException) -> str:
    """An error as Python writes it, in one line."""
    return traceback.format_exception_only(type(error), error)[-1].strip()[:500]
