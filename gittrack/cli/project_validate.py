"""`gittrack project validate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.launch.projects.project_values import Problem


@options.verb("validate")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@options.json_option
def command(_ctx: click.Context, folder: Path, *, as_json: bool) -> int:
    """Hold an MLproject file against its grammar.

    Unknown keys, params that a command uses and nobody declares, missing environment files, two environments
    at once. Exit status 1 where something is wrong; warnings alone are no failure.
    """
    from gittrack.launch.projects import project

    problems = project.validate(folder)
    path = project.file_of(folder) or folder
    if as_json:
        output.emit_json_list({"path": str(path), **one._asdict()} for one in problems)
    else:
        output.emit_lines(_problem(path, one) for one in problems)
        if not problems:
            click.echo(f"{line(str(path))} is fine")
    return int(any(one.kind != "warning" for one in problems))


def _problem(path: Path, one: Problem) -> str:
    where = f"{line(str(path))}:{one.line}" if one.line else line(str(path))
    kind = "warning: " if one.kind == "warning" else ""
    return f"{where}: {kind}{line(one.message)}" + (f" ({line(one.hint)})" if one.hint else "")
