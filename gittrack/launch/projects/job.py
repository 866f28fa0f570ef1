"""One run of an entry point, from the request to what will be run, and its run."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import NotARepository, UsageError
from gittrack.launch.projects import command, entry_points, parameters, project, source
from gittrack.store.locate import Located
from gittrack.store.plumbing.git import discover
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.containers.wanted import Wanted
    from gittrack.launch.environments import Plan
    from gittrack.launch.projects.parameters import Given
    from gittrack.launch.projects.project_values import EntryPoint, Project
    from gittrack.launch.projects.request import Request
    from gittrack.launch.projects.source import Place


@dataclass(frozen=True)
class Job:
    """What will be run.

    Attributes:
        request: what was asked for.
        place: where the project is.
        project: what its MLproject says.
        entry: the entry point.
        given: its params.
        plan: its environment; that of this machine where it runs in a container.
        store: where the run goes; its `code` is the repository of the project.
        container: what it runs in, None without one.
    """

    request: Request
    place: Place
    project: Project
    entry: EntryPoint
    given: Given
    plan: Plan
    store: RunStore
    container: Wanted | None = None

    def preview(self) -> dict[str, Any]:
        """What would be done, as JSON has it; secrets are hidden."""
        params = {name: self.store.redactor.value(name, value) for name, value in self.given.all.items()}
        extra = {name: params[name] for name in self.given.extra}
        declared = {name: params[name] for name in self.given.declared}
        template = self.entry.command or ""
        return {
            "uri": self.place.uri,
            "version": self.place.version,
            "commit": self.place.commit,
            "directory": str(self.place.directory) if self.place.lasting else None,
            "entry_point": self.entry.name,
            "params": {name: _plain(value) for name, value in params.items()},
            "command": command.fill(template, declared, extra),
            "environment": (self.container or self.plan).to_record(),
            "backend": "local",
            "repository": str(self.store.git.place.work_tree or self.store.git.place.git_dir),
            "experiment": self.request.experiment or self.store.config.get("experiment"),
        }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int, float, bool, list, dict)) else str(value)


@contextlib.contextmanager
def opened(request: Request, repo: str | os.PathLike[str] | None = None) -> Iterator[Job]:
    """Find everything that a request is about; nothing is run or recorded.

    Args:
        request: what is asked for.
        repo: where the run goes, as configured when None.

    Raises:
        NoSuchProject, NoSuchVersion, NoSuchEntryPoint, WrongParam: the request asks for what is not there.
        MalformedFile: MLproject or a file of the environment cannot be read.
        UsageError: options that do not go together.
        NotARepository: there is no repository to record in.
    """
    with source.fetched(request.uri, request.version) as place:
        found = project.load(place.directory)
        shell = os.environ.get("SHELL", "bash")
        entry = entry_points.find(found, request.entry_point, script_shell=shell)
        given = parameters.choose(entry, request.params)
        command.fill(entry.command or "", given.declared, given.extra)  # before anything is fetched for it
        container = _container(request, place, found)
        plan = _plan(request, place, found, entry, boxed=container is not None)
        store = _store(repo, place)
        if container is not None:
            container.check(store)
        yield Job(request, place, found, entry, given, plan, store, container)


def _container(request: Request, place: Place, found: Project) -> Wanted | None:
    env = found.docker_env or request.container
    if env is None or request.manager == "local":
        if request.docker_args or request.build_image:
            msg = "this project does not run in a container, and -A and --build-image are for one"
            raise UsageError(msg, hint="name an image in MLproject: `docker_env: {image: …}`")
        return None
    from gittrack.launch.containers.wanted import Wanted, refuse

    refuse(request.manager)
    return Wanted(
        env,
        place.directory,
        found.name or "",
        fetched=not place.lasting,
        arguments=request.docker_args,
        with_code=request.build_image,
    )


def _plan(request: Request, place: Place, found: Project, entry: EntryPoint, *, boxed: bool) -> Plan:
    from gittrack.launch.environments import plan

    manager = request.manager
    if boxed or found.docker_env is not None:
        return plan(place.directory, manager="local", root=place.root)
    script = entry.name if entry.name.endswith(".py") and entry.name not in found.entry_points else None
    named = {"python_env": found.python_env, "conda_env": found.conda_env}
    return plan(place.directory, **named, manager=manager, script=script, root=place.root)


def _store(repo: str | os.PathLike[str] | None, place: Place) -> RunStore:
    """The store of the current folder; that of the project where there is none and it stays."""
    try:
        store = RunStore.open(None if repo is None else os.fspath(repo))
    except NotARepository:
        if repo is not None or not place.lasting:
            raise
        return RunStore.open(start=place.directory)
    if store.code is not None and place.directory == store.code.place.work_tree:
        return store
    code = None
    with contextlib.suppress(NotARepository):
        code = discover(place.directory)
    if code is not None and code.place.common_dir == store.git.place.common_dir and place.lasting:
        code = code if code.place != store.git.place else store.git
    return RunStore(Located(store.git, code, store.config))
