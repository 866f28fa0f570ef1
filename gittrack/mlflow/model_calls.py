"""Logged models (MLflow 3): the calls of the tracking store. Each is a run of ours with an id `m-…`."""

from __future__ import annotations

import platform
import secrets
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils import validation
from mlflow.utils.name_utils import _generate_random_name

from gittrack.core.events import Deleted, ParamsLogged, TagsSet
from gittrack.core.ids import is_run_id
from gittrack.core.records import Run
from gittrack.core.text import dump_json, number_in, number_out
from gittrack.core.times import now_ms
from gittrack.mlflow import marks
from gittrack.mlflow.base import Part, check_active
from gittrack.mlflow.experiments import parse_id
from gittrack.mlflow.failures import MlflowException, bad_request, invalid, missing, translated
from gittrack.mlflow.reading import look
from gittrack.mlflow.view import Seen, params_of, read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_PENDING, _READY = 1, 2
_DEFAULT_RESULTS = 100


class ModelCalls(Part):
    """Logged models of the tracking store."""

    def create_logged_model(
        self,
        experiment_id: object,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Sequence[Any] | None = None,
        params: Sequence[Any] | None = None,
        model_type: str | None = None,
    ) -> Any:  # noqa: ANN401  of MLflow 3
        """Begin a model."""
        validation._validate_logged_model_name(name)  # noqa: SLF001  MLflow's stores share it
        known = self._experiment(experiment_id)
        check_active(known)
        now = now_ms()
        about = {"type": model_type, "source_run_id": source_run_id}
        run = Run(
            id=f"m-{secrets.token_hex(16)}",
            experiment=known.key,
            name=name or _generate_random_name(),
            start_time=now,
            host=platform.node() or None,
            parent_id=source_run_id if is_run_id(source_run_id) else None,
            params={one.key: one.value for one in params or ()},
            tags={
                **{one.key: str(one.value) for one in tags or ()},
                marks.MODEL: dump_json(about).decode(),
                marks.MODEL_STATE: _state(_PENDING, now),
            },
        )
        with translated():
            self.opened.writing.begin(run)
        return self._model_of(Seen(run, {}, live=True))

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  as MLflow has it
        """A model."""
        seen = self._model(model_id)
        if seen.deleted and not allow_deleted:
            raise _no_model(model_id)
        return self._model_of(seen)

    def finalize_logged_model(self, model_id: str, status: Any) -> Any:  # noqa: ANN401  of MLflow 3
        """Say that a model is whole, or failed."""
        number = status.to_int()
        seen = self._model(model_id)
        with translated():
            self._note(seen, {marks.MODEL_STATE: _state(number, now_ms())})
            if number != _PENDING and seen.run.end_time is None:
                self.opened.writing.end(model_id, "finished" if number == _READY else "failed", now_ms())
        return self._model_of(self._model(model_id))

    def delete_logged_model(self, model_id: str) -> None:
        """Hide a model."""
        seen = self._model(model_id)
        with translated():
            if seen.live and not (seen.run.end_time is not None and self.opened.writing.settle(model_id)):
                self._note(seen, {marks.HIDDEN: "1"})
            elif not seen.deleted:
                self.opened.store.edit([model_id], [Deleted()])

    def set_logged_model_tags(self, model_id: str, tags: Sequence[Any]) -> None:
        """Set tags of a model."""
        self._note(self._model(model_id), {one.key: str(one.value) for one in tags})

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a model."""
        seen = self._model(model_id)
        if key not in seen.run.tags or marks.is_mark(key):
            msg = f"No tag with key {key!r} found for model with ID {model_id!r}."
            raise missing(msg)
        with translated():
            if seen.live and seen.run.end_time is not None:
                self.opened.writing.settle(model_id)
            self._note(self._model(model_id), {key: None})

    def log_logged_model_params(self, model_id: str, params: Sequence[Any]) -> None:
        """Add params to a model."""
        self._model(model_id)
        with translated():
            self.opened.writing.open(model_id).event(ParamsLogged({one.key: one.value for one in params}))

    def search_logged_models(
        self,
        experiment_ids: Sequence[object],
        filter_string: str | None = None,
        datasets: list[dict[str, str]] | None = None,
        max_results: int | None = None,
        order_by: list[dict[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Any]:
        """Models by filter, in pages."""
        from mlflow.utils.search_utils import SearchLoggedModelsPaginationToken as Token
        from mlflow.utils.search_utils import SearchLoggedModelsUtils as Utils

        if datasets and not all(one.get("dataset_name") for one in datasets):
            msg = "`dataset_name` in the `datasets` clause must be specified."
            raise invalid(msg)
        offset = 0
        if page_token:
            token = Token.decode(page_token)
            token.validate(experiment_ids, filter_string, order_by)
            offset = token.offset
        most = max_results or _DEFAULT_RESULTS
        models = [self._model_of(seen) for seen in self._all_models(experiment_ids) if not seen.deleted]
        for one in models:
            one._metrics = one.metrics or []  # noqa: SLF001  MLflow's own search needs a list
        found = Utils.sort(Utils.filter_logged_models(models, filter_string, datasets), order_by)
        for one in found:
            one._metrics = one.metrics or None  # noqa: SLF001  as of a single one
        after = None
        if len(found) > offset + most:
            after = Token(
                offset=offset + most,
                experiment_ids=experiment_ids,
                filter_string=filter_string,
                order_by=order_by,
            ).encode()
        return PagedList(found[offset : offset + most], token=after)

    # ---- inside

    def _model(self, model_id: str) -> Seen:
        seen = look(self.opened.store, model_id) if marks.is_model_id(str(model_id)) else None
        if seen is None:
            raise _no_model(model_id)
        return seen

    def _all_models(self, experiment_ids: Sequence[object]) -> list[Seen]:
        store = self.opened.store
        found = []
        wanted = dict.fromkeys(str(parse_id(one)) for one in experiment_ids)
        for experiment_id in wanted:
            known = self.opened.experiments.all().get(experiment_id)
            if known is None:
                continue
            live = [
                one.id for one in store.live() if one.experiment == known.key and marks.is_model_id(one.id)
            ]
            seen = [one for run_id in live if (one := look(store, run_id)) is not None]
            store.index.refresh()
            where = f"r.experiment = ? AND r.run_id GLOB '{'m-' + '[0-9a-f]' * 32}'"
            done = [run for run in store.index.select(where, [known.key]) if run.id not in set(live)]
            found += [*seen, *(Seen(run, {}, live=False) for run in done)]
        return found

    def _note(self, seen: Seen, tags: dict[str, str | None]) -> None:
        run_id = seen.run.id
        with translated():
            if self.opened.store.is_live(run_id):
                self.opened.writing.open(run_id).event(TagsSet(tags))
            else:
                self.opened.store.edit([run_id], [TagsSet(tags)])

    def _log_model_metrics(self, run_id: str, metrics: Sequence[Any]) -> None:
        """Note metrics with the models that they are about."""
        for metric in metrics:
            if look(self.opened.store, metric.model_id) is None:
                msg = f"No logged model with ID '{metric.model_id}'"
                raise bad_request(msg)
            body = [
                metric.key,
                number_out(metric.value),
                int(metric.timestamp),
                int(metric.step),
                run_id,
                metric.dataset_name,
                metric.dataset_digest,
            ]
            text = dump_json(body).decode()
            one = self.opened.writing.open(metric.model_id)
            one.event(TagsSet({f"{marks.POINT}{secrets.token_hex(8)}": text}))

    def _model_of(self, seen: Seen) -> Any:  # noqa: ANN401  of MLflow 3
        from mlflow.entities import LoggedModel, LoggedModelParameter, LoggedModelTag
        from mlflow.utils.uri import append_to_uri_path

        run, about = seen.run, read_json(seen.run.tags.get(marks.MODEL))
        state = read_json(run.tags.get(marks.MODEL_STATE))
        experiment_id = self.opened.experiments.id_of_key(run.experiment)
        shown = {key: value for key, value in run.tags.items() if not marks.is_mark(key)}
        return LoggedModel(
            experiment_id=experiment_id,
            model_id=run.id,
            name=run.name,
            artifact_location=append_to_uri_path(
                self._location(experiment_id), "models", run.id, "artifacts"
            ),
            creation_timestamp=run.start_time,
            last_updated_timestamp=state.get("updated", run.start_time),
            model_type=about.get("type"),
            source_run_id=about.get("source_run_id"),
            status=state.get("status", _PENDING),
            tags=[LoggedModelTag(key, value) for key, value in shown.items()],
            params=[LoggedModelParameter(key, value) for key, value in params_of(run).items()],
            metrics=_metrics(run) or None,
        )


def _metrics(run: Run) -> list[Metric]:
    found: dict[tuple[Any, ...], Metric] = {}
    for key, text in run.tags.items():
        if key.startswith(marks.POINT):
            body = read_json(f'{{"point":{text}}}').get("point", [])
            name, value, time, step, run_id, dataset, digest = body
            metric = Metric(
                key=name,
                value=number_in(value),
                timestamp=time,
                step=step,
                model_id=run.id,
                dataset_name=dataset,
                dataset_digest=digest,
                run_id=run_id,
            )
            found[tuple(body)] = metric
    return list(found.values())


def _state(status: int, now: int) -> str:
    return dump_json({"status": status, "updated": now}).decode()


def _no_model(model_id: str) -> MlflowException:
    return missing(f"Logged model with ID '{model_id}' not found.")
