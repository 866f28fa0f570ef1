"""Snapshots of real repositories, and how to look into them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gittrack.core.config import Config
from gittrack.store.plumbing.git import discover
from gittrack.tracking.snapshot import take
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Source


def take_snapshot(path: Path, cwd: Path | None = None, **options: object) -> Source:
    """The snapshot of a repository, with settings (`snapshot__enabled=False`)."""
    git = discover(path)
    config = Config.load(None, {}, git.config_all).with_options(
        {name.replace("__", "."): value for name, value in options.items()}
    )
    return take(git, config, cwd or path)


def tree_of(path: Path, commit: str | None) -> dict[str, str]:
    """Path to `mode content` of a commit's files."""
    found = {}
    for line in git_run("ls-tree", "-r", "-z", str(commit), cwd=path).split("\0")[:-1]:
        head, _, name = line.partition("\t")
        mode, kind, oid = head.split(" ")
        found[name] = f"{mode} {git_run('cat-file', '-p', oid, cwd=path) if kind == 'blob' else oid}"
    return found


def names_of(path: Path, commit: str | None) -> set[str]:
    """The paths of a commit's files."""
    return set(git_run("ls-tree", "-r", "-z", "--name-only", str(commit), cwd=path).split("\0")[:-1])


def user_state(path: Path) -> tuple[bytes, int, str, str]:
    """What must not change: index, HEAD and refs, work tree as Git sees it."""
    index = path / ".git" / "index"
    files = sorted(str(file) for file in path.rglob("*") if ".git" not in file.parts)
    refs = git_run("for-each-ref", cwd=path) + (path / ".git" / "HEAD").read_text()
    return index.read_bytes(), index.stat().st_mtime_ns, refs, "\n".join(files)


def make_conflict(repo: Path) -> None:
    """Stop a merge at a conflict in `train.py`."""
    git_run("checkout", "-qb", "side", cwd=repo)
    (repo / "train.py").write_text("side\n")
    git_run("commit", "-qam", "side", cwd=repo)
    git_run("checkout", "-q", "main", cwd=repo)
    (repo / "train.py").write_text("main\n")
    git_run("commit", "-qam", "main", cwd=repo)
    with contextlib.suppress(AssertionError):
        git_run("merge", "side", cwd=repo)
