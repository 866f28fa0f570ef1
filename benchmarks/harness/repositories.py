"""Repositories to measure in."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG = "[user]\n\tname = Bench\n\temail = bench@example.org\n[init]\n\tdefaultBranch = main\n"


def make_home(folder: Path) -> Path:
    """A home with an identity and nothing else."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text(_CONFIG)
    return home


def git(home: Path, cwd: Path, *words: str) -> str:
    """Run Git and give what it printed."""
    env = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=cwd, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make_repository(folder: Path, home: Path, files: int = 20) -> Path:
    """A repository with one commit of `files` Python files, a hundred a folder."""
    folder.mkdir(parents=True)
    for number in range(files):
        place = folder / f"part{number // 100:03d}"
        place.mkdir(exist_ok=True)
        (place / f"module{number:05d}.py").write_text(f"VALUE = {number}\n" * 40)
    (folder / "true.py").write_text("")
    (folder / ".gitignore").write_text("mlruns/\nmlflow.db\nruns/\nsacred/\ntrackio/\n.aim/\n.dvc/\n")
    git(home, folder, "init", "-q", "-b", "main")
    git(home, folder, "add", "-A")
    git(home, folder, "commit", "-q", "-m", "code")
    return folder
