"""`gittrack project validate` and `gittrack project show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.project_values import Problem, Project

_folder = click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, exists=False)
)


@click.group("project", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Look at a project: what it can run, and what is wrong with it."""


@options.verb("validate")
@_folder
@options.json_option
def validate(_ctx: click.Context, folder: Path, *, as_json: bool) -> int:
    """Hold an MLproject file against its grammar.

    Unknown keys, params that a command uses and nobody declares, missing environment files, two environments
    at once. Exit status 1 where something is wrong; warnings alone are no failure.
    """
    from gittrack.launch import project

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


@options.verb("show")
@_folder
@options.json_option
def show(_ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Show what a project can run: entry points, params, environment."""
    from gittrack.launch import project

    found = project.load(folder)
    if as_json:
        output.emit_json(_document(found))
    else:
        output.emit_lines(_lines(found))


def _document(found: Project) -> dict[str, Any]:
    return {
        "name": found.name,
        "python_env": found.python_env,
        "conda_env": found.conda_env,
        "docker_env": found.docker_env.image if found.docker_env else None,
        "entry_points": {
            name: {
                "command": entry.command,
                "parameters": {
                    param.name: {
                        "type": param.type,
                        "default": None if param.default is None else str(param.default),
                    }
                    for param in entry.params.values()
                },
            }
            for name, entry in found.entry_points.items()
        },
    }


def _lines(found: Project) -> Iterator[str]:
    if found.name:
        yield f"project {line(found.name)}"
    image = found.docker_env.image if found.docker_env else None
    for key, value in (
        ("python_env", found.python_env),
        ("conda_env", found.conda_env),
        ("docker_env", image),
    ):
        if value:
            yield f"{key} {line(value)}"
    if not found.entry_points:
        yield "no entry points; scripts (.py, .sh, .R) can be run by name: -e train.py"
    for entry in found.entry_points.values():
        yield f"{line(entry.name)}: {line(entry.command or '(no command)')}"
        for param in entry.params.values():
            given = "required" if param.default is None else f"default {param.default}"
            yield f"  {line(param.name)} ({line(param.type)}): {line(given)}"


command.add_command(validate)
command.add_command(show)
