"""MLflow with gittrack's entry points, which come from `pyproject.toml`: gittrack is not installed here."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]


def entry_points(folder: Path) -> None:
    """Write what an installer would write, so that MLflow finds the plug-in."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    info = folder / "gittrack-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gittrack\nVersion: 0\n")
    lines = []
    for group, names in groups.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in names.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


_FOLDER = tempfile.TemporaryDirectory(prefix="gittrack-entry-points-")
entry_points(Path(_FOLDER.name))
sys.path.insert(0, _FOLDER.name)
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_UPDATE_CHECK"] = "false"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """MLflow warns of much that is not ours to change; what we warn of is an error as everywhere."""
    for item in items:
        if "mlflow_store" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings("error::gittrack.core.errors.GitTrackWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::Warning"))


@pytest.fixture
def children() -> dict[str, str]:
    """The environment of programs that use MLflow with the plug-in."""
    path = os.pathsep.join([_FOLDER.name, str(ROOT)])
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PATH": tools}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new Git repository with one commit."""
    path = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        subprocess.run(["git", "-C", str(path), "config", key, value], check=True)
    subprocess.run(["git", "-C", str(path), "commit", "-q", "--allow-empty", "-m", "start"], check=True)
    return path


@pytest.fixture
def store(folder: Path) -> Iterator[Any]:
    """The tracking store of a new repository."""
    from gittrack.mlflow.tracking import GitTrackStore

    made = GitTrackStore(f"gittrack:{folder}", None)
    yield made
    made.close()


@pytest.fixture
def mlflow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow, sent to a new repository."""
    import mlflow

    from gittrack.mlflow.opened import opened

    monkeypatch.chdir(folder)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    mlflow.set_tracking_uri(f"gittrack:{folder}")
    mlflow.set_registry_uri(None)
    yield mlflow
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID"):  # MLflow sets them itself
        os.environ.pop(name, None)
    from mlflow.tracking import fluent

    fluent._active_experiment_id = None
    opened(f"gittrack:{folder}").close()
