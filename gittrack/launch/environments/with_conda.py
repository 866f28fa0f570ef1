"""Making an environment with the Conda family, or with py-rattler where none of it is installed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.text import dump
from gittrack.launch.environments import with_rattler
from gittrack.launch.environments.failures import ToolMissing
from gittrack.launch.environments.processes import run, variables_for_tools
from gittrack.launch.environments.with_uv import install_into

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.launch.environments.plans import Plan

_COMMANDS = {
    "mamba": ("env", "create", "--quiet"),
    "micromamba": ("create", "--quiet", "--yes"),
    "conda": ("env", "create", "--quiet"),
}
"""How each makes an environment; the order is that of speed."""
_VARIABLES = {"conda": "CONDA_EXE", "mamba": "MAMBA_EXE", "micromamba": "MAMBA_EXE"}


def find(tool: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Name and path of the program that makes Conda environments; the path of `rattler` is empty.

    Args:
        tool: the one that must be used, None for whichever is there.
        environ: the environment variables: PATH, and what Conda's own shell functions set.

    Raises:
        ToolMissing: none is there.
    """
    for name in [tool] if tool and tool != "rattler" else [] if tool else _COMMANDS:
        path = _program(name, environ)
        if path:
            return name, path
    if tool in {None, "rattler"} and with_rattler.installed():
        return "rattler", ""
    what = tool or "no program for Conda environments (mamba, micromamba, conda)"
    msg = f"{what} is{'' if tool is None else ' not'} installed"
    raise ToolMissing(msg, hint="install micromamba, or pip install 'gittrack[conda]', which needs no Conda")


def make(
    plan: Plan, folder: Path, *, environ: Mapping[str, str], progress: Callable[[str], None] | None
) -> str:
    """Make the environment of a plan as `env` in a folder, where it has to stay.

    Returns:
        The name of the program that made it.

    Raises:
        EnvironmentFailed: no program is there, or it fails.
    """
    if plan.conda is None:  # pragma: no cover  narrowed for the type checker
        return ""
    tool, path = find(plan.tool, environ)
    prefix = folder / "env"
    if tool == "rattler":
        with_rattler.make(plan.conda, prefix, progress=progress)
    else:
        _by_program(plan, tool, path, folder, environ, progress)
    if plan.layers:
        _pip(plan, prefix, folder, environ, progress)
    return tool


def _by_program(
    plan: Plan,
    tool: str,
    path: str,
    folder: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> None:
    if plan.conda is None:  # pragma: no cover  narrowed for the type checker
        return
    file = folder / "environment.yaml"
    dependencies = list(plan.conda.dependencies)
    if plan.layers and not any(spec.split("=")[0].strip() == "pip" for spec in dependencies):
        dependencies.append("pip")
    file.write_bytes(dump({"channels": list(plan.conda.channels), "dependencies": dependencies}))
    variables = variables_for_tools(environ, CONDA_ALWAYS_YES="true", MAMBA_ALWAYS_YES="true")
    words = [path, *_COMMANDS[tool], "--prefix", str(folder / "env"), "--file", str(file)]
    run(words, tool=tool, cwd=folder, environ=variables, progress=progress, replace={str(file): plan.source})
    file.unlink()


def _pip(
    plan: Plan,
    prefix: Path,
    folder: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> None:
    """Install the pip packages, by uv: pip of the environment would do the same, slower."""
    python = prefix / ("python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        msg = f"{plan.source} has pip packages and no Python"
        raise ToolMissing(msg, hint="add python to its dependencies")
    install_into(python, plan, folder, environ=environ, progress=progress)


def _program(name: str, environ: Mapping[str, str]) -> str | None:
    named = environ.get(_VARIABLES[name], "")
    if Path(named).stem == name and os.access(named, os.X_OK):
        return named
    found = shutil.which(name, path=environ.get("PATH", ""))
    return str(Path(found).absolute()) if found else None
