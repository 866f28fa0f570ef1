"""What a program finds when it runs in an environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNSET_FOR_UV = (
    *("PYTHONHOME", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV_PROMPT"),
    *("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"),
)
UNSET_FOR_CONDA = ("PYTHONHOME", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")
_OURS = ("PATH", "PWD", "OLDPWD", "SHLVL", "_")


def folders(prefix: Path, *, conda: bool) -> tuple[str, ...]:
    """What goes in front of PATH."""
    if sys.platform == "win32":
        names = (
            ("", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts")
            if conda
            else ("Scripts",)
        )
        return tuple(str(prefix / name) for name in names)
    return (str(prefix / "bin"),)


def of_conda(prefix: Path, variables: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of an active Conda environment.

    Args:
        prefix: the environment.
        variables: those that its file sets; PATH and gittrack's own cannot be set.
        environ: the environment variables now, for the scripts in `etc/conda/activate.d`.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if name != "PATH" and not name.startswith("GITTRACK_")
    }
    base = {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": str(prefix)} | kept
    scripts = sorted((prefix / "etc" / "conda" / "activate.d").glob("*.sh"))
    bash = shutil.which("bash", path=environ.get("PATH", os.defpath))
    if not scripts or bash is None:
        return base
    return base | _changed_by(scripts, bash, {**environ, **base}, prefix)


def _changed_by(scripts: list[Path], bash: str, environ: dict[str, str], prefix: Path) -> dict[str, str]:
    """The variables that sourcing some scripts sets or changes; those of a script that fails are lost."""
    path = os.pathsep.join((*folders(prefix, conda=True), environ.get("PATH", os.defpath)))
    words = [bash, "--noprofile", "--norc", "-c", 'for f; do . "$f"; done >/dev/null 2>&1; env -0', "bash"]
    done = subprocess.run(
        [*words, *map(str, scripts)],
        env=environ | {"PATH": path},
        capture_output=True,
        check=False,
        timeout=60,
    )
    pairs = (entry.partition("=") for entry in os.fsdecode(done.stdout).split("\0") if "=" in entry)
    return {
        name: value
        for name, _, value in pairs
        if environ.get(name) != value and name not in _OURS and not name.startswith("GITTRACK_")
    }
