"""Does what a job says: downloads, environment, command, all recorded by the wrapper."""

from __future__ import annotations

import os
import shutil
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.records import Input, Source
from gittrack.launch.projects import command, parameters, steps
from gittrack.launch.projects.download import Downloads
from gittrack.launch.projects.fingerprint import PREFIX, Step
from gittrack.launch.projects.parameters import local_path
from gittrack.launch.projects.request import Launched, Submitted
from gittrack.store.sync.remote import without_credentials
from gittrack.tracking.scalars import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.launch.containers.box import Box
    from gittrack.launch.projects.job import Job
    from gittrack.tracking.wrap import Launch

    Progress = Callable[[str], None]


def run(job: Job, *, progress: Progress | None = None) -> Launched:
    """Run it to its end and record it; with `needed`, only where no finished run stands for it.

    Args:
        job: from :func:`gittrack.launch.projects.job.opened`.
        progress: called with what is being done, in a few words.

    Raises:
        WrongParam: a `path` param names nothing.
        GitTrackError: the environment cannot be made, or a download fails.
        OSError: the repository cannot be written. Nothing was run in any of these cases.
    """
    for note in job.given.notes:
        warnings.warn(note, GitTrackWarning, stacklevel=2)
    with Downloads(job.request.storage_dir, job.store) as downloads:
        return _run(job, downloads, progress)


def _run(job: Job, downloads: Downloads, progress: Progress | None) -> Launched:
    from gittrack.tracking import wrap
    from gittrack.tracking.surroundings import enclosing_run

    paths = parameters.resolve(job.given, downloads.fetch, here=Path.cwd(), project=job.place.directory)
    inputs = _inputs(job, paths)
    submitted = job.request.submitted or Submitted("")
    code = submitted.source or source_of(job)
    box = _box(job, paths, progress)
    step = _step(job, code, inputs, box.digest if box else None)
    reason = ""
    if job.request.needed:
        reuse = steps.look(job.store, step, uri=_uri(job, code))
        if reuse.run is not None:
            steps.tell_parent(job.store, enclosing_run(job.store), step, reuse.run)
            return Launched(reuse.run.id, reuse.reason, reuse.run)
        reason = reuse.reason
        if progress is not None:
            progress(f"{step.entry_point} is run: {reason}")
    words, shown = words_of(job, paths)
    launch = _prepared(job, progress) if box is None else box.launch(job.store)
    if box is not None:
        words, shown = box.words(box.inner(words[-1]), job.store, tuple(paths.values())), box.inner(shown[-1])
    launch = launch._replace(source=code, inputs=tuple(inputs.values()), shown=shown)
    wish = wrap.Wish(
        name=job.request.name,
        experiment=job.request.experiment,
        tags={**tags_of(job, code), **steps.tags(step), **job.request.tags},
        note=job.request.note,
        params=logged(job.given.all),
        output=job.request.output,
        seed=job.request.seed,
        launch=launch,
        run_id=submitted.run_id or None,
        parent_id=submitted.parent_id,
    )
    wrapped = wrap.run(words, job.store, wish, cwd=job.place.directory)
    return Launched(wrapped.run_id, reason, None, wrapped)


def _box(job: Job, paths: Mapping[str, str], progress: Progress | None) -> Box | None:
    """The container that it runs in, its image pulled or built."""
    if job.container is None:
        return None
    from gittrack.launch.containers import box

    own = [path for name, path in paths.items() if _is_own_file(job, name)]
    job.container.check_paths(job.store, own)
    return box.ready(job.container, job.store, progress or _silent)


def _is_own_file(job: Job, name: str) -> bool:
    """Whether the project itself names a file of this machine: nobody gave it one."""
    return name in job.given.defaults and local_path(str(job.given.declared[name])) is not None


def _silent(_text: str) -> None:
    pass


