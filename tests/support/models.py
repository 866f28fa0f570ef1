"""A run in a real repository that made a model from committed data, as `gittrack run` would record it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.git import git_run
from tests.support.remotes import START

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gittrack.store.runs import RunStore

DATA = b"a,b,y\n0,1,0\n1,0,1\n"


def mlmodel(run_id: str) -> bytes:
    """The `MLmodel` of a model that is never loaded."""
    return (
        f"flavors:\n  python_function:\n    loader_module: somewhere\nrun_id: {run_id}\nartifact_path: clf\n"
        "utc_time_created: '2026-11-24 16:03:43.123456'\n"
    ).encode()


def made(store: RunStore, repo: Path, **changes: Any) -> Run:
    """Commit data, then a run that used it and made a model `clf` of two files.

    Args:
        store: of the repository.
        repo: its work tree.
        changes: of the run.
    """
    (repo / "train.csv").write_bytes(DATA)
    git_run("add", "train.csv", cwd=repo)
    git_run("commit", "-q", "--allow-empty", "-m", "data", cwd=repo)
    run_id = store.new_id()
    files = {"MLmodel": mlmodel(run_id), "weights.bin": b"weights"}
    members = [Member(name, *store.objects.put_bytes(data)) for name, data in files.items()]
    digest, _ = store.objects.put_bytes(encode(members))
    commit = store.git.resolve("HEAD")
    plain: dict[str, Any] = {
        "status": "finished",
        "start_time": START,
        "end_time": START + 90_500,
        "command": ("python", "train.py"),
        "user": "ada",
        "host": "desk",
        "source": Source(
            commit, snapshot=commit, branch="main", directory=".", remote="https://example.org/x.git"
        ),
        "params": {"C": 1.5},
        "metrics": {"acc": MetricSummary(0.5, 0, START, 0.5, 0.5, 1)},
        "inputs": (Input("train", "train.csv", hashlib.sha256(DATA).hexdigest(), len(DATA), kind="file"),),
        "artifacts": (Artifact("clf", digest, sum(map(len, files.values())), "directory"),),
    }
    run = Run(run_id, **(plain | changes))
    environment = {"python": {"version": "3.11.7"}, "packages": {"numpy": "2.4.6"}}
    branch.submit(store.git, Changes(f"gittrack: finished {run_id}", layout.run_files(run, [], environment)))
    return run
