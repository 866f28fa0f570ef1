"""What engines say of jobs becomes what their runs say.

A run whose job an engine has is never taken for dead by silence (`store.journal.job`); it ends when its own
process has recorded its end, or here, when the engine says that the job is over.
"""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning, UsageError
from gittrack.core.events import Ended, TagsSet
from gittrack.core.times import now_ms
from gittrack.launch.backends import all_backends, job_files, luggage, portable
from gittrack.launch.backends.base import EngineError, State
from gittrack.launch.backends.submission import Submission, tags_of
from gittrack.launch.backends.tail import pass_on
from gittrack.store.finish import OUTPUT
from gittrack.store.journal.job import job_of, put_job
from gittrack.store.queued import conclude, forget, mark_running

if TYPE_CHECKING:
    from gittrack.core.records import Run, Status
    from gittrack.launch.backends.base import Backend
    from gittrack.store.runs import RunStore

REASON = "gittrack.job.reason"
"""Tag of a run that its engine ended: why, in the engine's words."""
_ASKED = 10.0  # seconds before `gittrack ls` and the like ask an engine again
_SILENT = 900.0  # seconds without an answer of the engine and a sign of the run before it counts as lost
_KEPT = 10_000_000  # characters of a job's own log that are kept


def settle_all(store: RunStore, *, at_once: bool = False) -> list[Run]:
    """Ask the engines of all live runs that have a job; gives the runs that are over.

    Args:
        store: whose runs.
        at_once: whether to ask those again that were asked a moment ago.
    """
    found = []
    for directory in store.live_directories():
        job = job_of(directory)
        if job is None or store.is_running(directory.name):
            continue
        if not at_once and time.time() - job.get("asked", 0) < _ASKED:
            continue
        try:
            run = _ask(store, Submission.from_json(directory.name, job))
        except (GitTrackError, OSError, KeyError) as error:
            warnings.warn(f"run {directory.name}: {error}", GitTrackWarning, stacklevel=2)
            run = None
        if run is not None:
            found.append(run)
            continue
        with suppress(FileNotFoundError):  # it was saved this moment
            put_job(directory, job | {"asked": time.time()})
    for run_id in job_files.left(store.git):
        if not store.is_live(run_id):
            job_files.remove_folder(store.git, run_id)
    return found


def _ask(store: RunStore, submission: Submission) -> Run | None:
    backend = all_backends.make(submission.backend, {})
    try:
        state = backend.status(submission.handle)
    except EngineError as error:
        if _silence(store, submission.run_id) < _SILENT:
            raise
        state = State("lost", None, str(error))
    if state.over:
        return settle(store, submission, state, backend)
    if state.phase == "running" and not submission.shared:
        mark_running(store, submission.run_id)
    return None


def _silence(store: RunStore, run_id: str) -> float:
    """Seconds since the run was heard of."""
    journals = store.live_directory(run_id).glob("*.jsonl")
    return time.time() - max((path.stat().st_mtime for path in journals), default=0.0)


def cancel(store: RunStore, run_id: str) -> Run | None:
    """End the job of a run; gives the run where it is over already.

    Raises:
        UsageError: the run has no job.
        EngineError: the engine does not do it.
    """
    job = job_of(store.live_directory(run_id)) if store.is_live(run_id) else None
    if job is None:
        msg = f"run {run_id} has no job"
        raise UsageError(msg, hint="runs of a backend have one until they end; ^C ends other runs")
    submission = Submission.from_json(run_id, job)
    backend = all_backends.make(submission.backend, {})
    backend.cancel(submission.handle)
    until = time.monotonic() + 20.0
    while time.monotonic() < until:
        state = backend.status(submission.handle)
        if state.over:
            return settle(store, submission, State("cancelled", state.exit_code, "cancelled"), backend)
        time.sleep(0.2)
    return None


def settle(store: RunStore, submission: Submission, state: State, backend: Backend) -> Run | None:
    """Bring the record of a run in line with its job, which is over.

    Args:
        store: where the run is.
        submission: the job.
        state: what the engine said last.
        backend: the engine.

    Returns:
        The run; None where a process still writes to it.
    """
    run_id = submission.run_id
    if not submission.shared:
        _take_in(store, submission)
    if not store.is_live(run_id):
        job_files.remove_folder(store.git, run_id)
        return store.committed(run_id).run
    _keep_log(store, submission, backend)
    tags = TagsSet({REASON: str(store.redactor.text(state.reason))} if state.reason else {})
    run = conclude(store, run_id, Ended(_status(store, run_id, state), now_ms(), state.exit_code), [tags])
    if run is not None:
        job_files.remove_folder(store.git, run_id)
    return run


def _status(store: RunStore, run_id: str, state: State) -> Status:
    """How a run ended whose own process does not say so."""
    if state.phase == "cancelled":
        return "interrupted"
    if "memory" in state.reason.lower():
        return "oom"
    if state.phase == "lost":
        return "lost"
    if state.phase == "finished":
        return "lost"  # the job is said to be well, and its record did not come
    return "failed" if store.get(run_id).status == "queued" else "killed"


def _take_in(store: RunStore, submission: Submission) -> None:
    """Get the run of a job that shares no files from where it was pushed."""
    from gittrack.store.sync import share

    run_id, remote = submission.run_id, submission.remote or "origin"
    try:
        share.pull(store, remote)
        luggage.take_in(store, run_id, remote)
        portable.unpublish(store, run_id, remote)
    except GitTrackError as error:
        warnings.warn(f"the run cannot be fetched: {error}", GitTrackWarning, stacklevel=2)
    if store.knows(run_id):
        forget(store, run_id)
        known = store.committed(run_id).run.tags
        new = {key: text for key, text in tags_of(store, submission, {}).items() if known.get(key) != text}
        if new:
            store.edit([run_id], [TagsSet(new)])


def _keep_log(store: RunStore, submission: Submission, backend: Backend) -> None:
    """Where the run kept no output, keep what its job printed: it says what went wrong."""
    path = store.live_directory(submission.run_id) / OUTPUT
    if path.exists():
        return
    printed: list[str] = []
    with suppress(EngineError):
        pass_on(backend.logs(submission.handle), printed.append)
    if printed:
        with suppress(OSError):
            path.write_text(store.redactor.text("".join(printed)[:_KEPT]), encoding="utf-8")
