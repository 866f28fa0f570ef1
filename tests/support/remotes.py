"""Remotes, clones of them, and runs to share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gittrack.core.records import Run
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from gittrack.store.plumbing.git import RUNS
from gittrack.store.runs import RunStore
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

START = 1_795_000_000_000


def make_remote(path: Path, *options: str) -> Path:
    """A bare repository with one commit of code on `main`."""
    source = make_repo(path.with_name(f"{path.name}.source"), *options)
    git_run("clone", "-q", "--bare", str(source), str(path), cwd=path.parent)
    return path


def clone(remote: Path, path: Path, *options: str) -> RunStore:
    """The store of a clone."""
    git_run("clone", "-q", *options, remote.as_uri(), str(path), cwd=remote.parent)
    return RunStore.open(path, start=path)


def record(store: RunStore, experiment: str = "default", snapshots: tuple[str, ...] = ()) -> str:
    """Commit a run; its id."""
    run = Run(store.new_id(), experiment=experiment, status="finished", start_time=START, end_time=START + 1)
    files = layout.run_files(run, [], None)
    branch.submit(store.git, Changes(f"gittrack: finished {run.id}", files, snapshots))
    return run.id


def snapshot(store: RunStore, content: str = "x", subject: str = "gittrack snapshot") -> str:
    """A commit on top of HEAD that no branch has, as a run makes it of uncommitted work; its oid."""
    blob = git_run("hash-object", "-w", "--stdin", stdin=content, cwd=where(store))
    tree = git_run("mktree", stdin=f"100644 blob {blob}\ttrain.py\n", cwd=where(store))
    return git_run("commit-tree", "-p", "HEAD", "-m", subject, tree, cwd=where(store))


def where(store: RunStore) -> Path:
    """The folder of the repository."""
    return store.git.place.work_tree or store.git.place.git_dir


def remote_runs(remote: Path, ref: str = RUNS) -> set[str]:
    """Ids of the runs on a branch of a remote."""
    if not remote_refs(remote, ref):
        return set()
    paths = git_run("ls-tree", "-r", "--name-only", ref, cwd=remote).splitlines()
    return {path.split("/")[4] for path in paths if path.endswith("/run.yaml")}


def remote_refs(remote: Path, prefix: str = "refs/") -> dict[str, str]:
    """Refs of a remote."""
    out = git_run("for-each-ref", "--format=%(refname) %(objectname)", prefix, cwd=remote)
    return dict(line.split(" ", 1) for line in out.splitlines())


def refuse(remote: Path, pattern: str, message: str = "not here", *, hook: str = "update") -> None:
    """Make a remote refuse refs that match a regular expression, with an `update` or `pre-receive` hook."""
    path = remote / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"#!{sys.executable}\nimport re, sys\n"
        + ("refs = [sys.argv[1]]\n" if hook == "update" else "refs = [l.split()[2] for l in sys.stdin]\n")
        + f"if any(re.search({pattern!r}, ref) for ref in refs):\n    sys.exit({message!r})\n"
    )
    path.chmod(0o755)
