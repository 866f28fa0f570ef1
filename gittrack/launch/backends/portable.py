"""What of a project can travel to another process or machine, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import RemoteError, UsageError
from gittrack.launch.projects import parameters
from gittrack.launch.projects.parameters import local_path
from gittrack.store.locate import is_url
from gittrack.store.sync import transport
from gittrack.store.sync.remote import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run, Source
    from gittrack.launch.projects.job import Job
    from gittrack.store.plumbing.git import Result
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.remote import Remote

JOBS = "refs/gittrack/jobs/"
"""Where the code of a job is on the remote until its run is back."""


def params(job: Job, source: Source, *, shared: bool) -> dict[str, Any]:
    """The params for the job: paths in the code relative to the project, others absolute.

    Raises:
        UsageError: a path is neither in the code nor on a file system that the job sees.
        WrongParam: a path names nothing.
    """
    paths = parameters.resolve(
        job.given, lambda url, _: Path(url), here=Path.cwd(), project=job.place.directory
    )
    found = dict(job.request.params)
    for name, path in paths.items():
        if local_path(str(job.given.declared[name])) is None:
            continue  # a URL: the job fetches it
        inside = _inside(job, source, Path(path))
        if inside is None and not shared:
            msg = f"param {name!r} names a file that the job cannot see: {path[:200]}"
            raise UsageError(msg, hint="commit it, or give a URL: s3://…, runs:/RUN/PATH")
        found[name] = inside or path
    return found


def _inside(job: Job, source: Source, path: Path) -> str | None:
    """The path relative to the project where the snapshot has that file."""
    git, top = job.store.code, job.store.code.place.work_tree if job.store.code else None
    if git is None or top is None or source.snapshot is None or not path.is_file():
        return None
    try:
        in_tree = path.resolve().relative_to(top.resolve()).as_posix()
        in_project = path.resolve().relative_to(job.place.directory.resolve()).as_posix()
    except ValueError:
        return None
    return in_project if git.resolve(f"{source.snapshot}:{in_tree}") else None


def check_code(job: Job, source: Source, *, shared: bool) -> None:
    """See that the job can get at the code.

    Raises:
        UsageError: it cannot.
    """
    if not job.place.lasting:
        if not shared and "://" not in job.request.uri and "@" not in job.request.uri:
            msg = f"the job cannot see {job.request.uri[:200]}"
            raise UsageError(msg, hint="give the URL of the project")
        return
    if source.directory is not None and source.snapshot is None:
        msg = f"the code cannot travel: {source.missing or 'it was not captured'}"
        raise UsageError(msg, hint="a job gets the code as a snapshot: commit something, or see `snapshot.*`")
    if source.directory is None and not shared:
        msg = f"the code cannot travel: {source.missing or 'it is in no Git repository'}"
        raise UsageError(msg, hint="put the project into a Git repository")


def remote_of(store: RunStore) -> Remote:
    """Where a job that shares no files gets the code and leaves its run.

    Raises:
        RemoteError: there is no remote.
    """
    try:
        return resolve(store.git, store.config.get("runs.remote"))
    except RemoteError as error:
        msg = "the job does not share this file system, and there is no Git remote to meet it at"
        raise RemoteError(
            msg, hint="`git remote add origin URL`, or `runs.remote` in gittrack.yaml"
        ) from error


def publish(store: RunStore, run: Run, progress: Callable[[str], None] | None) -> Remote:
    """Push the code of a job to where the job finds it; gives where that is.

    Raises:
        RemoteError: there is no remote, or it does not take it.
    """
    remote = remote_of(store)
    commit = run.source.snapshot
    if commit is not None:
        if progress is not None:
            progress(f"sending commit {commit[:12]} to {remote.shown}")
        result = _push(store, remote.name, f"{commit}:{JOBS}{run.id}")
        if result.status:
            raise transport.failure(remote, result.err)
    return remote


def unpublish(store: RunStore, run_id: str, remote: str) -> None:
    """Take the code of a job off the remote again, which is in the chain of the run by now, and its files."""
    _push(store, remote, f":{JOBS}{run_id}")
    _push(store, remote, f":{JOBS}{run_id}-files")


def _push(store: RunStore, remote: str, refspec: str) -> Result:
    """From the repository of the runs, whose remote it is; where the code is in another one, from there."""
    git = store.git
    if store.code is not None and store.code is not store.git:
        listed = store.git.run("remote", "get-url", "--push", "--", remote, check=False)
        git, remote = store.code, remote if listed.status else listed.text
    return git.run("push", "--quiet", "--no-verify", "--end-of-options", remote, refspec, check=False)


def address(remote: Remote) -> str:
    """The URL of a remote for another process: a relative path is made absolute."""
    return remote.url if is_url(remote.url) else str(Path(remote.url).resolve())


def explain(error: BaseException) -> str:
    """An error on one line, with what to do."""
    hint = getattr(error, "hint", None)
    return f"{error} ({hint})" if hint else str(error)