def words_of(job: Job, paths: Mapping[str, str]) -> tuple[Sequence[str], Sequence[str]]:
    """The command, and the same with secrets hidden as it is recorded."""
    template, hide = job.entry.command or "", job.store.redactor.value
    declared, extra = {**job.given.declared, **paths}, job.given.extra
    words = command.shell(command.fill(template, declared, extra))
    shown = command.fill(
        template,
        {name: hide(name, value) for name, value in declared.items()},
        {name: hide(name, value) for name, value in extra.items()},
    )
    return words, (*words[:-1], shown)


def logged(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params as they are recorded: text that writes a number or a boolean as that, so that it compares."""
    return {name: typed(value) if isinstance(value, str) else value for name, value in params.items()}


def _inputs(job: Job, paths: Mapping[str, str]) -> dict[str, Input]:
    """What the `path` params name, by digest; by where it came from, not by where it is now."""
    from gittrack.tracking.inputs import Wanted, input_of

    found = {}
    for name, path in paths.items():
        given = str(job.given.declared[name])
        try:
            one = input_of(Wanted(path, name=name, context=steps.CONTEXT), job.store)
        except (GitTrackError, OSError) as error:
            warnings.warn(f"input {name} is not recorded: {error}", GitTrackWarning, stacklevel=2)
            one = Input(name, given, context=steps.CONTEXT)
        found[name] = one if local_path(given) else replace(one, uri=without_credentials(given))
    return found


def source_of(job: Job) -> Source:
    """The code of a job as it is now; `missing` says why it is not captured."""
    from gittrack.tracking.snapshot import take

    if job.store.code is None:
        return Source(missing="not in a Git repository")
    try:
        return take(job.store.code, job.store.config, job.place.directory)
    except (OSError, GitTrackError) as error:
        warnings.warn(f"the code is not recorded: {error}", GitTrackWarning, stacklevel=2)
        return Source(missing=str(error))


def _step(job: Job, code: Source, inputs: Mapping[str, Input], image: str | None) -> Step:
    tree, why = steps.code_of(job.store.code, code)
    if job.place.archive is not None:
        tree, why = job.place.archive, None
    environment = image or job.plan.digest
    unknown = [why] if why else []
    if job.plan.manager == "local" and image is None:
        found = steps.local_environment(_python())
        environment = found or ""
        unknown += [] if found else ["there is no `python` on PATH"]
    unknown += [f"input {name} was not read" for name, one in inputs.items() if one.sha256 is None]
    hide = job.store.redactor.value  # a digest of a short secret can be guessed
    params = {name: hide(name, value) for name, value in logged(job.given.all).items() if name not in inputs}
    digests = {name: one.sha256 for name, one in inputs.items()}
    return Step(job.entry.name, tree, environment or None, params, digests, tuple(unknown))


def _python() -> Path | None:
    found = shutil.which("python", path=os.environ.get("PATH"))
    return Path(found) if found else None


def _uri(job: Job, code: Source) -> str:
    """Where the project comes from, the same on every machine where that can be told."""
    if not job.place.lasting or code.directory is None:
        return job.place.uri
    inside = "" if code.directory == "." else f"#{code.directory}"
    return f"{code.remote}{inside}" if code.remote else code.directory


def tags_of(job: Job, code: Source) -> dict[str, str]:
    """What a run says of its project."""
    known = {
        "uri": _uri(job, code),
        "name": job.project.name,
        "version": job.place.version,
        "archive": job.place.archive,
        "env": "docker" if job.container else job.plan.to_record().get("manager"),
        "backend": job.request.submitted.backend if job.request.submitted else "local",
    }
    return {f"{PREFIX}{name}": text for name, text in known.items() if text}


def _prepared(job: Job, progress: Progress | None) -> Launch:
    """The environment, made if need be, as the wrapper takes it."""
    from gittrack.launch import environments
    from gittrack.tracking.wrap import Launch

    if job.plan.manager == "local" and job.plan.lock is None:  # nothing to make and nothing to compare
        return Launch(environment={"requested": {"asked": job.plan.to_record()}})
    made = environments.prepare(job.plan, progress=progress)
    return Launch(
        variables=made.variables,
        unset=made.unset,
        path=made.path,
        environment={"requested": dict(made.record)},
    )
