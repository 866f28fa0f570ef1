"""`gittrack project show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.launch.projects.project_values import Project


@options.verb("show")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@options.json_option
def command(_ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Show what a project can run: entry points, params, environment."""
    from gittrack.launch.projects import project

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
        "docker_env": _image(found),
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


def _image(found: Project) -> str | None:
    """The file that the image of a project is built from, or its name."""
    env = found.docker_env
    return None if env is None else env.dockerfile or env.image


def _lines(found: Project) -> Iterator[str]:
    if found.name:
        yield f"project {line(found.name)}"
    for key, value in (
        ("python_env", found.python_env),
        ("conda_env", found.conda_env),
        ("docker_env", _image(found)),
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
