"""Repositories of hooks for the real pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.git import git_run, make_repo

ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = ("gittrack", "pyproject.toml", "README.md", "LICENSE")


def hooks_repo(path: Path, *, whole: bool = False) -> Path:
    """A repository with our `.pre-commit-hooks.yaml`; with the package beside it when `whole`."""
    make_repo(path, commit=False)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", path)
    for name in _PACKAGE if whole else ():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, path)
    if whole:
        _leave_out(path / "pyproject.toml")
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "hooks", cwd=path)
    return path


def _leave_out(path: Path) -> None:
    """Take away the dependencies that no hook imports: installing pandas takes most of a minute."""
    kept = (
        'dependencies = ["click>=8.1", "orjson>=3.9", "pyyaml>=6.0", "tomli>=2.0; python_version < \'3.11\'"]'
    )
    text = path.read_text()
    path.write_text(re.sub(r"^dependencies = \[.*?^\]", kept, text, count=1, flags=re.DOTALL | re.MULTILINE))


def configure(repo: Path, hooks: Path, *ids: str, language: str | None = None, extra: str = "") -> None:
    """Write a `.pre-commit-config.yaml` that uses some of the hooks."""
    rev = git_run("rev-parse", "HEAD", cwd=hooks)
    lines = ["repos:", f"- repo: {hooks.as_uri()}", f"  rev: {rev}", "  hooks:"]
    for one in ids:
        lines += [f"  - id: {one}", *([f"    language: {language}"] if language else [])]
        lines += [f"    {extra}"] if extra else []
    (repo / ".pre-commit-config.yaml").write_text("\n".join(lines) + "\n")


def environment(home: Path) -> dict[str, str]:
    """Variables for pre-commit: its own folder, and our command first in PATH."""
    own = Path(sys.executable).parent
    return {
        **os.environ,
        "PRE_COMMIT_HOME": str(home),
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
    }


def pre_commit(*words: str, repo: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run pre-commit."""
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=repo,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
