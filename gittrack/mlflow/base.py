"""What the parts of the tracking store have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.mlflow.failures import MlflowException, invalid, no_run
from gittrack.mlflow.marks import is_model_id
from gittrack.mlflow.reading import need

if TYPE_CHECKING:
    from gittrack.mlflow.experiment_files import Known
    from gittrack.mlflow.open_run import Open
    from gittrack.mlflow.opened import Opened
    from gittrack.mlflow.search import RunSearch
    from gittrack.mlflow.view import Seen

THRESHOLD = 50000  # results of one page, as MLflow has it


class Part:
    """A part of the tracking store.

    Attributes:
        opened: the repository.
        artifact_root_uri: where artifacts go unless an experiment says otherwise.
    """

    opened: Opened
    artifact_root_uri: str
    _search: RunSearch

    def _experiment(self, experiment_id: object) -> Known:
        return self.opened.experiments.get(experiment_id)

    def _seen(self, run_id: Any) -> Seen:  # noqa: ANN401  whatever came
        """A run; a logged model is none.

        Raises:
            MlflowException: there is none.
        """
        if not isinstance(run_id, str) or is_model_id(run_id):
            raise no_run(run_id)
        return need(self.opened.store, run_id)

    def _active(self, run_id: str) -> Seen:
        """A run that is not deleted.

        Raises:
            MlflowException: there is none, or it is.
        """
        seen = self._seen(run_id)
        if seen.deleted:
            raise _not_active(run_id)
        return seen

    def _writable(self, run_id: str) -> Open:
        """A run that is not deleted, open to be written to.

        Raises:
            MlflowException: there is none, or it is.
        """
        one = self.opened.writing.find(run_id)
        if one is None:
            self._active(run_id)
            one = self.opened.writing.open(run_id)
        if one.deleted:
            raise _not_active(run_id)
        return one

    def _artifact_uri(self, run_id: str, key: str) -> str:
        from mlflow.utils.uri import append_to_uri_path

        location = self._location(self.opened.experiments.id_of_key(key))
        return str(append_to_uri_path(location, run_id, "artifacts"))

    def _location(self, experiment_id: object) -> str:
        return self.opened.location(str(experiment_id), self.artifact_root_uri)


def _not_active(run_id: str) -> MlflowException:
    return invalid(f"The run {run_id} must be in the 'active' state. Current state is deleted.")


def check_active(known: Known) -> None:
    """Raise if an experiment is deleted."""
    if known.deleted:
        msg = f"The experiment {known.id} must be in the 'active' state. Current state is deleted."
        raise invalid(msg)


def check_max_results(max_results: Any, *, none: bool = False) -> None:  # noqa: ANN401  whatever came
    """Raise for a number of results that cannot be."""
    if (max_results is None and not none) or (max_results is not None and max_results < 1):
        msg = (
            f"Invalid value {max_results} for parameter 'max_results' supplied. It must be a positive integer"
        )
        raise invalid(msg)
    if max_results is not None and max_results > THRESHOLD:
        msg = (
            f"Invalid value {max_results} for parameter 'max_results' supplied. "
            f"It must be at most {THRESHOLD}"
        )
        raise invalid(msg)
