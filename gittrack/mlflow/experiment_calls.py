"""Experiments: the calls of MLflow's tracking store."""

from __future__ import annotations

import contextlib
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mlflow.entities import Experiment, ExperimentTag, LifecycleStage, ViewType
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils import validation
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchUtils
from mlflow.utils.uri import resolve_uri_if_local

from gittrack.core.events import Deleted, Restored, TagsSet
from gittrack.mlflow import marks
from gittrack.mlflow.base import Part, check_active, check_max_results
from gittrack.mlflow.experiments import parse_id
from gittrack.mlflow.failures import exists, invalid, missing, translated, wrong_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.mlflow.experiment_files import Known

_FIELDS = {"name": "name", "creation_time": "created", "last_update_time": "updated"}
_TAKEN = ("IS NULL", "IS NOT NULL")


class ExperimentCalls(Part):
    """Experiments of the tracking store."""

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Sequence[ExperimentTag] | None = None
    ) -> str:
        """Make an experiment; its id."""
        validation._validate_experiment_name(name)  # noqa: SLF001  MLflow's stores share these
        if artifact_location:
            artifact_location = resolve_uri_if_local(artifact_location)
            with contextlib.suppress(AttributeError):  # before MLflow 2.9
                validation._validate_experiment_artifact_location_length(artifact_location)  # noqa: SLF001  the same
        for tag in tags or ():
            validation._validate_experiment_tag(tag.key, tag.value)  # noqa: SLF001  the same
        with translated():
            named = {tag.key: str(tag.value) for tag in tags or ()}
            if len(named) < len(tags or ()):  # a database refuses it with these words
                msg = f"Experiment(name={name}) already exists."
                raise exists(msg)
            return self.opened.experiments.create(name, artifact_location, named)

    def get_experiment(self, experiment_id: object) -> Experiment:
        """An experiment, deleted ones too."""
        return self._entity(self._experiment(experiment_id))

    def get_experiment_by_name(self, experiment_name: str) -> Experiment | None:
        """The experiment of a name, deleted ones too; None without one."""
        known = self.opened.experiments.by_name(experiment_name)
        return None if known is None else self._entity(known)

    def delete_experiment(self, experiment_id: object) -> None:
        """Hide an experiment with its runs."""
        known = self._staged(experiment_id, deleted=False)
        with translated():
            self.opened.experiments.delete(known)
            self._mark_runs(known, deleted=True)

    def restore_experiment(self, experiment_id: object) -> None:
        """Show an experiment and its runs again."""
        known = self._staged(experiment_id, deleted=True)
        with translated():
            self.opened.experiments.restore(known)
            self._mark_runs(known, deleted=False)

    def rename_experiment(self, experiment_id: object, new_name: str) -> None:
        """Give an experiment another name."""
        validation._validate_experiment_name(new_name)  # noqa: SLF001  MLflow's stores share these
        known = self._experiment(experiment_id)
        if known.deleted:
            msg = "Cannot rename a non-active experiment."
            raise wrong_state(msg)
        self.opened.experiments.rename(known, new_name)

    def set_experiment_tag(self, experiment_id: object, tag: ExperimentTag) -> None:
        """Set a tag of an experiment."""
        validation._validate_experiment_tag(tag.key, tag.value)  # noqa: SLF001  MLflow's stores share these
        known = self._experiment(experiment_id)
        check_active(known)
        self.opened.experiments.tag(known, {tag.key: str(tag.value)})

    def delete_experiment_tag(self, experiment_id: object, key: str) -> None:
        """Remove a tag of an experiment."""
        known = self._experiment(experiment_id)
        check_active(known)
        if key not in known.tags:
            msg = f"No tag with name: {key} in experiment with id {experiment_id}"
            raise missing(msg)
        self.opened.experiments.tag(known, {key: None})

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str | None = None,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Experiments by filter, in pages."""
        check_max_results(max_results)
        clauses = [_checked(one) for one in SearchExperimentsUtils.parse_search_filter(filter_string)]
        orders = _orders(order_by)
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        stages = LifecycleStage.view_type_to_stages(view_type)
        found = [
            one
            for one in self.opened.experiments.all().values()
            if ("deleted" if one.deleted else "active") in stages and all(_matches(one, it) for it in clauses)
        ]
        for key, ascending in reversed(orders):
            found.sort(
                key=_number if key == "experiment_id" else attrgetter(_FIELDS[key]), reverse=not ascending
            )
        page = found[offset : offset + max_results]
        more = len(found) > offset + max_results
        token = SearchExperimentsUtils.create_page_token(offset + max_results) if more else None
        return PagedList([self._entity(one) for one in page], token)

    # ---- inside

    def _entity(self, known: Known) -> Experiment:
        return Experiment(
            experiment_id=known.id,
            name=known.name,
            artifact_location=self.opened.location(known.id, self.artifact_root_uri),
            lifecycle_stage="deleted" if known.deleted else "active",
            tags=[ExperimentTag(key, value) for key, value in known.tags.items()],
            creation_time=known.created,
            last_update_time=known.updated,
        )

    def _staged(self, experiment_id: object, *, deleted: bool) -> Known:
        known = self._experiment(experiment_id)
        if known.deleted != deleted:
            msg = f"No Experiment with id={parse_id(experiment_id)} exists"
            raise missing(msg)
        return known

    def _mark_runs(self, known: Known, *, deleted: bool) -> None:
        store = self.opened.store
        for run in store.live():
            if run.experiment != known.key or marks.is_model_id(run.id):
                continue
            if run.end_time is None or not self.opened.writing.settle(run.id):
                self._mark_live(run.id, deleted=deleted)
        store.index.refresh()
        rows = store.index.query(
            "SELECT run_id FROM run WHERE experiment = ? AND deleted = ?", (known.key, int(not deleted))
        )
        ids = [run_id for (run_id,) in rows if not store.is_live(run_id) and not marks.is_model_id(run_id)]
        if ids:
            store.edit(ids, [Deleted() if deleted else Restored(), TagsSet({marks.HIDDEN: None})])

    def _mark_live(self, run_id: str, *, deleted: bool) -> None:
        one = self.opened.writing.open(run_id)
        one.event(TagsSet({marks.HIDDEN: "1" if deleted else "0"}))
        self.opened.writing.changed(run_id)


def _orders(order_by: list[str] | None) -> list[tuple[str, bool]]:
    orders = []
    for one in order_by or ["creation_time DESC", "experiment_id ASC"]:
        kind, key, ascending = SearchExperimentsUtils.parse_order_by_for_search_experiments(one)
        if kind != "attribute":
            msg = f"Invalid order_by entity: {kind}"
            raise invalid(msg)
        orders.append((key, ascending))
    if "experiment_id" not in dict(orders):
        orders.append(("experiment_id", False))
    return orders


def _number(known: Known) -> int:
    return int(known.id)


def _checked(clause: dict[str, Any]) -> dict[str, Any]:
    """A clause whose operator goes with what it is about; values as numbers where that is one."""
    kind, key, comparator, value = (clause[name] for name in ("type", "key", "comparator", "value"))
    if kind == "tag":
        if comparator not in ("=", "!=", "LIKE", "ILIKE", *_TAKEN):
            msg = f"Invalid comparator for tag: {comparator}"
            raise invalid(msg)
        return clause
    if kind != "attribute":
        msg = f"Invalid token type: {kind}"
        raise invalid(msg)
    if key == "experiment_id":
        return {**clause, "value": _ids(comparator, value)}
    if SearchExperimentsUtils.is_numeric_attribute(kind, key, comparator):
        return {**clause, "value": _time(key, comparator, value)}
    SearchExperimentsUtils.is_string_attribute(kind, key, comparator)  # says so itself
    if comparator not in ("=", "!=", "LIKE", "ILIKE"):
        msg = f"Invalid comparator for string attribute: {comparator}"
        raise invalid(msg)
    return clause


def _ids(comparator: str, value: Any) -> Any:  # noqa: ANN401  text, or a tuple of it
    if comparator not in ("=", "!=", "IN", "NOT IN"):
        msg = f"Invalid comparator for experiment_id: {comparator}"
        raise invalid(msg)
    return tuple(parse_id(one) for one in value) if isinstance(value, tuple) else parse_id(value)


def _time(key: str, comparator: str, value: Any) -> int:  # noqa: ANN401  what the filter says
    if comparator not in ("=", "!=", "<", "<=", ">", ">="):
        msg = f"Invalid comparator for numeric attribute: {comparator}"
        raise invalid(msg)
    if isinstance(value, float) or not re.fullmatch(r"-?\d+", str(value)):
        msg = f"Invalid value for numeric attribute '{key}': {str(value)!r}"
        raise invalid(msg)
    return int(value)


def _matches(known: Known, clause: dict[str, Any]) -> bool:
    key, comparator = clause["key"], clause["comparator"]
    if clause["type"] == "tag":
        value: Any = known.tags.get(key)
        if comparator in _TAKEN:
            return bool((value is None) == (comparator == "IS NULL"))
        if value is None:
            return False
    else:
        value = _number(known) if key == "experiment_id" else getattr(known, _FIELDS[key])
    return bool(SearchUtils.get_comparison_func(comparator)(value, clause["value"]))
