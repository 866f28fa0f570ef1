"""Logging: params, metrics, tags, datasets."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.utils import validation

from gittrack.core.events import InputLogged, ParamsLogged, TagsSet
from gittrack.core.records import Input
from gittrack.core.text import dump_json
from gittrack.mlflow import marks
from gittrack.mlflow.failures import invalid, missing, translated
from gittrack.mlflow.run_calls import RunCalls
from gittrack.mlflow.view import params_of, read_json, tags_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.mlflow.open_run import Open

_NAME = "mlflow.runName"
_MODELS = "mlflow.log-model.history"


class LogCalls(RunCalls):
    """What is logged to runs."""

    def log_metric(self, run_id: str, metric: Metric) -> None:
        """Log one point."""
        _check_metric(metric, "")
        if getattr(metric, "model_id", None) is not None:
            self._writable(run_id)
            self._log_model_metrics(run_id, [metric])
        one = self._writable(run_id)
        with translated():
            one.point(metric.key, metric.value, int(metric.step), int(metric.timestamp))

    def log_param(self, run_id: str, param: Param) -> None:
        """Log a param; one that is there keeps its value."""
        param = validation._validate_param(param.key, param.value) or param  # noqa: SLF001  MLflow's stores share it
        one = self._writable(run_id)
        with one.lock:
            known = self._params(one)
            old = known.get(param.key)
            if old is not None and old != param.value:
                msg = (
                    f"Changing param values is not allowed. Param with key='{param.key}' was already logged "
                    f"with value='{old}' for run ID='{run_id}'. Attempted logging new value '{param.value}'."
                )
                raise invalid(msg)
            if old is None:
                self._add_params(one, {param.key: str(param.value)})

    def set_tag(self, run_id: str, tag: RunTag) -> None:
        """Set a tag."""
        tag = validation._validate_tag(tag.key, tag.value) or tag  # noqa: SLF001  MLflow's stores share it
        self._active(run_id) if self.opened.writing.find(run_id) is None else self._writable(run_id)
        with translated():
            self._set_tags(run_id, [tag])

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        seen = self._active(run_id)
        if key not in tags_of(seen.run):
            msg = f"No tag with name: {key} in run with id {run_id}"
            raise missing(msg)
        with translated():
            if seen.live and seen.run.end_time is not None:
                self.opened.writing.settle(run_id)
            self._set(run_id, {key: None})

    def log_batch(
        self, run_id: str, metrics: Sequence[Metric], params: Sequence[Param], tags: Sequence[RunTag]
    ) -> None:
        """Log several things at once."""
        validation._validate_run_id(run_id)  # noqa: SLF001  MLflow's stores share these
        given = validation._validate_batch_log_data(metrics, params, tags)  # noqa: SLF001  the same
        metrics, params, tags = given or (metrics, params, tags)
        validation._validate_batch_log_limits(metrics, params, tags)  # noqa: SLF001  the same
        validation._validate_param_keys_unique(params)  # noqa: SLF001  the same
        self._active(run_id) if self.opened.writing.find(run_id) is None else self._writable(run_id)
        with translated():
            self._log_params(run_id, params)
            self._log_metrics(run_id, metrics)
            self._set_tags(run_id, tags)

    def log_inputs(
        self, run_id: str, datasets: list[Any] | None = None, models: list[Any] | None = None
    ) -> None:
        """Log datasets and models that a run uses."""
        validation._validate_run_id(run_id)  # noqa: SLF001  MLflow's stores share these
        if datasets is not None:
            if not isinstance(datasets, list):
                msg = f"Argument 'datasets' should be a list, got '{type(datasets)}'"
                raise TypeError(msg)
            validation._validate_dataset_inputs(datasets)  # noqa: SLF001  the same
        seen = self._active(run_id)
        one = self._writable(run_id)
        with translated():
            known = {key for key in seen.run.tags if key.startswith(marks.DATASET)}
            names = {used.name for used in seen.run.inputs}
            for given in datasets or ():
                key = _dataset_key(given.dataset)
                if key not in known:
                    known.add(key)
                    one.event(TagsSet({key: _dataset_text(given)}))
                    one.event(InputLogged(_input(given, names)))
            for model in models or ():
                one.event(TagsSet({f"{marks.MODEL_INPUT}{model.model_id}": "1"}))

    def log_outputs(self, run_id: str, models: list[Any]) -> None:
        """Log models that a run made."""
        one = self._writable(run_id)
        for model in models:
            one.event(TagsSet({f"{marks.MODEL_OUTPUT}{model.model_id}": str(model.step)}))

    def record_logged_model(self, run_id: str, mlflow_model: Any) -> None:  # noqa: ANN401  of mlflow.models
        """Note a model in the run's history of them."""
        from mlflow.models import Model

        if not isinstance(mlflow_model, Model):
            msg = f"Argument 'mlflow_model' should be mlflow.models.Model, got '{type(mlflow_model)}'"
            raise TypeError(msg)
        described = getattr(mlflow_model, "get_tags_dict", mlflow_model.to_dict)()
        earlier = tags_of(self._active(run_id).run).get(_MODELS)
        value = json.dumps([*(json.loads(earlier) if earlier else []), described])
        self.set_tag(run_id, RunTag(_MODELS, value))

    # ---- inside

    def _params(self, one: Open) -> dict[str, str]:
        """The params of a run; read again where other processes write to it."""
        if not one.alone or len(list(one.journal.directory.glob("*.jsonl"))) > 1:
            one.params = params_of(self._seen(one.run_id).run)
        return one.params

    def _add_params(self, one: Open, params: dict[str, str]) -> None:
        with translated():
            one.event(ParamsLogged(params))
        one.params |= params

    def _log_params(self, run_id: str, params: Sequence[Param]) -> None:
        if not params:
            return
        one = self._writable(run_id)
        with one.lock:
            known = self._params(one)
            other = [
                {"key": it.key, "old_value": known[it.key], "new_value": it.value}
                for it in params
                if it.key in known and known[it.key] != it.value
            ]
            if other:
                msg = (
                    f"Changing param values is not allowed. Params were already logged='{other}' for run "
                    f"ID='{run_id}'."
                )
                raise invalid(msg)
            fresh = {it.key: str(it.value) for it in params if it.key not in known}
            if fresh:
                self._add_params(one, fresh)

    def _log_metrics(self, run_id: str, metrics: Sequence[Metric]) -> None:
        if not metrics:
            return
        single = len(metrics) == 1
        for index, metric in enumerate(metrics):
            _check_metric(metric, "" if single else f"metrics[{index}]")
        one = self._writable(run_id)
        done = set()
        for metric in metrics:
            point = (metric.key, metric.value, int(metric.timestamp), int(metric.step))
            if point not in done:
                done.add(point)
                one.point(point[0], point[1], point[3], point[2])
        self._log_model_metrics(run_id, [it for it in metrics if getattr(it, "model_id", None) is not None])

    def _set_tags(self, run_id: str, tags: Sequence[RunTag]) -> None:
        if not tags:
            return
        named: dict[str, str | None] = {}
        for index, tag in enumerate(tags):
            checked = validation._validate_tag(tag.key, tag.value, f"tags[{index}]") or tag  # noqa: SLF001  shared
            named[checked.key] = str(checked.value)
        reserved = [key for key in named if marks.is_mark(key)]
        if reserved:
            msg = f"Tags that begin with {marks.PREFIX} are gittrack's own: {reserved[0]}"
            raise invalid(msg)
        self._set(run_id, named, name=named.get(_NAME))

    def _log_model_metrics(self, run_id: str, metrics: Sequence[Metric]) -> None:
        raise NotImplementedError


