"""Finds runs as MLflow's database store does: its filters, its order, its pages.

The filter is read by MLflow's own parser. What of a run it needs comes from the index, as JSON; whole runs
are read for one page only. Pages of one query on one state of the branch are counted out once.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from mlflow.utils.search_utils import SearchUtils

from gittrack.core.text import dump_json
from gittrack.mlflow import marks
from gittrack.mlflow.failures import MlflowException, invalid
from gittrack.mlflow.rows import IndexRow, Row
from gittrack.mlflow.view import Seen, latest_of_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.mlflow.opened import Opened

Clause = dict[str, Any]
_KEPT = 8  # queries whose order is remembered
_MODEL = "m-" + "[0-9a-f]" * 32  # as GLOB has it
_TAKEN = ("IS NULL", "IS NOT NULL")


class RunSearch:
    """Searches of one repository.

    Args:
        opened: the repository.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._kept: OrderedDict[tuple[Any, ...], list[str]] = OrderedDict()

    def find(
        self,
        keys: Sequence[str],
        stages: Sequence[str],
        clauses: list[Clause],
        orders: list[tuple[str, str, bool]],
        uri_of: Callable[[Row], str],
    ) -> list[str | Seen]:
        """The runs that match, in order: ids of committed ones, live ones as they are seen.

        Args:
            keys: experiments of the runs.
            stages: `active`, `deleted`.
            clauses: the parsed filter.
            orders: type, key and whether ascending.
            uri_of: the artifact address of a run.
        """
        store = self._opened.store
        live = self._live(keys, stages)
        store.index.refresh()
        tip = store.index.query("SELECT value FROM meta WHERE name = 'tip'")
        query = (repr(tip), tuple(keys), tuple(sorted(stages)), repr(clauses), repr(orders))
        if not live and query in self._kept:
            self._kept.move_to_end(query)
            return list(self._kept[query])
        known = {seen.run.id for seen in live}
        rows: list[Row] = [Row(seen) for seen in live]
        rows += [row for row in self._committed(keys, stages, clauses, orders) if row.run_id not in known]
        rows = [row for row in rows if all(matches(row, clause, uri_of) for clause in clauses)]
        _sort(rows, orders, uri_of)
        found: list[str | Seen] = [row.seen or row.run_id for row in rows]
        if not live:
            self._kept[query] = [one for one in found if isinstance(one, str)]
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def seen(self, found: Sequence[str | Seen]) -> list[Seen]:
        """The runs of a page."""
        ids = [one for one in found if isinstance(one, str)]
        where = "r.run_id IN (SELECT value FROM json_each(?))"
        runs = {run.id: run for run in self._opened.store.index.select(where, [dump_json(ids).decode()])}
        return [
            Seen(runs[one], latest_of_committed(runs[one]), live=False) if isinstance(one, str) else one
            for one in found
            if not isinstance(one, str) or one in runs
        ]

    def _live(self, keys: Sequence[str], stages: Sequence[str]) -> list[Seen]:
        from gittrack.mlflow.reading import look

        store, found = self._opened.store, []
        for directory in store.live_directories():
            if marks.is_model_id(directory.name):
                continue
            seen = look(store, directory.name)
            if seen is None or not seen.live or seen.run.experiment not in keys:
                continue
            if ("deleted" if seen.deleted else "active") in stages:
                found.append(seen)
        return found

    def _committed(
        self, keys: Sequence[str], stages: Sequence[str], clauses: list[Clause], orders: list[Any]
    ) -> list[IndexRow]:
        kinds = {one["type"] for one in clauses} | {kind for kind, _, _ in orders}
        attributes = {
            SearchUtils.translate_key_alias(one["key"]) for one in clauses if one["type"] == "attribute"
        }
        attributes |= {key for kind, key, _ in orders if kind == "attribute"}
        tags = bool(kinds & {"tag", "metric", "dataset"}) or bool(
            attributes & {"status", "end_time", "run_name"}
        )
        columns = ["params" if "parameter" in kinds else "NULL", "metrics" if "metric" in kinds else "NULL"]
        columns.append("tags" if tags else "NULL")
        deleted = [stage == "deleted" for stage in stages]
        needs = any(one != "NULL" for one in columns)
        sql = (
            "SELECT r.id, r.run_id, r.experiment, r.status, r.start_time, r.end_time, r.user, r.name, "  # noqa: S608  our own words
            f"{', '.join(columns)} FROM run AS r {'JOIN body AS b ON b.id = r.id' if needs else ''}"
            " WHERE r.experiment IN (SELECT value FROM json_each(?))"
            f" AND r.deleted IN (SELECT value FROM json_each(?)) AND r.run_id NOT GLOB '{_MODEL}'"
        )
        args = [dump_json(list(keys)).decode(), dump_json([int(one) for one in deleted]).decode()]
        return [IndexRow(row, self._opened.store) for row in self._opened.store.index.query(sql, args)]


