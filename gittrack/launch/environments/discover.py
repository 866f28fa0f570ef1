"""From the files of a project to the plan of its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import UsageError
from gittrack.launch.environments.plans import Plan
from gittrack.launch.environments.project_files import ProjectFiles

if TYPE_CHECKING:
    from pathlib import Path

MANAGERS = ("uv", "virtualenv", "conda", "mamba", "micromamba", "rattler", "local")
"""What `manager` may be; `virtualenv` is MLflow's name for what uv makes here."""


def plan(
    directory: Path,
    *,
    python_env: str | None = None,
    conda_env: str | None = None,
    manager: str | None = None,
    script: str | None = None,
    root: Path | None = None,
) -> Plan:
    """What environment a project asks for, and who would make it. Reads files only.

    Without a file given, the first of these that is there decides: inline metadata of the script,
    `python_env.yaml`, `conda.yaml` (`environment.yml` too), `uv.lock`, `pylock.toml`, `pyproject.toml`
    that names dependencies or is a package, `requirements.txt`. Without any the environment is taken
    as it is.

    Args:
        directory: the project.
        python_env: the file that `python_env` in MLproject names, relative to `directory`.
        conda_env: the same for `conda_env`.
        manager: one of `MANAGERS`; None chooses. `local` takes the environment as it is.
        script: the script that will be run, relative to `directory`.
        root: what files that are named by files may not leave, `directory` when None.

    Raises:
        UsageError: the manager is none, cannot make what is asked for, or two files are given.
        MalformedFile: a file cannot be read.
        InvalidValue: a file is outside of the project, or a version is none.
    """
    if manager is not None and manager not in MANAGERS:
        msg = f"no such environment manager: {manager[:40]}"
        raise UsageError(msg, hint=f"one of {', '.join(MANAGERS)}")
    if python_env and conda_env:
        msg = "python_env and conda_env are both given"
        raise UsageError(msg, hint="keep the one that the project is meant to run in")
    project = ProjectFiles(directory.resolve(), (root or directory).resolve(), manager)
    found = project.named(python_env, conda_env) if python_env or conda_env else project.discovered(script)
    if manager == "local":
        return Plan("local", found.source, found.directory, found.python, lock=found.lock, files=found.files)
    return found