def _check_metric(metric: Metric, path: str) -> None:
    try:
        validation._validate_metric(metric.key, metric.value, metric.timestamp, metric.step, path)  # noqa: SLF001  shared
    except TypeError:  # before MLflow 2.13 there was no path
        validation._validate_metric(metric.key, metric.value, metric.timestamp, metric.step)  # noqa: SLF001  the same


def _dataset_key(dataset: Any) -> str:  # noqa: ANN401  of MLflow
    name = hashlib.sha256(f"{dataset.name}\0{dataset.digest}".encode()).hexdigest()[:20]
    return f"{marks.DATASET}{name}"


def _dataset_text(given: Any) -> str:  # noqa: ANN401  of MLflow
    dataset = given.dataset
    body = {
        name: getattr(dataset, name)
        for name in ("name", "digest", "source_type", "source", "schema", "profile")
    }
    return dump_json({**body, "tags": [[tag.key, tag.value] for tag in given.tags]}).decode()


def _input(given: Any, names: set[str]) -> Input:  # noqa: ANN401  of MLflow
    """The dataset as an input of ours."""
    dataset = given.dataset
    name = dataset.name if dataset.name not in names else f"{dataset.name} {dataset.digest}"
    names.add(name)
    source = read_json(dataset.source)
    uri = next(
        (source[key] for key in ("uri", "url", "path", "table_name") if isinstance(source.get(key), str)), ""
    )
    context = next((tag.value for tag in given.tags if tag.key == "mlflow.data.context"), None)
    return Input(
        name,
        uri or dataset.source_type or name,
        version=f"digest {dataset.digest}",
        kind="dataset",
        context=context,
    )
