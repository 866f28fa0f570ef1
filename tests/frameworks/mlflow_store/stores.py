"""The two stores that are compared."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from gittrack.mlflow.tracking import GitTrackStore


def repository(folder: Path) -> Path:
    """A new Git repository."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        subprocess.run(["git", "-C", str(folder), "config", key, value], check=True)
    return folder


def ours(folder: Path) -> GitTrackStore:
    """The store of a new repository."""
    return GitTrackStore(f"gittrack:{repository(folder)}", None)


def theirs(folder: Path) -> Any:
    """MLflow's store on a new SQLite file."""
    folder.mkdir(parents=True, exist_ok=True)
    return SqlAlchemyStore(f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri())
