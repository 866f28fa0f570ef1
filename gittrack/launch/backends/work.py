"""The job itself, wherever it runs: what `gittrack exec` does.

`Ticket.work` is a mapping. `kind` `project` has the fields of `launch.request.Request`, with `uri` only where
the project is fetched from elsewhere and `directory` only where it is in no repository; `kind` `reproduce`
has `run` and `env`. `backend` is the name of the backend in both.
"""

from __future__ import annotations

import contextlib
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, RemoteError
from gittrack.core.events import Ended, TagsSet
from gittrack.core.plain import from_plain
from gittrack.core.records import Run, Source
from gittrack.core.times import now_ms
from gittrack.launch.backends import job_files, luggage
from gittrack.launch.backends.portable import JOBS
from gittrack.launch.projects.project_values import DockerEnv
from gittrack.launch.projects.request import Request, Submitted
from gittrack.launch.reproduction import worktree
from gittrack.store.finish import OUTPUT
from gittrack.store.locate import Located
from gittrack.store.plumbing.git import create_bare, discover
from gittrack.store.queued import begin, conclude
from gittrack.store.runs import RunStore
from gittrack.store.sync import transport
from gittrack.store.sync.remote import resolve, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gittrack.core.config import Config
    from gittrack.core.events import Event
    from gittrack.launch.backends.base import Ticket
    from gittrack.store.plumbing.git import Git

    Progress = Callable[[str], None]

MISSING = "gittrack.job.missing"
"""Tag of a repetition that could not be made where the job ran: what was missing there."""
_FAILED = 1
_SHA256 = 64


@dataclass(frozen=True)
class _Here:
    """What a job has where it runs."""

    ticket: Ticket
    repository: Path
    code: Git | None
    enter: Callable[[Path], None]
    progress: Progress
    tags: Mapping[str, str]
    configs: list[Config] = field(
        default_factory=list
    )  # of the code, whose `gittrack.yaml` goes with its tree

    def store(self, start: Path | None = None) -> RunStore:
        return RunStore.open(self.repository, start=start or self.repository)

    def submitted(self, source: Source | None) -> Submitted:
        work = self.ticket.work
        return Submitted(self.ticket.run_id, source, self.ticket.parent_id, work.get("backend", "local"))


def execute(
    ticket: Ticket,
    *,
    enter: Callable[[Path], None],
    progress: Progress,
    tags: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Do what a ticket says and record it under its run id; gives the exit status of its command.

    Args:
        ticket: what to do.
        enter: makes a folder the current one; called with that of the project.
        progress: called with what is being done, in a few words.
        tags: what the engine says of itself, for the run.

    Raises:
        GitTrackError, OSError: there is no repository to record in; whatever else goes wrong is recorded.
    """
    with _home(ticket) as (repository, code):
        here = _Here(ticket, repository, code, enter, progress, tags)
        try:
            status = _project(here) if ticket.work["kind"] == "project" else _reproduction(here)
        except (GitTrackError, OSError) as error:
            _fail(here, error)
            status = _FAILED
        if not job_files.is_shared(ticket):
            _return(here)
        return status


# ---- where


@contextlib.contextmanager
def _home(ticket: Ticket) -> Iterator[tuple[Path, Git | None]]:
    """The repository to record in, and that of the code: the submitter's, or a new one to push from."""
    if job_files.is_shared(ticket):
        yield Path(ticket.repository), discover(Path(ticket.code)) if ticket.code else None
        return
    if ticket.remote is None:
        msg = f"{ticket.repository} cannot be seen here, and the ticket names no Git remote"
        raise RemoteError(msg, hint="share the file system, or set `shared: false` for the backend")
    folder = Path(tempfile.mkdtemp(prefix="gittrack-job-"))
    try:
        git = _clone(ticket, folder)
        yield git.place.git_dir, git
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clone(ticket: Ticket, folder: Path) -> Git:
    snapshot = str(ticket.source.get("snapshot") or "")
    git = create_bare(folder / "runs", "sha256" if len(snapshot) == _SHA256 else "sha1")
    git.run("remote", "add", "--", "origin", str(ticket.remote))
    if snapshot and ticket.code and ticket.work["kind"] == "project":
        refspec = f"+{JOBS}{ticket.run_id}:{JOBS}{ticket.run_id}"
        words = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "origin", refspec)
        result = git.run(*words, check=False)
        if result.status:
            raise transport.failure(resolve(git, "origin"), result.err)
    return git


