"""What is to be submitted: a project, as a run that waits and the work of its job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.launch.backends import portable
from gittrack.launch.projects.fingerprint import PREFIX
from gittrack.tracking.surroundings import enclosing_run, user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.launch.projects.job import Job


@dataclass(frozen=True)
class Order:
    """What is to be submitted.

    Attributes:
        run: what is known of the run.
        work: see `Ticket.work`.
        shared: whether the job sees this machine's files.
        code: whether the work needs the snapshot of the run.
        variables: environment variables for the job.
    """

    run: Run
    work: Mapping[str, Any]
    shared: bool = True
    code: bool = True
    variables: Mapping[str, str] | None = None


def order_of(
    job: Job, backend: str, *, shared: bool = True, run_id: str | None = None, parent_id: str | None = None
) -> Order:
    """A project as an order.

    Args:
        job: from :func:`gittrack.launch.projects.job.opened`.
        backend: name of the backend.
        shared: whether the job sees this machine's files.
        run_id: the id for its run, a new one when None.
        parent_id: the run to nest it in, the one around this process when None.

    Raises:
        UsageError: the code or a param cannot travel.
        WrongParam: a `path` param names nothing.
    """
    from gittrack.launch.projects import running

    request, store = job.request, job.store
    if request.needed:
        msg = "--needed looks for a run on this machine and does not go with a backend"
        raise UsageError(msg, hint="leave one of the two out")
    source = running.source_of(job)
    params = portable.params(job, source, shared=shared)
    fixed = replace(request, params=params)
    _, shown = running.words_of(replace(job, request=fixed), {})
    tags = {**running.tags_of(job, source), **request.tags, f"{PREFIX}backend": backend}
    run = Run(
        id=run_id or store.new_id(),
        experiment=request.experiment or str(store.config.get("experiment")),
        name=store.redactor.text(request.name or ""),
        start_time=now_ms(),
        command=tuple(store.redactor.argv(shown)),
        user=user(),
        parent_id=parent_id or enclosing_run(store),
        source=source,
        params={key: store.redactor.value(key, one) for key, one in running.logged(job.given.all).items()},
        tags={key: str(store.redactor.value(key, one)) for key, one in tags.items()},
        note=store.redactor.text(request.note or ""),
    )
    work = {
        "kind": "project",
        "backend": backend,
        "uri": None if job.place.lasting else request.uri,
        "version": job.place.commit,
        "directory": str(job.place.directory) if source.directory is None and job.place.lasting else None,
        "entry_point": request.entry_point,
        "params": params,
        "experiment": run.experiment,
        "name": request.name,
        "tags": dict(request.tags),
        "note": request.note,
        "manager": request.manager,
        "output": request.output,
        "seed": request.seed,
        "container": request.container.to_json() if request.container else None,
        "contained": job.container is not None,
        "docker_args": list(request.docker_args),
        "build_image": request.build_image,
    }
    portable.check_code(job, source, shared=shared)
    return Order(run, work, shared=shared, code=job.place.lasting and source.directory is not None)
