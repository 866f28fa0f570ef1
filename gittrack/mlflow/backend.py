"""MLflow's project backend: `mlflow run URI -b gittrack` runs the project as `gittrack run URI` does.

`backend_config` may name one of gittrack's engines (`{"backend": "slurm", …}`) with what it is to be told.
MLflow asks for the run at once and has no other way to learn of a failure, so the call lasts as long as
the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow.environment_variables import MLFLOW_EXPERIMENT_ID, MLFLOW_TRACKING_URI
from mlflow.exceptions import ExecutionException
from mlflow.projects.backend.abstract_backend import AbstractBackend
from mlflow.projects.submitted_run import SubmittedRun
from mlflow.projects.utils import PROJECT_ENV_MANAGER

from gittrack.launch.api import run_project
from gittrack.launch.projects.request import ProjectFailed
from gittrack.mlflow.failures import invalid, translated
from gittrack.mlflow.opened import opened
from gittrack.mlflow.uris import SCHEME, repository_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MANAGERS = {"local": "local", "conda": "conda", "uv": "uv", "virtualenv": "uv"}
_MLFLOWS = frozenset({"build_image", "docker_auth"})  # what MLflow adds besides names in capitals


class Submitted(SubmittedRun):  # type: ignore[misc]  # MLflow has no types here
    """A project that has run.

    Args:
        run_id: of its run.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id

    @property
    def run_id(self) -> str:
        """The id of its run."""
        return self._run_id

    def wait(self) -> bool:
        """Whether it succeeded."""
        return True

    def get_status(self) -> str:
        """MLflow's status."""
        return "FINISHED"

    def cancel(self) -> None:
        """It is over."""


class GitTrackBackend(AbstractBackend):  # type: ignore[misc]  # MLflow has no types here
    """Runs projects."""

    def run(
        self,
        project_uri: str,
        entry_point: str,
        params: Mapping[str, Any],
        version: str | None,
        backend_config: Mapping[str, Any],
        tracking_uri: str,
        experiment_id: object,
    ) -> Submitted:
        """Run an entry point of a project to its end.

        Raises:
            MlflowException: runs do not go to a repository, or the project cannot be run.
            ExecutionException: its command failed.
        """
        if not tracking_uri.startswith(f"{SCHEME}:"):
            msg = f"the backend gittrack needs a tracking URI gittrack:PATH, not {tracking_uri}"
            raise invalid(msg)
        MLFLOW_TRACKING_URI.set(tracking_uri)  # for the project's own calls of MLflow
        MLFLOW_EXPERIMENT_ID.set(str(experiment_id))
        told = {key: one for key, one in backend_config.items() if not key.isupper() and key not in _MLFLOWS}
        try:
            with translated():
                done = run_project(
                    project_uri,
                    entry_point,
                    params=dict(params),
                    version=version,
                    experiment=opened(tracking_uri).experiments.get(experiment_id).key,
                    env_manager=_MANAGERS.get(str(backend_config.get(PROJECT_ENV_MANAGER))),
                    backend=told.pop("backend", None),
                    backend_config=told,
                    repo=repository_of(tracking_uri),
                    tags={"mlflow.project.backend": SCHEME},
                )
        except Exception as error:
            if isinstance(error.__cause__, ProjectFailed):
                msg = f"Run (ID '{error.__cause__.run_id}') failed: {error.__cause__.message}"
                raise ExecutionException(msg) from error
            raise
        return Submitted(done.run_id)


def backend() -> GitTrackBackend:
    """The backend, as MLflow's entry point makes it."""
    return GitTrackBackend()
