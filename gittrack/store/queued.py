"""Runs whose command runs later and elsewhere: they wait, they begin, and somebody may end them from outside.

A run that waits is live, has the status `queued` and `attempt` 0; the process that runs its command begins
attempt 1 in the same live directory.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue, RunNotFound
from gittrack.core.events import Ended, Started
from gittrack.core.times import now_ms
from gittrack.store.journal.gate import close_gate, gate
from gittrack.store.journal.job import job_of, put_job
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.journal.writer import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gittrack.core.events import Event
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


def queue(store: RunStore, run: Run) -> Journal:
    """Make a run that waits; until it has a job (`store.journal.job`), the journal must stay open.

    Raises:
        InvalidValue: the id is no id, or taken.
        OSError: the repository cannot be written.
    """
    return store.create(replace(run, status="queued", attempt=0))


def begin(store: RunStore, run: Run) -> Journal:
    """Begin a run that waits; another attempt of it where it ran before, a new one where it is not known.

    Args:
        store: where it is.
        run: what is known of it now; what was logged while it waited comes on top.

    Raises:
        InvalidValue: a process writes to it.
        OSError: the repository cannot be written.
    """
    directory = store.live_directory(run.id)
    job = job_of(directory)
    if directory.is_dir():
        journal = _taken(directory, run)
        if journal is not None:
            return journal
        conclude(store, run.id, Ended("killed", now_ms()))  # an engine that lost a machine starts jobs again
    journal = store.resume(run.id, run) if store.knows(run.id) else store.create(run)
    if job is not None:
        put_job(directory, job)
    return journal


def _taken(directory: Path, run: Run) -> Journal | None:
    """The journal of a waiting run that begins now; None where it ran before."""
    with gate(directory) as is_open:
        if not is_open:
            return None
        if is_alive(directory) and read_live(directory).run.attempt:
            msg = f"run {run.id} is running already"
            raise InvalidValue(msg, hint="a job runs once at a time")
        if read_live(directory).run.attempt:
            return None
        journal = Journal(directory)
        journal.event(Started(run))
    return journal


def conclude(store: RunStore, run_id: str, end: Ended, events: Sequence[Event] = ()) -> Run | None:
    """Commit a live run whose command will not end it any more.

    Args:
        store: where it is.
        run_id: of the run.
        end: how it ended; where its own process had said so, that holds.
        events: what else is known now.

    Returns:
        The run; None while a process writes to it.

    Raises:
        RunNotFound: there is no such run.
    """
    directory = store.live_directory(run_id)
    if store.is_running(run_id):
        return None
    with contextlib.suppress(RunNotFound, FileNotFoundError):  # it was committed this moment
        live = read_live(directory)
        journal = store.join(run_id)
        if not live.ended:
            if not live.run.attempt:
                journal.event(Started(replace(live.run, attempt=1)))
            for event in (*events, end):
                journal.event(event)
        journal.close()
        store.recover()
    return None if store.is_live(run_id) else store.committed(run_id).run


def mark_running(store: RunStore, run_id: str) -> None:
    """Say that a waiting run runs, where its own process cannot."""
    live = read_live(store.live_directory(run_id))
    if not live.run.attempt:
        journal = store.join(run_id)
        journal.event(Started(replace(live.run, attempt=1, status="running")))
        journal.close()


def forget(store: RunStore, run_id: str) -> None:
    """Drop the live record of a run that came back committed."""
    directory = store.live_directory(run_id)
    with gate(directory) as is_open:
        if is_open:
            close_gate(directory)
    store.recover()
