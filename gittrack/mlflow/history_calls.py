"""Points of metrics: the calls of MLflow's tracking store that read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from mlflow.entities import Metric
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchUtils

from gittrack.core.errors import GitTrackError, RunNotFound
from gittrack.mlflow.base import Part
from gittrack.mlflow.failures import invalid
from gittrack.mlflow.marks import is_model_id
from gittrack.mlflow.view import datasets_of

if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Iterable, Sequence

_KEPT = 64  # committed runs whose points are remembered
_NAN = math.nan  # one object: equal to itself in a tuple
_MOST = 1000  # datasets that a page of MLflow's UI offers


class Point(NamedTuple):
    """One point, and how a database compares it: NaN is 0 with a flag."""

    time: int
    step: int
    value: float
    shown: float


class HistoryCalls(Part):
    """Points of runs in the tracking store."""

    _points: OrderedDict[tuple[str, int], dict[str, list[Point]]]

    def get_metric_history(
        self, run_id: str, metric_key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        """All points of a metric, by time, step and value."""
        points = sorted(self._history(run_id, metric_key), key=lambda one: one[:3])
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        page = points[offset:] if max_results is None else points[offset : offset + max_results]
        more = max_results is not None and len(points) > offset + max_results
        token = SearchUtils.create_page_token(offset + (max_results or 0)) if more else None
        return PagedList([_metric(metric_key, one) for one in page], token)

    def get_metric_history_bulk(self, run_ids: Sequence[str], metric_key: str, max_results: int) -> list[Any]:
        """Points of a metric of several runs, by run, time, step and value."""
        found = [
            _with_run(run_id, metric_key, one)
            for run_id in sorted(run_ids)
            for one in sorted(self._history(run_id, metric_key), key=lambda it: it[:3])
        ]
        return found[:max_results]

    def get_max_step_for_metric(self, run_id: str, metric_key: str) -> int:
        """The largest step, 0 without any."""
        return max((one.step for one in self._history(run_id, metric_key)), default=0)

    def get_metric_history_bulk_interval_from_steps(
        self, run_id: str, metric_key: str, steps: Sequence[int], max_results: int
    ) -> list[Any]:
        """The points at some steps, by step, time and value."""
        wanted = set(steps)
        points = [one for one in self._history(run_id, metric_key) if one.step in wanted]
        points.sort(key=_by_step)
        return [_with_run(run_id, metric_key, one) for one in points[:max_results]]

    def get_metric_history_bulk_interval(
        self,
        run_ids: Sequence[str],
        metric_key: str,
        max_results: int,
        start_step: int | None,
        end_step: int | None,
    ) -> list[Any]:
        """Points of several runs, evenly chosen from all of each run, its first and last among them."""
        if (start_step is None) != (end_step is None):
            msg = "Both start_step and end_step must be specified together, or neither may be specified."
            raise invalid(msg)
        found = []
        for run_id in run_ids:
            points = [
                one
                for one in self._history(run_id, metric_key)
                if start_step is None or end_step is None or start_step <= one.step <= end_step
            ]
            points.sort(key=_by_step)
            found += [_with_run(run_id, metric_key, one) for one in sampled(points, max(1, max_results))]
        return found

    def _search_datasets(self, experiment_ids: Sequence[str]) -> list[Any]:
        """The datasets of the runs of some experiments."""
        from mlflow.entities import _DatasetSummary

        found: dict[tuple[str, str, str, str | None], None] = {}
        for experiment_id in experiment_ids:
            key = self._experiment(experiment_id).key
            where = "r.experiment = ? AND r.id IN (SELECT id FROM body WHERE instr(tags, ?))"
            self.opened.store.index.refresh()
            runs = self.opened.store.index.select(where, [key, b"gittrack.mlflow.dataset."])
            for run in [*runs, *(one for one in self.opened.store.live() if one.experiment == key)]:
                for given in datasets_of(run.tags):
                    contexts = [tag.value for tag in given.tags if tag.key == "mlflow.data.context"]
                    for context in contexts or [None]:
                        found[str(experiment_id), given.dataset.name, given.dataset.digest, context] = None
        return [_DatasetSummary(*one) for one in found][:_MOST]

    # ---- inside

    def _history(self, run_id: Any, key: str) -> Iterable[Point]:  # noqa: ANN401  whatever came
        """The points of a metric, each once."""
        store = self.opened.store
        if not isinstance(run_id, str) or is_model_id(run_id):
            return []
        try:
            if store.is_live(run_id):
                return _points(store.series(run_id)).get(key, [])
            store.index.refresh()
            run = store.index.get(run_id)
            if run is None:
                return []
            where = run_id, run.attempt
            if where not in self._points:
                self._points[where] = _points(store.series(run_id))
                while len(self._points) > _KEPT:
                    self._points.popitem(last=False)
            return self._points[where].get(key, [])
        except (RunNotFound, GitTrackError):
            return []


def sampled(points: list[Point], count: int) -> list[Point]:
    """The first of each of `count` equal groups (as SQL's `NTILE` makes them), and the last of all."""
    size, larger = divmod(len(points), count)
    starts = [index * size + min(index, larger) for index in range(min(count, len(points)))]
    chosen = [points[start] for start in starts]
    if points and (not chosen or chosen[-1] != points[-1]):
        chosen = [*chosen[: count - 1], points[-1]] if len(chosen) >= count else [*chosen, points[-1]]
    return chosen


def _points(series: Iterable[Any]) -> dict[str, list[Point]]:
    found: dict[str, dict[Point, None]] = {}
    for one in series:
        points = found.setdefault(one.key, {})
        for step, value, time in zip(one.steps, one.values, one.times, strict=True):
            known = Point(time, step, 0.0, _NAN) if math.isnan(value) else Point(time, step, value, value)
            points[known] = None
    return {key: list(points) for key, points in found.items()}


def _by_step(point: Point) -> tuple[int, int, float, bool]:
    return point.step, point.time, point.value, math.isnan(point.shown)


def _metric(key: str, point: Point) -> Metric:
    return Metric(key, point.shown, point.time, point.step)


def _with_run(run_id: str, key: str, point: Point) -> Any:  # noqa: ANN401  of MLflow
    from mlflow.entities.metric import MetricWithRunId

    return MetricWithRunId(run_id=run_id, metric=_metric(key, point))
