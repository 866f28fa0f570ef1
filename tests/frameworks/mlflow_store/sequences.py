"""Random calls on two tracking stores, whose answers must be the same: ours, and MLflow's on SQLite.

Ids differ, so each call names experiments, runs and models by labels (`E1`, `R4`, `M2`), and in each answer
ids are labels again. Both stores see one clock, which stands still during a call.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy
from mlflow.entities import (
    ExperimentTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList

from tests.frameworks.mlflow_store import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.frameworks.mlflow_store.script import Script

_LABEL = re.compile(r"\b[ERM]\d+\b")


@dataclass
class Side:
    """One store, and what its ids are called."""

    store: Any
    ids: dict[str, str] = field(default_factory=dict)

    def call(self, name: str, given: dict[str, Any], label: str) -> Any:
        """The answer, with labels for ids: a value, or an error's code and words."""
        try:
            answer = getattr(self.store, name)(**{key: self._real(value) for key, value in given.items()})
        except MlflowException as error:
            return ["error", error.error_code, self._named(_short(str(error.message)))]
        except Exception as error:  # noqa: BLE001  whatever a store raises is its answer
            return ["error", type(error).__name__]
        self._learn(name, answer, label)
        if name == "_search_datasets":  # in no order
            return sorted(self._named(json.dumps(one.to_dict())) for one in answer)
        return self._plain(answer)

    def _learn(self, name: str, answer: Any, label: str) -> None:
        if name == "create_experiment":
            self.ids[label] = answer
        elif name == "create_run":
            self.ids[label] = answer.info.run_id
        elif name == "create_logged_model":
            self.ids[label] = answer.model_id

    def _real(self, value: Any) -> Any:
        if type(value) is str:
            return _LABEL.sub(lambda match: self.ids.get(match[0], match[0]), value)
        if isinstance(value, list):
            return [self._real(one) for one in value]
        if isinstance(value, (LoggedModelInput, LoggedModelOutput)):
            more = {"step": value.step} if isinstance(value, LoggedModelOutput) else {}
            return type(value)(model_id=self._real(value.model_id), **more)
        if isinstance(value, Metric) and value.model_id:
            return Metric(
                value.key, value.value, value.timestamp, value.step, model_id=self._real(value.model_id)
            )
        return value

    def _named(self, text: str) -> str:
        for label, real in sorted(self.ids.items(), key=lambda item: -len(item[1])):
            text = re.sub(rf"(?<![\w]){re.escape(real)}(?![\w])", label, text) if real != "0" else text
        return text

    def _plain(self, value: Any) -> Any:  # noqa: PLR0911  one case a type
        if isinstance(value, PagedList):
            return {"items": [self._plain(one) for one in value], "more": bool(value.token)}
        if isinstance(value, tuple):
            return [self._plain(list(value[0])), bool(value[1])]
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, dict):
            return {key: self._plain(value[key]) for key in sorted(value)}
        if isinstance(value, float):
            return "NaN" if math.isnan(value) else value
        if isinstance(value, Enum):
            return value.name
        if isinstance(value, str):
            return self._named(value)
        if hasattr(value, "__iter__") or hasattr(value, "__dict__"):
            return self._entity(value)
        return value

    def _entity(self, value: Any) -> Any:
        try:
            fields = dict(value)
        except TypeError:
            fields = dict(vars(value))
        if "artifact_uri" in fields or "artifact_location" in fields:
            for name in ("artifact_uri", "artifact_location"):
                if fields.get(name):
                    fields[name] = fields[name].replace(self.store.artifact_root_uri, "ROOT")
        plain = {name: self._plain(one) for name, one in sorted(fields.items()) if not name.startswith("_")}
        for name in ("dataset_inputs", "model_inputs", "model_outputs", "metrics"):
            if isinstance(plain.get(name), list):
                plain[name] = sorted(plain[name], key=json.dumps)
        return plain or repr(value)


def _short(message: str) -> str:
    """Without what a database adds of its own."""
    message = re.sub(r" Error: \(.*|\(Background on.*", "", message, flags=re.DOTALL)
    return "a database error" if "(sqlite3" in message else message


def differences(ours: Side, theirs: Side, script: Script, count: int) -> list[str]:
    """Calls that the stores answer differently, with both answers."""
    found = []
    begin(ours, theirs)
    for number in range(count):
        found += _difference(ours, theirs, script.next(), number)
    for number, (name, given) in enumerate(every_search(script), count):
        found += _difference(ours, theirs, (name, given, ""), number)
    return found


def _difference(ours: Side, theirs: Side, call: tuple[str, dict[str, Any], str], number: int) -> list[str]:
    name, given, label = call
    one, other = ours.call(name, given, label), theirs.call(name, given, label)
    if one == other or is_meant(one, other):
        return []
    return [f"call {number}: {name}({given})\n  ours:   {one}\n  theirs: {other}"]


def every_search(script: Script) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each filter, each order and each way of reading points once, over all that was made."""
    made = [one for one in script.experiments if one in {"0", "E1"}]
    page = {"run_view_type": ViewType.ALL, "max_results": 1000, "page_token": None}
    for text in words.RUN_FILTERS:
        yield "_search_runs", {"experiment_ids": made, "filter_string": text, "order_by": None, **page}
    for order in words.RUN_ORDERS:
        yield "_search_runs", {"experiment_ids": made, "filter_string": None, "order_by": [order], **page}
    for text in words.EXPERIMENT_FILTERS:
        yield "search_experiments", {"view_type": ViewType.ALL, "filter_string": text, "order_by": ["name"]}
    for orders in words.EXPERIMENT_ORDERS:
        yield "search_experiments", {"view_type": ViewType.ALL, "order_by": orders}
    for text in words.MODEL_FILTERS:
        yield "search_logged_models", {"experiment_ids": made, "filter_string": text}
    for orders in words.MODEL_ORDERS:
        yield "search_logged_models", {"experiment_ids": made, "order_by": orders}
    yield "_search_datasets", {"experiment_ids": ["0"]}
    for run in script.runs[:8]:
        steps = {"run_id": run, "metric_key": "acc", "steps": [0, 1, 2, 3, 5], "max_results": 9}
        yield "get_metric_history_bulk_interval_from_steps", steps
        yield "get_max_step_for_metric", {"run_id": run, "metric_key": "loss"}


def begin(ours: Side, theirs: Side) -> None:
    """An experiment in both whose id in the database is large: those after it look like nothing else."""
    for side in (ours, theirs):
        side.store.set_experiment_tag("0", ExperimentTag("begun", "1"))
        side.ids["E1"] = side.store.create_experiment("first")
    with theirs.store.ManagedSessionMaker(read_only=False) as session:
        session.execute(
            sqlalchemy.text(
                "UPDATE experiments SET experiment_id = 900000001,"
                " artifact_location = replace(artifact_location, '/artifacts/1', '/artifacts/900000001')"
                " WHERE experiment_id = 1"
            )
        )
    theirs.ids["E1"] = "900000001"
    for side in (ours, theirs):
        side.store.set_experiment_tag(side.ids["E1"], ExperimentTag("begun", "1"))


def is_meant(one: Any, other: Any) -> bool:
    """Whether a difference is one that `docs/mlflow.md` lists."""
    if isinstance(other, list) and other[-1:] == ["a database error"]:
        return bool(one[:2] == other[:2])  # the words of SQLite, and the same code
    return False
