"""Which Python interpreters are installed, and the one that meets a wish.

A bare version (`-p 3.9`) would let uv try pyenv's shims, which fail for what is not activated: uv is
always given the full path.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.text import load_json
from gittrack.launch.environments.failures import EnvironmentFailed, NoSuchPython
from gittrack.launch.environments.processes import run, variables_for_tools
from gittrack.launch.environments.versions import exact, meets, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_VERSION = re.compile(r"(?:cpython-)?(?P<version>\d+\.\d+\.\d+)(?:-[\w.-]*)?", re.ASCII)
_PROGRAM = "python.exe" if sys.platform == "win32" else "bin/python3"


class Python(NamedTuple):
    """An interpreter: its version and absolute path."""

    version: str
    path: Path


def find(
    asked: str | None,
    *,
    uv: str,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None = None,
) -> Python:
    """The interpreter for a wish: the running one if it does, else the newest installed one that does.

    One that is not there is downloaded by uv, unless `UV_PYTHON_DOWNLOADS` is `never` or `manual`.

    Args:
        asked: as :func:`versions.normal` gives it.
        uv: path of uv.
        environ: the environment variables.
        progress: called with what happens.

    Raises:
        NoSuchPython: none is there and none can be downloaded; says which are there.
    """
    running = Python(platform.python_version(), Path(sys.executable))
    if meets(running.version, asked):
        return running
    found = _best(_by_name(environ), asked)
    if found is None:
        there = installed(uv, environ)
        found = _best(iter(there), asked) or _downloaded(str(asked), there, uv, environ, progress)
    return found


def installed(uv: str, environ: Mapping[str, str]) -> list[Python]:
    """All interpreters that can be found, the newest first, one of each version."""
    running = Python(platform.python_version(), Path(sys.executable))
    found = {one.version: one for one in (*_by_uv(uv, environ), *_by_name(environ), running)}
    return sorted(found.values(), key=lambda one: parts(one.version), reverse=True)


def _best(found: Iterator[Python], asked: str | None) -> Python | None:
    fitting = [one for one in found if meets(one.version, asked)]
    return max(fitting, key=lambda one: parts(one.version), default=None)


def _by_name(environ: Mapping[str, str]) -> Iterator[Python]:
    """Interpreters whose folder bears their version: those of pyenv and of uv. Nothing is started."""
    home = Path(environ.get("HOME") or Path.home())
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    tops = [
        Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
    ]
    for top in tops:
        for folder in sorted(top.iterdir()) if top.is_dir() else ():
            match = _VERSION.fullmatch(folder.name)
            if match and (folder / _PROGRAM).exists():
                yield Python(match["version"], folder / _PROGRAM)


def _by_uv(uv: str, environ: Mapping[str, str]) -> Iterator[Python]:
    """Interpreters that uv finds, on PATH and in the places of each system."""
    words = [uv, "python", "list", "--only-installed", "--no-config", "--offline", "--output-format", "json"]
    folders = environ.get("PATH", "").split(os.pathsep)
    # uv starts each program that it finds: pyenv's shims are slow, and lead to what is known by name
    shown = os.pathsep.join(folder for folder in folders if "shims" not in Path(folder).parts)
    variables = variables_for_tools(environ, PATH=shown)
    done = subprocess.run(words, env=variables, capture_output=True, check=False, timeout=120)
    try:
        found = load_json(done.stdout)
    except ValueError:
        return
    for one in found if isinstance(found, list) else ():
        path = Path(one.get("path") or "")
        usable = (
            one.get("implementation") == sys.implementation.name
            and one.get("variant", "default") == "default"
        )
        if usable and path.is_absolute() and "shims" not in path.parts:
            yield Python(str(one.get("version")), path)


def _downloaded(
    asked: str,
    there: list[Python],
    uv: str,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> Python:
    version = exact(asked)
    refused = environ.get("UV_PYTHON_DOWNLOADS") in {"never", "manual"}
    if refused or not version or len(parts(version)) < 2:  # noqa: PLR2004  major, minor
        raise _nowhere(asked, there, "is not installed")
    if progress is not None:
        progress(f"downloading Python {version}")
    variables = variables_for_tools(environ, UV_HTTP_RETRIES=environ.get("UV_HTTP_RETRIES", "1"))
    words = [uv, "python", "install", "--no-config", "--no-bin", version]
    try:
        run(words, tool="uv", cwd=Path.cwd(), environ=variables)
    except EnvironmentFailed as error:
        raise _nowhere(asked, there, "is not installed and cannot be downloaded", error.output) from error
    found = _best(iter(installed(uv, environ)), asked)
    if found is None:
        raise _nowhere(asked, there, "was downloaded and cannot be found")
    return found


def _nowhere(asked: str, there: list[Python], problem: str, output: str = "") -> NoSuchPython:
    versions = ", ".join(one.version for one in there)
    hint = f"there is {versions}: ask for one of these, or install {asked}"
    return NoSuchPython(f"Python {asked} {problem}", hint, output=output)
