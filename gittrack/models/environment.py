"""The environment that a model asks for, made by uv and kept, with the gittrack that runs here in it.

What the model needs and what gittrack needs are solved together. gittrack itself is not installed: a folder
with nothing but it comes first on the path, so that what serves is what was called, released or not.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue
from gittrack.core.ids import random_text
from gittrack.models import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.launch.environments import Plan, Prepared

_SCRIPT = "gittrack_in_environment.py"
_ENTRY = """from gittrack.cli.entry import main

if __name__ == "__main__":
    main()
"""
_EXTRA = re.compile(r"""\s*;\s*extra\s*==\s*['"](?P<name>[\w-]+)['"]\s*$""")
_INSTALLERS = {"pip", "wheel"}  # build dependencies that uv does without
_ELSEWHERE = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")


def plan_of(folder: Path, extras: Sequence[str] = ()) -> Plan:
    """The environment that a model asks for, with what gittrack and its extras need.

    Args:
        folder: of the model.
        extras: of gittrack, such as `serve`.

    Raises:
        InvalidValue: the model does not say what it needs in a way that uv can make.
        MalformedFile: a file of it cannot be read.
    """
    from gittrack.launch import environments

    if (folder / needs.PYTHON_ENV).is_file():
        found = environments.plan(folder, python_env=needs.PYTHON_ENV, manager="uv")
    elif (folder / needs.REQUIREMENTS).is_file() and not (folder / needs.CONDA).is_file():
        found = environments.plan(folder, manager="uv")
    else:
        msg = f"the model has no {needs.PYTHON_ENV}"
        raise InvalidValue(msg, hint="run it where what it needs is installed: --env local")
    from gittrack.launch.environments.plans import name_of
    from gittrack.launch.environments.requirements import Requirements

    *before, last = found.layers or (Requirements(),)
    needed = [layer for layer in before if not {name_of(line) for line in layer.lines} <= _INSTALLERS]
    return replace(found, layers=(*needed, replace(last, lines=(*last.lines, *own_requirements(extras)))))


def own_requirements(extras: Sequence[str] = ()) -> list[str]:
    """What gittrack and some of its extras need, as requirements."""
    found = []
    for text in metadata.requires("gittrack") or ():
        match = _EXTRA.search(text)
        if match is None or match["name"] in extras:
            found.append(_EXTRA.sub("", text))
    return found


def run_in_environment(
    folder: Path,
    words: Sequence[str],
    *,
    environ: Mapping[str, str],
    extras: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> int:
    """Run gittrack in the environment of a model; signals that come are passed on.

    Args:
        folder: of the model.
        words: of the command line, behind `gittrack`.
        environ: the environment variables.
        extras: of gittrack that the command needs.
        progress: called with lines about the making of the environment.

    Returns:
        The exit status; negative for the signal that ended it.

    Raises:
        InvalidValue, MalformedFile: see :func:`plan_of`.
        EnvironmentFailed: it cannot be made: uv or the Python asked for is missing, or requirements are at
            odds with each other.
    """
    from gittrack.launch import environments
    from gittrack.launch.environments import default_folder
    from gittrack.tracking.signals import Forwarding, attentive

    made = environments.prepare(plan_of(folder, extras), progress=progress, environ=environ)
    script = _package(default_folder(environ) / "gittrack")
    with Forwarding(lambda: False) as forwarding:
        child = subprocess.Popen([str(made.python), str(script), *words], env=_variables(made, environ))
        forwarding.begin(child.pid)
        code = attentive(child.wait)
        forwarding.end()
    return code


def _variables(made: Prepared, environ: Mapping[str, str]) -> dict[str, str]:
    """Those of the process: nothing leads to packages of another environment."""
    import os

    kept = {name: value for name, value in environ.items() if name not in {*made.unset, *_ELSEWHERE}}
    path = os.pathsep.join((*made.path, environ.get("PATH", os.defpath)))
    return {**kept, **made.variables, "PATH": path}


def _package(parent: Path) -> Path:
    """The script that runs the gittrack that is running, in a folder with nothing else to import."""
    package = Path(__file__).resolve().parents[1]
    about = Path(str(metadata.distribution("gittrack").locate_file(""))).resolve() / _about_name()
    name = hashlib.sha256(f"{package}\n{about}\n{metadata.version('gittrack')}".encode()).hexdigest()[:16]
    folder = parent / name
    if not (folder / _SCRIPT).exists():
        work = parent / f"{name}.{random_text(6)}"
        work.mkdir(parents=True)
        _link(package, work / package.name)
        _link(about, work / about.name)
        (work / _SCRIPT).write_text(_ENTRY, encoding="utf-8")
        try:
            work.replace(folder)
        except OSError:  # another process was first
            shutil.rmtree(work, ignore_errors=True)
    return folder / _SCRIPT


def _about_name() -> str:
    return f"gittrack-{metadata.version('gittrack')}.dist-info"


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:  # Windows wants a privilege for that
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
