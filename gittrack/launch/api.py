"""Projects for programs: what `gittrack run URI` does."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.launch.projects.entry_points import MAIN
from gittrack.launch.projects.request import ProjectFailed, ProjectRun, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.core.records import Run
    from gittrack.launch.projects.job import Job


def run_project(  # noqa: PLR0913  each is a choice of its own
    uri: str | os.PathLike[str] = ".",
    entry_point: str = MAIN,
    *,
    params: Mapping[str, Any] = MappingProxyType({}),
    version: str | None = None,
    experiment: str | None = None,
    name: str | None = None,
    tags: Mapping[str, str] = MappingProxyType({}),
    env_manager: str | None = None,
    storage_dir: str | os.PathLike[str] | None = None,
    needed: bool = False,
    backend: str | None = None,
    backend_config: Mapping[str, Any] = MappingProxyType({}),
    repo: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> ProjectRun:
    """Run an entry point of a project to its end; inside of a run, its run is nested in that one.

    Args:
        uri: a folder, a Git URL or an archive; `URI#FOLDER` for a folder in it.
        entry_point: of its MLproject, or a script (`.py`, `.sh`, `.R`).
        params: name to value; a `path` param takes a URL too, and `runs:/RUN/PATH` for an artifact.
        version: commit, tag or branch, for Git.
        experiment: the run belongs to; the configured one when None.
        name: of the run.
        tags: more of them.
        env_manager: who makes the environment (`uv`, `conda`, …); `local` takes it as it is, None chooses.
        storage_dir: where `path` params are downloaded; a temporary folder when None.
        needed: let a finished run of the same code, params, inputs and environment stand for a new one.
        backend: the engine that runs it: `slurm`, `ray`, …; None or `local` for this process.
        backend_config: what the engine is told, besides `backends` in `gittrack.yaml`.
        repo: where the run goes, a path or a Git URL; as configured when None.
        progress: called with what is being done, in a few words.

    Returns:
        The run, finished.

    Raises:
        ProjectFailed: the command ended with an error; carries `run_id`.
        CannotStart: there is no shell to run it in.
        NoSuchProject, NoSuchVersion, NoSuchEntryPoint, WrongParam, MalformedFile: see `gittrack run`.
        UsageError: options that do not go together.
        NotARepository: there is no repository to record in.
        EngineError: the engine is not there, or refuses the job.
    """
    from gittrack.launch.projects import job, running

    request = Request(
        os.fspath(uri),
        entry_point,
        params=dict(params),
        version=version,
        experiment=experiment,
        name=name,
        tags=dict(tags),
        manager=env_manager,
        storage_dir=Path(storage_dir) if storage_dir is not None else None,
        needed=needed,
    )
    with job.opened(request, repo) as ready:
        if backend not in {None, "local"}:
            return _finished(entry_point, _on_engine(ready, str(backend), backend_config, progress))
        launched = running.run(ready, progress=progress)
        if launched.reused is not None:
            return ProjectRun(launched.run_id, launched.reused, reused=True, reason=launched.reason)
        if launched.wrapped is not None and launched.wrapped.error is not None:
            raise launched.wrapped.error
        run = launched.wrapped.run if launched.wrapped is not None else None
        run = run or ready.store.get(launched.run_id)
    return _finished(entry_point, run, launched.reason)


def _on_engine(
    ready: Job, backend: str, told: Mapping[str, Any], progress: Callable[[str], None] | None
) -> Run:
    from gittrack.launch.backends.engine import Engine

    engine = Engine.of(ready.store.config, backend, told)
    submitted = engine.submit(ready, progress=progress)
    return engine.follow(ready.store, submitted, write=lambda _: None, progress=progress)


def _finished(entry_point: str, run: Run, reason: str = "") -> ProjectRun:
    if run.status != "finished":
        code = f" with exit code {run.exit_code}" if run.exit_code else ""
        msg = f"entry point {entry_point!r} {run.status}{code}"
        raise ProjectFailed(msg, run.id)
    return ProjectRun(run.id, run, reason=reason)
