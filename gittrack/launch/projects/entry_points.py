"""Which entry point is meant: a declared one, or a script of the project; pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.command import quote
from gittrack.launch.projects.project_values import EntryPoint, nearest

if TYPE_CHECKING:
    from gittrack.launch.projects.project_values import Project

MAIN = "main"
SCRIPTS = (".py", ".sh", ".R")
"""What may be run without being declared."""


class NoSuchEntryPoint(GitTrackError):
    """The project has no entry point of that name."""


def find(project: Project, name: str, *, script_shell: str = "bash") -> EntryPoint:
    """The entry point of a name; a script needs no declaration, and takes params as options.

    Args:
        project: the project.
        name: of the entry point, or a script, relative to the project.
        script_shell: what runs `.sh` files: the `SHELL` of the user as in MLflow.

    Raises:
        NoSuchEntryPoint: it is neither.
        GitTrackError: it is declared without a command.
    """
    declared = project.entry_points.get(name)
    if declared is None:
        return EntryPoint(name, _script(project, name, script_shell))
    if declared.command is None:
        msg = f"entry point {name!r} has no command"
        raise GitTrackError(msg, hint="add `command: python …` to it in MLproject")
    return declared


def _script(project: Project, name: str, shell: str) -> str:
    # as in MLflow, the command is a template all the same: braces in a file name would be params
    suffix = PurePosixPath(name).suffix
    if suffix == ".py":
        return f"python {quote(name)}"
    if suffix == ".sh":
        return f"{shell} {quote(name)}"
    if suffix == ".R":
        return f"Rscript -e \"mlflow::mlflow_source('{quote(name)}')\" --args"
    known = list(project.entry_points)
    msg = f"no entry point {name[:80]!r}"
    there = f"there are {', '.join(known[:8])}" if known else "there is no MLproject, or it declares none"
    hint = nearest(name, known) or f"{there}; a script ends in {', '.join(SCRIPTS)}"
    raise NoSuchEntryPoint(msg, hint=hint)