def _return(here: _Here) -> None:
    from gittrack.store.sync import share

    here.progress(f"sending the run to {without_credentials(str(here.ticket.remote))}")
    git = discover(here.repository)
    config = here.configs[-1] if here.configs else here.store().config
    store = RunStore(Located(git, git, config))
    if store.config.get("artifacts.url") is None:  # before the run: who sees that takes its files
        for path in luggage.send(store, here.ticket.run_id, "origin"):
            here.progress(f"artifact {path} stays here: it is large, and no `artifacts.url` is set")
    share.push(store, "origin")


# ---- what


def _project(here: _Here) -> int:
    ticket = here.ticket
    source: Source | None = from_plain(Source, dict(ticket.source))
    uri = ticket.work["uri"]
    with contextlib.ExitStack() as stack:
        if uri is None and here.code is not None and source is not None and source.snapshot is not None:
            tree = stack.enter_context(worktree.work_tree(here.code, source.snapshot))
            uri = str(tree / (source.directory or "."))
        elif uri is None:
            uri = ticket.work["directory"]
        else:
            source = None
        here.enter(Path(uri) if Path(uri).is_dir() else here.repository)
        return _run(here, uri, source)


def _run(here: _Here, uri: str, source: Source | None) -> int:
    from gittrack.launch.projects import job, running

    work = here.ticket.work
    request = Request(
        uri,
        work["entry_point"],
        params=work["params"],
        version=work["version"],
        experiment=work["experiment"],
        name=work["name"],
        tags={**here.tags, **work["tags"]},
        note=work["note"],
        manager=work["manager"],
        output=work["output"],
        seed=work["seed"],
        submitted=here.submitted(source),
        container=DockerEnv.from_json(work["container"]) if work.get("container") else None,
        docker_args=tuple(work.get("docker_args", ())),
        build_image=work.get("build_image") is True,
    )
    with job.opened(request, here.repository) as ready:
        here.configs.append(ready.store.config)
        wrapped = running.run(ready, progress=here.progress).wrapped
    if wrapped is None:
        msg = "unreachable: nothing is reused, so a command was run"
        raise AssertionError(msg)
    if wrapped.error is not None:
        here.progress(str(wrapped.error))
    return wrapped.exit.status


def _reproduction(here: _Here) -> int:
    from gittrack.launch.reproduction import reproduce
    from gittrack.launch.reproduction.prepare import prepared

    top = here.code.place.work_tree if here.code is not None else None
    start = top or here.repository
    here.enter(start)
    store = here.store(start)
    if not job_files.is_shared(here.ticket):
        from gittrack.store.sync import share

        share.pull(store, "origin")
    original = store.get(here.ticket.work["run"])
    with prepared(store, original, here.ticket.work["env"], progress=here.progress) as ready:
        if ready.missing:
            missing = str(store.redactor.text("; ".join(ready.missing)))
            _end(here, store, [TagsSet({MISSING: missing})])
            return _FAILED
        here.configs.append(here.store(ready.tree).config)
        run = reproduce.run_prepared(store, ready, here.progress, here.submitted(None))
        return 0 if run.status == "finished" else run.exit_code or _FAILED


# ---- when it comes to nothing


def _fail(here: _Here, error: Exception) -> None:
    """Record that the command never came to run, and why."""
    store = here.store()
    hint = getattr(error, "hint", None)
    text = store.redactor.text(f"{error}" + (f"\nhint: {hint}" if hint else ""))
    here.progress(text)
    run_id = here.ticket.run_id
    if store.is_live(run_id) or not store.knows(run_id):  # else it ran, and what failed came after that
        _end(here, store, [], f"gittrack: {text}\n")


def _end(here: _Here, store: RunStore, events: Sequence[Event], output: str = "") -> None:
    ticket = here.ticket
    if not store.is_live(ticket.run_id):  # the submitter's record of it is on another machine
        begin(store, _known(ticket)).close()
    if output:
        path = store.live_directory(ticket.run_id) / OUTPUT
        with contextlib.suppress(OSError), path.open("a", encoding="utf-8") as file:
            file.write(output)
    conclude(store, ticket.run_id, Ended("failed", now_ms(), _FAILED), events)


def _known(ticket: Ticket) -> Run:
    work: dict[str, Any] = dict(ticket.work)
    return Run(
        id=ticket.run_id,
        experiment=work.get("experiment") or "default",
        name=work.get("name") or "",
        start_time=now_ms(),
        host=platform.node() or None,
        parent_id=ticket.parent_id,
        source=from_plain(Source, dict(ticket.source)),
    )
