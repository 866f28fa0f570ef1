"""What is asked of a launch, and what came of it; values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.entry_points import MAIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.core.records import Run, Source
    from gittrack.launch.projects.project_values import DockerEnv
    from gittrack.tracking.wrap import Wrapped


@dataclass(frozen=True)
class Submitted:
    """What is settled of a run before its job starts.

    Attributes:
        run_id: of it.
        source: its code, None to look where the job runs.
        parent_id: the run it is nested in, None without one.
        backend: where it runs.
    """

    run_id: str
    source: Source | None = None
    parent_id: str | None = None
    backend: str = "local"


@dataclass(frozen=True)
class Request:
    """What to run.

    Attributes:
        uri: of the project, see `launch.projects.uri`.
        entry_point: of it, or a script in it.
        params: name to value; text where it comes from a command line.
        version: commit, tag or branch, for Git.
        experiment: the run belongs to; the configured one when None.
        name: of the run.
        tags: more of them.
        note: in Markdown.
        manager: of the environment; None chooses, `local` takes it as it is.
        storage_dir: where `path` params are downloaded; a temporary folder when None.
        needed: whether a finished run of the same step stands for a new one.
        output: whether the output is kept.
        seed: passed on to the command, see `tracking.seeding`.
        submitted: what a submitter settled before, None where there is none.
        container: what to run in where the project names no container, None for none.
        docker_args: for `docker run`: `NAME` or `NAME=VALUE`, as MLflow's `-A` has them.
        build_image: whether an image with the project in it is built first.
    """

    uri: str = "."
    entry_point: str = MAIN
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    version: str | None = None
    experiment: str | None = None
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str | None = None
    manager: str | None = None
    storage_dir: Path | None = None
    needed: bool = False
    output: bool = True
    seed: int | None = None
    submitted: Submitted | None = None
    container: DockerEnv | None = None
    docker_args: tuple[str, ...] = ()
    build_image: bool = False


@dataclass(frozen=True)
class Launched:
    """What came of a request.

    Attributes:
        run_id: of the run, the reused one where one was reused.
        reason: with `needed`: why that run, or why a new one; empty without.
        reused: the run that stands for a new one, None where one was made.
        wrapped: what became of the command, None where it was not run.
    """

    run_id: str
    reason: str = ""
    reused: Run | None = None
    wrapped: Wrapped | None = None


@dataclass(frozen=True)
class ProjectRun:
    """A finished run of an entry point.

    Attributes:
        run_id: of it.
        run: its record.
        reused: whether it was there already.
        reason: with `needed`: why it was reused or not; empty without.
    """

    run_id: str
    run: Run
    reused: bool = False
    reason: str = ""


class ProjectFailed(GitTrackError):
    """The command of an entry point ended with an error.

    Attributes:
        run_id: of its run, which is recorded all the same.
    """

    def __init__(self, message: str, run_id: str) -> None:
        super().__init__(message, hint=f"`gittrack show {run_id}` has its output")
        self.run_id = run_id