def checked(clauses: list[Clause]) -> list[Clause]:
    """The clauses of a filter, each fit for what it is about.

    Raises:
        MlflowException: an operator does not go with a value.
    """
    for clause in clauses:
        kind, comparator = clause["type"], clause["comparator"].upper()
        key = SearchUtils.translate_key_alias(clause["key"])
        if not (
            SearchUtils.is_string_attribute(kind, key, comparator)
            or SearchUtils.is_numeric_attribute(kind, key, comparator)
            or SearchUtils.is_metric(kind, comparator)
            or SearchUtils.is_param(kind, comparator)
            or SearchUtils.is_tag(kind, comparator)
            or SearchUtils.is_dataset(kind, comparator)
        ):
            msg = f"Invalid search expression type '{kind}'"
            raise invalid(msg)
    return clauses


def parsed_orders(order_by: Sequence[str] | None) -> list[tuple[str, str, bool]]:
    """Type, key and whether ascending, of each.

    Raises:
        MlflowException: one does not parse, or comes twice.
    """
    found: list[tuple[str, str, bool]] = []
    for one in order_by or ():
        kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(one)
        key = SearchUtils.translate_key_alias(key)
        attribute = SearchUtils.is_string_attribute(kind, key, "=") or SearchUtils.is_numeric_attribute(
            kind, key, "="
        )
        if not attribute and kind not in {"metric", "tag", "parameter"}:
            msg = f"Invalid identifier type '{kind}'"
            raise invalid(msg)
        if (kind, key) in {known[:2] for known in found}:
            msg = f"`order_by` contains duplicate fields: {order_by}"
            raise MlflowException(msg)
        found.append((kind, key, ascending))
    return found


def matches(row: Row, clause: Clause, uri_of: Callable[[Row], str]) -> bool:
    """Whether a run fits one clause, as SQLite sees it: what is not there fits nothing."""
    kind, comparator = clause["type"], clause["comparator"].upper()
    key = SearchUtils.translate_key_alias(clause["key"])
    value = clause["value"]
    compare = None if comparator in _TAKEN else SearchUtils.get_comparison_func(comparator)
    if kind == "dataset":
        return any(compare(one[key], value) for one in row.datasets if key in one) if compare else False
    known = _value(row, kind, key, uri_of, name_tag=True)
    if compare is None:
        return bool((known is None) == (comparator == "IS NULL"))
    if known is None:
        return False
    if kind == "metric":
        value = float(value)
        if math.isnan(known):
            return bool(comparator == "!=")
    elif isinstance(known, int) and isinstance(value, str):
        value = float(value)
    return bool(compare(known, value))


def _value(row: Row, kind: str, key: str, uri_of: Callable[[Row], str], *, name_tag: bool) -> Any:  # noqa: ANN401  text or a number
    if kind == "metric":
        return row.metrics.get(key)
    if kind == "parameter":
        return row.params.get(key)
    if kind == "tag" or (key == "run_name" and name_tag):
        return row.tags.get("mlflow.runName" if kind != "tag" else key)
    if key in {"status", "end_time"}:
        return row.state[key == "end_time"]
    return uri_of(row) if key == "artifact_uri" else getattr(row, key)


def _sort(rows: list[Row], orders: list[tuple[str, str, bool]], uri_of: Callable[[Row], str]) -> None:
    rows.sort(key=lambda row: row.run_id)
    if ("attribute", "start_time") not in {one[:2] for one in orders}:
        rows.sort(key=lambda row: row.start_time, reverse=True)
    for kind, key, ascending in reversed(orders):
        values = {id(row): _value(row, kind, key, uri_of, name_tag=False) for row in rows}
        known = [row for row in rows if not _is_nan(values[id(row)]) and values[id(row)] is not None]
        known.sort(key=lambda row: values[id(row)], reverse=not ascending)
        nan = [row for row in rows if _is_nan(values[id(row)])]
        rows[:] = [*known, *nan, *(row for row in rows if values[id(row)] is None)]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
