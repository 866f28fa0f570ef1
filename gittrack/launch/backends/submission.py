"""Hands a job to an engine. Its run is there at once, queued, and comes back like any other.

A job that shares the file system records straight into the repository. Another one fetches the snapshot
from the Git remote of the runs and pushes its run there; the submitter pulls it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.events import Ended, TagsSet
from gittrack.core.plain import to_plain
from gittrack.core.text import dump_json
from gittrack.core.times import now_ms
from gittrack.launch.backends import job_files, portable
from gittrack.launch.backends.base import Rejected, Ticket
from gittrack.store.finish import OUTPUT
from gittrack.store.journal.job import put_job
from gittrack.store.queued import conclude, queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.core.records import Status
    from gittrack.launch.backends.base import Backend, Handle
    from gittrack.launch.backends.ordering import Order
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore

BACKEND = "gittrack.backend"
"""Tag of a run that an engine ran: the name of the backend."""
JOB = "gittrack.job"
"""Tag of the same: what the engine calls its job."""
OPTIONS = "gittrack.job.options"
"""Tag of the same: what the backend was told, as JSON; environment variables are left out."""


@dataclass(frozen=True)
class Submission:
    """A job that an engine has.

    Attributes:
        run_id: of its run.
        backend: the name of the backend.
        handle: what names the job there.
        shared: whether the job records straight into this repository.
        remote: the Git remote that its run comes from where it does not.
    """

    run_id: str
    backend: str
    handle: Handle
    shared: bool = True
    remote: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept beside the run."""
        return {
            "backend": self.backend,
            "handle": dict(self.handle),
            "shared": self.shared,
            "remote": self.remote,
        }

    @classmethod
    def from_json(cls, run_id: str, document: Mapping[str, Any]) -> Submission:
        """What :meth:`to_json` wrote.

        Raises:
            KeyError: it is something else.
        """
        return cls(
            run_id,
            document["backend"],
            document["handle"],
            document.get("shared", True),
            document.get("remote"),
        )


def submit(
    store: RunStore,
    order: Order,
    backend: Backend,
    options: Mapping[str, Any],
    *,
    progress: Callable[[str], None] | None = None,
) -> Submission:
    """Hand it over. The run is live and queued when this returns.

    Args:
        store: where the run goes.
        order: what.
        backend: to whom.
        options: what the backend was told, for the record.
        progress: called with what is being done, in a few words.

    Raises:
        EngineError: the engine is not there or refuses it; the run is recorded as failed then.
        RemoteError: the file system is not shared, and the code cannot be pushed; the same.
    """
    run = order.run
    journal = queue(store, run)
    try:
        nonce = job_files.make_folder(store.git, run.id)
        remote = None if order.shared else portable.publish(store, run, progress)
        url = portable.address(remote) if remote is not None else None
        ticket = _ticket(store, order, options, nonce, url)
        if order.shared:
            job_files.write_ticket(ticket)
        handle = backend.submit(ticket)
        submission = Submission(run.id, backend.NAME, handle, order.shared, remote.name if remote else None)
        put_job(store.live_directory(run.id), submission.to_json())
        journal.event(TagsSet(tags_of(store, submission, options)))
    except BaseException as error:  # whatever it is, the run must not look as if it waited
        _refused(store, run.id, journal, error)
        raise
    journal.close()
    store.finish(run.id)  # it may have ended meanwhile, and waited for us
    return submission


def preview(store: RunStore, order: Order, backend: Backend, options: Mapping[str, Any]) -> str:
    """The job in the engine's own words; hands nothing over, asks no engine."""
    remote = None if order.shared else portable.address(portable.remote_of(store))
    hide = store.redactor.value
    params = {key: hide(key, one) for key, one in order.work.get("params", {}).items()}
    shown = replace(order, work={**order.work, "params": params})
    return backend.preview(_ticket(store, shown, options, "NONCE", remote))


def tags_of(store: RunStore, submission: Submission, options: Mapping[str, Any]) -> dict[str, str | None]:
    """What a run says of its job."""
    told = {key: store.redactor.value(key, one) for key, one in options.items() if key != "environment"}
    found: dict[str, str | None] = {
        BACKEND: submission.backend,
        JOB: str(submission.handle.get("id", "")),
    }
    return {**found, **({OPTIONS: dump_json(told).decode()} if told else {})}


def _ticket(
    store: RunStore, order: Order, options: Mapping[str, Any], nonce: str, remote: str | None
) -> Ticket:
    run = order.run
    code = store.code.place.git_dir if store.code is not None and order.code else None
    python = options.get("python")
    return Ticket(
        run_id=run.id,
        work=order.work,
        repository=str(store.git.place.work_tree or store.git.place.git_dir),
        folder=str(job_files.folder_of(store.git, run.id)),
        nonce=nonce,
        python=(python,) if python else (sys.executable,) if order.shared else ("python3",),
        code=str(code) if code is not None else None,
        source=to_plain(run.source),
        remote=remote,
        parent_id=run.parent_id,
        variables=dict(order.variables or {}),
        name=f"gittrack-{order.work.get('entry_point') or order.work['kind']}"[:60],
        shared=order.shared,
    )


def _refused(store: RunStore, run_id: str, journal: Journal, error: BaseException) -> None:
    """Record that the job never came to run, and why."""
    said = [str(error), *([error.hint] if isinstance(error, GitTrackError) and error.hint else [])]
    text = store.redactor.text("\n".join(f"gittrack: {one}" for one in said))
    (store.live_directory(run_id) / OUTPUT).write_text(text + "\n", encoding="utf-8")
    journal.close()
    status: Status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
    conclude(store, run_id, Ended(status, now_ms()))
    job_files.remove_folder(store.git, run_id)
    if isinstance(error, Rejected):
        error.hint = error.hint or f"`gittrack show {run_id}` has what it said"
