"""MLflow's project backend: `mlflow run URI -b gittrack` runs the project as `gittrack run URI` does.

`backend_config` may name one of gittrack's engines (`{"backend": "slurm", …}`) with what it is to be told.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from mlflow.entities import RunStatus
from mlflow.environment_variables import MLFLOW_EXPERIMENT_ID, MLFLOW_TRACKING_URI
from mlflow.projects.backend.abstract_backend import AbstractBackend
from mlflow.projects.submitted_run import SubmittedRun

from gittrack.core.errors import GitTrackError
from gittrack.launch.api import run_project
from gittrack.launch.projects.request import ProjectFailed
from gittrack.mlflow.failures import invalid, translated
from gittrack.mlflow.opened import opened
from gittrack.mlflow.uris import SCHEME, repository_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.launch.projects.request import ProjectRun

_MANAGERS = {"local": "local", "conda": "conda", "uv": "uv", "virtualenv": "uv"}
_OURS = frozenset({"backend"})


class Submitted(SubmittedRun):  # type: ignore[misc]  # MLflow has no types here
    """A project that runs in a thread.

    Args:
        work: runs it to its end.
    """

    def __init__(self, work: Callable[[], ProjectRun]) -> None:
        super().__init__()
        self._work = work
        self._run_id: str | None = None
        self._failure: GitTrackError | None = None
        self._thread = threading.Thread(target=self._go, name="gittrack-project")
        self._thread.start()

    @property
    def run_id(self) -> str | None:
        """The id of its run, known when it has ended."""
        self._thread.join()
        with translated():
            if self._failure is not None and self._run_id is None:
                raise self._failure
        return self._run_id

    def wait(self) -> bool:
        """Wait for its end; whether it succeeded."""
        self._thread.join()
        return self._failure is None

    def get_status(self) -> str:
        """MLflow's status."""
        if self._thread.is_alive():
            return str(RunStatus.to_string(RunStatus.RUNNING))
        return "FINISHED" if self._failure is None else "FAILED"

    def cancel(self) -> None:
        """Wait for its end: what a thread runs cannot be stopped from outside."""
        self._thread.join()

    def _go(self) -> None:
        try:
            self._run_id = self._work().run_id
        except ProjectFailed as error:
            self._run_id, self._failure = error.run_id, error
        except GitTrackError as error:
            self._failure = error


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
        """Begin to run an entry point of a project.

        Raises:
            MlflowException: runs do not go to a repository.
        """
        if not tracking_uri.startswith(f"{SCHEME}:"):
            msg = f"the backend gittrack needs a tracking URI gittrack:PATH, not {tracking_uri}"
            raise invalid(msg)
        MLFLOW_TRACKING_URI.set(tracking_uri)  # for the project's own calls of MLflow
        MLFLOW_EXPERIMENT_ID.set(str(experiment_id))
        config = {key: value for key, value in backend_config.items() if not key.isupper()}
        manager = _MANAGERS.get(str(backend_config.get("ENV_MANAGER")))
        engine = config.get("backend")
        told = {key: value for key, value in config.items() if key not in _OURS} if engine else {}
        key = opened(tracking_uri).experiments.get(experiment_id).key

        def work() -> ProjectRun:
            return run_project(
                project_uri,
                entry_point,
                params=dict(params),
                version=version,
                experiment=key,
                env_manager=manager,
                backend=engine,
                backend_config=told,
                repo=repository_of(tracking_uri),
                tags={"mlflow.project.backend": SCHEME},
            )

        return Submitted(work)


def backend() -> GitTrackBackend:
    """The backend, as MLflow's entry point makes it."""
    return GitTrackBackend()
