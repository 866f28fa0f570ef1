"""Projects for tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

MLPROJECT = """\
name: demo
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      text: {default: "two words"}
    command: "python show.py {alpha} {text}"
  read:
    parameters: {data: path, rows: {type: int, default: 3}}
    command: "python show.py {data} {rows}"
  fail: {command: "exit 3"}
  tree: {command: "GITTRACK run . -e main && GITTRACK run . -e read -P data=data.csv"}
"""
SHOW = """\
import json, os, sys
json.dump([sys.argv[1:], os.getcwd(), dict(os.environ)], open(os.environ["SHOWN"], "w"))
"""


def make_project(path: Path, text: str = MLPROJECT) -> Path:
    """A repository with a project whose scripts write what they saw to `$SHOWN`."""
    make_repo(path, commit=False)
    write_project(path, text)
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "project", cwd=path)
    return path


def write_project(path: Path, text: str = MLPROJECT) -> None:
    """The files of that project."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "MLproject").write_text(text.replace("GITTRACK", f"{sys.executable} -m gittrack"))
    (path / "show.py").write_text(SHOW)
    (path / "data.csv").write_text("1\n2\n")
