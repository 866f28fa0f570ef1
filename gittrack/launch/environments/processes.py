"""Running the programs that make environments."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from gittrack.launch.environments.failures import ToolMissing, failed, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Progress = "Callable[[str], None]"
_DROPPED = (
    *("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"),
    *(
        "UV_PROJECT_ENVIRONMENT",
        "UV_PROJECT",
        "UV_PYTHON",
        "UV_WORKING_DIR",
        "UV_VENV_CLEAR",
        "UV_NO_PROJECT",
    ),
    *("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PIP_REQUIRE_VIRTUALENV"),
)


def variables_for_tools(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    """The environment variables for uv and Conda: nothing that points to another environment."""
    kept = {name: value for name, value in environ.items() if name not in _DROPPED}
    return kept | {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "PYTHONUTF8": "1"} | more


def run(
    words: Sequence[str],
    *,
    tool: str,
    cwd: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None = None,
    replace: Mapping[str, str] | None = None,
) -> str:
    """Run a program to its end, giving each line that it says to `progress`.

    Args:
        words: path of the program and its arguments.
        tool: its name, for messages.
        cwd: where it runs.
        environ: all its environment variables.
        progress: called with lines of its output, without credentials.
        replace: texts in messages to what the reader knows them as.

    Returns:
        What it wrote, standard output and error together.

    Raises:
        EnvironmentFailed: it ended with another status than 0.
        ToolMissing: there is no such program.
    """
    try:
        process = subprocess.Popen(
            list(words),
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        msg = f"{tool} cannot be started: {error.strerror}"
        raise ToolMissing(msg, hint=f"check {words[0]}") from error
    lines: list[str] = []
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                if progress is not None and line.strip():
                    progress(without_credentials(line.strip()))
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        verb = words[1:3] if words[1] in {"pip", "python", "env"} else words[1:2]
        raise failed(tool, " ".join(verb), "".join(lines), replace=dict(replace or {}))
    return "".join(lines)


def find_uv(environ: Mapping[str, str]) -> str:
    """The path of uv: the one installed with gittrack, on PATH, or where its installer puts it.

    Raises:
        ToolMissing: there is none.
    """
    try:
        from uv import find_uv_bin

        return os.fsdecode(find_uv_bin())
    except (ImportError, FileNotFoundError):
        pass
    home = environ.get("HOME", "")
    places = (environ.get("PATH", ""), f"{home}/.local/bin", f"{home}/.cargo/bin")
    found = shutil.which("uv", path=os.pathsep.join(places))
    if found is None:
        msg = "uv is not installed, and it makes the environments of projects"
        raise ToolMissing(
            msg, hint="pip install 'gittrack[projects]', or run with the environment as it is: --env local"
        )
    return os.path.abspath(found)  # noqa: PTH100  PATH may hold relative folders
