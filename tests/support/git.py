"""Real Git for tests."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def git_run(*words: str, cwd: Path, stdin: str = "") -> str:
    """Run a Git command and give its standard output without the last newline."""
    done = subprocess.run(["git", *words], cwd=cwd, input=stdin, capture_output=True, check=False, text=True)
    if done.returncode:
        msg = f"git {' '.join(words)}: {done.stderr}"
        raise AssertionError(msg)
    return done.stdout.rstrip("\n")


def make_repo(path: Path, *options: str, commit: bool = True) -> Path:
    """A fresh repository on branch `main`, with one commit unless told otherwise."""
    path.mkdir(parents=True, exist_ok=True)
    git_run("init", "-q", "-b", "main", *options, cwd=path)
    if commit:
        (path / "train.py").write_text("print('training')\n")
        git_run("add", "train.py", cwd=path)
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")  # a machine need not have one
        git_run(*identity, "commit", "-q", "-m", "first", cwd=path)
    return path
