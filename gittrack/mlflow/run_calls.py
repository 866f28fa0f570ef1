"""Runs: the calls of MLflow's tracking store that make, find and change them."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from mlflow.entities import LifecycleStage, RunStatus
from mlflow.utils.name_utils import _generate_random_name
from mlflow.utils.search_utils import SearchUtils

from gittrack.core.events import Deleted, Renamed, Restored, TagsSet
from gittrack.core.ids import is_run_id
from gittrack.core.records import Run
from gittrack.core.text import dump_json
from gittrack.core.times import now_ms
from gittrack.mlflow import marks
from gittrack.mlflow.base import Part, check_active, check_max_results
from gittrack.mlflow.experiments import parse_id
from gittrack.mlflow.failures import invalid, translated
from gittrack.mlflow.search import checked, parsed_orders
from gittrack.mlflow.view import Seen, entity, read_json, run_info, status_of
from gittrack.tracking.surroundings import enclosing_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow.entities import Run as MlflowRun
    from mlflow.entities import RunInfo, RunTag

    from gittrack.core.records import Status

_NAME = "mlflow.runName"
_PARENT = "mlflow.parentRunId"
_ENDED: dict[str, Status] = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}


class RunCalls(Part):
    """Runs of the tracking store."""

    def create_run(
        self,
        experiment_id: object,
        user_id: str | None,
        start_time: int | None,
        tags: Sequence[RunTag] | None,
        run_name: str | None,
    ) -> MlflowRun:
        """Begin a run."""
        known = self._experiment(experiment_id)
        check_active(known)
        named = {tag.key: str(tag.value) for tag in tags or ()}
        if run_name and named.get(_NAME) and run_name != named[_NAME]:
            msg = (
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
                f"(run_name='{run_name}', mlflow.runName='{named[_NAME]}')."
            )
            raise invalid(msg)
        name = run_name or named.get(_NAME) or _generate_random_name()
        parent = named.get(_PARENT)
        run = Run(
            id=self.opened.store.new_id(),
            experiment=known.key,
            name=name,
            start_time=now_ms() if start_time is None else start_time,
            user=user_id or None,
            host=platform.node() or None,
            parent_id=parent if is_run_id(parent) else enclosing_run(self.opened.store),
            tags={**named, _NAME: name, marks.RUN: "1"},
        )
        with translated():
            self.opened.writing.begin(run)
        uri = self._artifact_uri(run.id, known.key)
        return entity(Seen(run, {}, live=True), known.id, uri, new=True)

    def get_run(self, run_id: str) -> MlflowRun:
        """A run, deleted ones too."""
        return self._entity_of(self._seen(run_id))

    def update_run_info(
        self, run_id: str, run_status: int | None, end_time: int | None, run_name: str | None
    ) -> RunInfo:
        """Change status, end time and name."""
        seen = self._active(run_id)
        with translated():
            if run_name:
                self._set(run_id, {_NAME: run_name}, name=run_name)
            status, end = status_of(seen.run)
            wanted = status if run_status is None else RunStatus.to_string(run_status)
            until = end if end_time is None else end_time
            if (wanted, until) != (status, end):
                self._move(run_id, wanted, until)
        return self._info(self._seen(run_id))

    def delete_run(self, run_id: str) -> None:
        """Hide a run."""
        self._hide(run_id, deleted=True)

    def restore_run(self, run_id: str) -> None:
        """Show a run again."""
        self._hide(run_id, deleted=False)

    def _search_runs(
        self,
        experiment_ids: Sequence[object],
        filter_string: str | None,
        run_view_type: int,
        max_results: int | None,
        order_by: Sequence[str] | None,
        page_token: str | None,
    ) -> tuple[list[MlflowRun], str | None]:
        check_max_results(max_results, none=True)
        clauses = SearchUtils.parse_search_filter(filter_string)
        orders = parsed_orders(order_by)
        checked(clauses)
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        wanted = {str(parse_id(one)) for one in experiment_ids}
        keys = sorted(one.key for one in self.opened.experiments.all().values() if one.id in wanted)
        stages = LifecycleStage.view_type_to_stages(run_view_type)
        with translated():
            uris = {key: self._artifact_uri("", key) for key in keys}
            found = self._search.find(
                keys, stages, clauses, orders, lambda row: _uri(uris, row.experiment, row.run_id)
            )
            last = len(found) if max_results is None else offset + max_results
            page = [self._found(seen, uris) for seen in self._search.seen(found[offset:last])]
        return page, SearchUtils.create_page_token(last) if len(found) > last else None

    # ---- inside

    def _entity_of(self, seen: Seen) -> MlflowRun:
        key = seen.run.experiment
        uri = self._artifact_uri(seen.run.id, key)
        return entity(seen, self.opened.experiments.id_of_key(key), uri)

    def _found(self, seen: Seen, uris: dict[str, str]) -> MlflowRun:
        run = seen.run
        uri = _uri(uris, run.experiment, run.id)
        return entity(seen, self.opened.experiments.id_of_key(run.experiment), uri, found=True)

    def _info(self, seen: Seen) -> RunInfo:
        key = seen.run.experiment
        return run_info(seen, self.opened.experiments.id_of_key(key), self._artifact_uri(seen.run.id, key))

    def _move(self, run_id: str, status: str, end: int | None) -> None:
        """Give a run a status and an end time; what ours cannot say is noted beside."""
        writing = self.opened.writing
        ended = _ENDED.get(status)
        seen = self._seen(run_id)
        if seen.run.end_time is not None and ended is None:
            writing.reopen(run_id)
        note: dict[str, Any] = {}
        if ended is None:
            note = {"status": status} if status != "RUNNING" else {}
            note |= {"end_time": end} if end is not None else {}
        elif end is None:
            note = {"end_time": None}
        if read_json(seen.run.tags.get(marks.INFO)) != note:
            writing.open(run_id).event(TagsSet({marks.INFO: dump_json(note).decode()}))
        if ended is not None:
            writing.end(run_id, ended, now_ms() if end is None else end)

    def _set(self, run_id: str, tags: dict[str, str | None], name: str | None = None) -> None:
        """Set tags, and the name: in the journal of a live run, else as an edit."""
        events: list[Any] = [Renamed(name)] if name else []
        events.append(TagsSet(tags))
        if self.opened.writing.find(run_id) is not None or self.opened.store.is_live(run_id):
            one = self.opened.writing.open(run_id)
            for event in events:
                one.event(event)
        else:
            self.opened.store.edit([run_id], events)

    def _hide(self, run_id: str, *, deleted: bool) -> None:
        seen = self._seen(run_id)
        writing = self.opened.writing
        with translated():
            if seen.live and seen.run.end_time is not None and writing.settle(run_id):
                seen = self._seen(run_id)
            if seen.live:
                writing.open(run_id).event(TagsSet({marks.HIDDEN: "1" if deleted else "0"}))
                writing.changed(run_id)
            elif seen.deleted != deleted:
                mark = TagsSet({marks.HIDDEN: None})  # of a run that somebody else committed
                self.opened.store.edit([run_id], [Deleted() if deleted else Restored(), mark])


def _uri(uris: dict[str, str], key: str, run_id: str) -> str:
    head, _, tail = uris[key].rpartition("/artifacts")
    return f"{head.rstrip('/')}/{run_id}/artifacts{tail}"
