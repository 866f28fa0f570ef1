"""MLflow's tracking store over a repository: `mlflow.set_tracking_uri("gittrack:PATH")`."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking.abstract_store import AbstractStore

from gittrack.mlflow.experiment_calls import ExperimentCalls
from gittrack.mlflow.failures import not_kept
from gittrack.mlflow.history_calls import HistoryCalls
from gittrack.mlflow.log_calls import LogCalls
from gittrack.mlflow.model_calls import ModelCalls
from gittrack.mlflow.opened import opened
from gittrack.mlflow.search import RunSearch

if TYPE_CHECKING:
    from collections.abc import Sequence


class GitTrackStore(ExperimentCalls, ModelCalls, LogCalls, HistoryCalls, AbstractStore):  # type: ignore[misc]  # MLflow has no types here
    """The tracking store of one repository; made by MLflow from its entry point.

    Args:
        store_uri: `gittrack:PATH`.
        artifact_uri: where artifacts go, None for the artifact store of the repository.

    Raises:
        MlflowException: there is no such repository.
    """

    def __init__(self, store_uri: str | None = None, artifact_uri: str | None = None) -> None:
        super().__init__()
        self.opened = opened(store_uri or "gittrack:.")
        self.artifact_root_uri = artifact_uri or self.opened.root
        self._search = RunSearch(self.opened)
        self._points = OrderedDict()

    def close(self) -> None:
        """Commit what can be, and let go of the repository."""
        self.opened.close()

    # ---- what a repository does not keep

    def start_trace(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, ARG002  as MLflow has it
        """Traces are not kept."""
        what = "traces"
        raise not_kept(what)

    log_spans = start_trace
    deprecated_start_trace_v2 = start_trace

    def search_traces(self, *args: Any, **kwargs: Any) -> tuple[list[Any], str | None]:  # noqa: ANN401, ARG002  as MLflow has it
        """There are no traces."""
        return [], None

    def link_traces_to_run(self, trace_ids: Sequence[str], run_id: str) -> None:
        """There are no traces to link."""

    def list_scorers(self, experiment_id: str) -> list[Any]:  # noqa: ARG002  as MLflow has it
        """There are no scorers."""
        return []

    def search_datasets(self, *args: Any, **kwargs: Any) -> PagedList[Any]:  # noqa: ANN401, ARG002  as MLflow has it
        """There are no evaluation datasets."""
        return PagedList([], None)
