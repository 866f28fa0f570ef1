"""Real Python processes for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

TOP = Path(__file__).parents[2]


def python_environment(**variables: str) -> dict[str, str]:
    """The environment of a child process that can import the package under test."""
    path = os.pathsep.join(filter(None, [str(TOP), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path} | variables


def run_python(
    script: str, *words: str, cwd: Path, check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own; its failure is ours unless `check` is off."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *words],
        cwd=cwd,
        env=python_environment(**variables),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    if check and done.returncode:
        msg = f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        raise AssertionError(msg)
    return done
