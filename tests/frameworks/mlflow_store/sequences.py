"""Random calls on two tracking stores, whose answers must be the same: ours, and MLflow's on SQLite.

Ids differ, so each call names experiments, runs and models by labels (`E1`, `R4`, `M2`), and in each answer
ids are labels again. Both stores see one clock, which stands still during a call.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import sqlalchemy
from mlflow.entities import (
    Dataset,
    DatasetInput,
    ExperimentTag,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelStatus,
    LoggedModelTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList

Call = tuple[str, dict[str, Any]]
_LABEL = re.compile(r"\b[ERM]\d+\b")


class Clock:
    """The time of both stores: milliseconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


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

    def _plain(self, value: Any) -> Any:
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


@dataclass
class Script:
    """Makes calls at random.

    Args:
        seed: of the calls.
        clock: of both stores.
    """

    seed: int
    clock: Clock
    experiments: list[str] = field(default_factory=lambda: ["0", "E1"])
    runs: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    start: int = 1_600_000_000_000

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.kinds: list[tuple[int, Callable[[], Call]]] = [
            (3, self._create_experiment),
            (4, self._experiment),
            (3, self._experiment_tag),
            (4, self._search_experiments),
            (7, self._create_run),
            (8, self._run),
            (4, self._update_run),
            (10, self._log_metric),
            (8, self._log_param),
            (8, self._tag),
            (8, self._log_batch),
            (5, self._log_inputs),
            (12, self._search_runs),
            (6, self._history),
            (3, self._create_model),
            (6, self._model),
            (4, self._search_models),
        ]

    def next(self) -> tuple[str, dict[str, Any], str]:
        """Method, arguments, and the label of what it makes."""
        self.clock.now += self.random.choice([1, 1000, 60_000])
        weights = [weight for weight, _ in self.kinds]
        ((_, make),) = self.random.choices(self.kinds, weights)
        name, given = make()
        label = ""
        for method, prefix, known in (
            ("create_experiment", "E", self.experiments),
            ("create_run", "R", self.runs),
            ("create_logged_model", "M", self.models),
        ):
            if name == method:
                label = f"{prefix}{len(known)}"
                known.append(label)
        return name, given, label

    # ---- what calls are made of

    def _of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def _an_experiment(self) -> str:
        recent = self.experiments[-6:] + self.experiments[:2]
        return self._of(*recent, *recent, "77", "what") if self.random.random() < 0.1 else self._of(*recent)

    def _a_run(self) -> str:
        if not self.runs or self.random.random() < 0.03:
            return self._of("0" * 32, "nothing")
        return self._of(*self.runs[-8:], *self.runs[:2])

    def _a_model(self) -> str:
        if not self.models or self.random.random() < 0.05:
            return "m-" + "0" * 32
        return self._of(*self.models[-6:])

    def _key(self) -> str:
        if self.random.random() < 0.02:
            return self._of("", "a//b", "/a", "../x", "k" * 251, "semi;colon")
        return self._of("acc", "loss", "lr", "x y", "a/b", "a.b", "k-1", "mlflow.note.content")

    def _value(self) -> float:
        return self._of(0.0, 1.0, -1.5, 0.5, 2, 1e-9, 1e300, math.nan, self.random.random())

    def _text(self) -> str:
        long = self.random.random()
        if long < 0.02:
            return self._of("v" * 6001, "v" * 8001, "")
        return self._of("a", "b", "B", "0.1", "ä_%", "two\nlines", "a'b", "100", "")

    def _metric(self) -> Metric:
        value: Any = self._value() if self.random.random() > 0.02 else self._of(None, "x", True)
        time = self._of(1000, 2000, 3000, 1000, self.clock.now, -1)
        return Metric(self._key(), value, time, self._of(0, 1, 2, 3, 5, -4))

    def _tags(self, kind: Any, most: int = 3) -> list[Any]:
        return [
            kind(self._of("team", "mlflow.user", "a.b", "x y"), self._text())
            for _ in range(self._of(*range(most)))
        ]

    # ---- the calls

    def _create_experiment(self) -> Call:
        name = self._of("digits", "Digits", f"e{len(self.experiments)}", "x'y", "a/b", "", None)
        if self.random.random() < 0.6:
            name = f"e{len(self.experiments)} {self.random.randrange(1000)}"
        location = self._of(None, None, None, "s3://bucket/x")
        return "create_experiment", {
            "name": name,
            "artifact_location": location,
            "tags": self._tags(ExperimentTag),
        }

    def _experiment(self) -> Call:
        one = self._an_experiment()
        method = self._of(
            "get_experiment",
            "get_experiment",
            "delete_experiment",
            "restore_experiment",
            "rename_experiment",
            "get_experiment_by_name",
        )
        if method == "get_experiment_by_name":
            return method, {"experiment_name": self._of("Default", "digits", "nothing", "new 3")}
        if method == "rename_experiment":
            return method, {
                "experiment_id": one,
                "new_name": self._of("digits", f"new {self.random.randrange(40)}", "", None),
            }
        if method == "delete_experiment" and self.random.random() < 0.6:
            method = "restore_experiment"
        return method, {"experiment_id": one}

    def _experiment_tag(self) -> Call:
        one = self._an_experiment()
        if self.random.random() < 0.3:
            return "delete_experiment_tag", {"experiment_id": one, "key": self._of("team", "a.b")}
        return "set_experiment_tag", {"experiment_id": one, "tag": ExperimentTag(self._key(), self._text())}

    def _search_experiments(self) -> Call:
        filters = [
            None,
            "",
            "name = 'digits'",
            "name LIKE 'e%'",
            "name ILIKE 'E%'",
            "tags.team = 'a'",
            "tags.team != 'a'",
        ]
        filters += [
            "tags.team IS NULL",
            "tags.`x y` LIKE '%'",
            "creation_time > 1700000000000",
            "last_update_time < 5",
            "name > 'a'",
        ]
        filters += [
            "creation_time = 'x'",
            "what = 'a'",
            "name = 5",
            "experiment_id = '0'",
            "experiment_id IN ('0', '5')",
            "tags.team = 'a' AND name != 'x'",
        ]
        orders = [
            None,
            ["name"],
            ["name DESC"],
            ["creation_time ASC"],
            ["last_update_time DESC", "name"],
            ["what"],
            ["name sideways"],
        ]
        return "search_experiments", {
            "view_type": self._of(ViewType.ACTIVE_ONLY, ViewType.ALL, ViewType.DELETED_ONLY),
            "max_results": self._of(1000, 2, 5, 0, 50001),
            "filter_string": self._of(*filters),
            "order_by": self._of(*orders),
            "page_token": self._of(None, None, _token(2)),
        }

    def _create_run(self) -> Call:
        self.start += self.random.randrange(1, 10_000)
        tags = self._tags(RunTag)
        names = {tag.key for tag in tags}
        tags = [tag for index, tag in enumerate(tags) if tag.key not in {one.key for one in tags[:index]}]
        if self.random.random() < 0.2 and "mlflow.runName" not in names:
            tags.append(RunTag("mlflow.runName", self._of("n1", "n2")))
        return "create_run", {
            "experiment_id": self._an_experiment(),
            "user_id": self._of("ada", "bob", ""),
            "start_time": self.start,
            "tags": tags,
            "run_name": self._of("n1", "n2", "N1", None, ""),
        }

    def _run(self) -> Call:
        method = self._of("get_run", "get_run", "get_run", "delete_run", "restore_run", "restore_run")
        return method, {"run_id": self._a_run()}

    def _update_run(self) -> Call:
        return "update_run_info", {
            "run_id": self._a_run(),
            "run_status": self._of(None, 1, 2, 3, 3, 3, 4, 5),
            "end_time": self._of(None, self.start + 5, 1234),
            "run_name": self._of(None, None, "n3", ""),
        }

    def _log_metric(self) -> Call:
        return "log_metric", {"run_id": self._a_run(), "metric": self._metric()}

    def _log_param(self) -> Call:
        return "log_param", {"run_id": self._a_run(), "param": Param(self._key(), self._text())}

    def _tag(self) -> Call:
        if self.random.random() < 0.3:
            return "delete_tag", {
                "run_id": self._a_run(),
                "key": self._of("team", "a.b", "mlflow.runName", "zz"),
            }
        key = self._key() if self.random.random() < 0.8 else "mlflow.runName"
        return "set_tag", {"run_id": self._a_run(), "tag": RunTag(key, self._text() or "e")}

    def _log_batch(self) -> Call:
        params = [Param(self._key(), self._text()) for _ in range(self._of(0, 0, 1, 3))]
        return "log_batch", {
            "run_id": self._a_run(),
            "metrics": [self._metric() for _ in range(self._of(0, 1, 2, 5))],
            "params": params,
            "tags": self._tags(RunTag),
        }

    def _log_inputs(self) -> Call:
        if self.models and self.random.random() < 0.3:
            made = LoggedModelOutput(model_id=self._a_model(), step=0)
            return "get_run", {"run_id": self._a_run()} if not made else {"run_id": self._a_run()}
        name, digest = self._of("iris", "wine"), self._of("d1", "d2")
        dataset = Dataset(
            name, digest, "local", json.dumps({"uri": f"/data/{name}"}), f"schema {name} {digest}", None
        )
        tags = [InputTag("mlflow.data.context", f"train {name}")] if self.random.random() < 0.7 else []
        return "log_inputs", {"run_id": self._a_run(), "datasets": [DatasetInput(dataset, tags)]}

    def _search_runs(self) -> Call:
        filters = [
            None,
            "",
            "metrics.acc > 0.5",
            "metrics.acc != 1",
            "metrics.loss <= 0",
            "metrics.`x y` = 2",
            "metrics.acc >= -2 AND metrics.loss < 1",
        ]
        filters += [
            "params.lr = 'a'",
            "params.lr != 'a'",
            "params.lr LIKE '%'",
            "params.lr ILIKE 'B'",
            "params.acc IS NULL",
            "params.`a/b` IS NOT NULL",
        ]
        filters += [
            "tags.team = 'a'",
            "tags.team != 'a'",
            "tags.team LIKE '_'",
            "tags.`mlflow.user` = 'b'",
            "tags.mlflow.runName = 'n1'",
            "tags.a.b IS NULL",
        ]
        filters += [
            "status = 'FINISHED'",
            "attributes.status != 'RUNNING'",
            "run_name = 'n1'",
            "run_name ILIKE 'N%'",
            "attributes.`run name` = 'n2'",
            "user_id = 'ada'",
        ]
        filters += [
            "start_time > 1600000050000",
            "end_time = 1234",
            "end_time > 5",
            "created < 1600000050000",
            "run_id IN ('R1', 'R2', 'R9')",
            "run_id NOT IN ('R1')",
            "run_id = 'R3'",
        ]
        filters += [
            "datasets.name = 'iris'",
            "dataset.digest != 'd1'",
            "dataset.context LIKE 'train%'",
            "dataset.name IN ('iris', 'x')",
            "artifact_uri LIKE '%artifacts'",
        ]
        filters += [
            "metrics.acc > 'a'",
            "params.lr > 'a'",
            "params.lr = 5",
            "what = 'x'",
            "status IN ('FINISHED')",
            "metrics.acc LIKE 'a'",
            "a or b",
            "start_time LIKE 'a'",
            "lifecycle_stage = 'active'",
        ]
        orders = [
            "metrics.acc DESC",
            "metrics.loss",
            "params.lr",
            "params.lr DESC",
            "tags.team",
            "start_time ASC",
            "start_time",
            "end_time DESC",
            "status",
            "run_name DESC",
            "user_id",
            "attributes.created DESC",
            "metrics.`x y` ASC",
            "what",
            "artifact_uri DESC",
        ]
        return "_search_runs", {
            "experiment_ids": [self._an_experiment() for _ in range(self._of(1, 2, 3, 0))],
            "filter_string": self._of(*filters),
            "run_view_type": self._of(ViewType.ACTIVE_ONLY, ViewType.ALL, ViewType.DELETED_ONLY),
            "max_results": self._of(1000, 1000, 3, 1, 0, 50001, None),
            "order_by": self._of(None, None, [], *[[self._of(*orders), self._of(*orders)] for _ in range(4)]),
            "page_token": self._of(None, None, None, _token(1)),
        }

    def _history(self) -> Call:
        one, key = self._a_run(), self._of("acc", "loss", "x y")
        method = self._of(
            "get_metric_history",
            "get_metric_history_bulk",
            "get_metric_history_bulk_interval",
            "get_max_step_for_metric",
            "get_metric_history_bulk_interval_from_steps",
        )
        if method == "get_metric_history":
            return method, {
                "run_id": one,
                "metric_key": key,
                "max_results": self._of(None, 1, 3),
                "page_token": self._of(None, _token(1)),
            }
        if method == "get_metric_history_bulk":
            return method, {"run_ids": [one], "metric_key": key, "max_results": self._of(2, 100)}
        if method == "get_metric_history_bulk_interval":
            start, end = self._of((None, None), (0, 3), (1, None), (-9, 9))
            return method, {
                "run_ids": [one, self._a_run()],
                "metric_key": key,
                "max_results": self._of(1, 2, 3, 100),
                "start_step": start,
                "end_step": end,
            }
        if method == "get_max_step_for_metric":
            return method, {"run_id": one, "metric_key": key}
        return method, {
            "run_id": one,
            "metric_key": key,
            "steps": self._of([0], [1, 2, 3], []),
            "max_results": self._of(2, 100),
        }

    def _create_model(self) -> Call:
        params = [LoggedModelParameter(key, self._text()) for key in ("lr", "depth")[: self._of(0, 1, 2)]]
        return "create_logged_model", {
            "experiment_id": self._an_experiment(),
            "name": self._of("m1", "m2", None, "a/b", f"m{len(self.models)}"),
            "source_run_id": self._a_run(),
            "tags": [LoggedModelTag("team", self._text())] if self.random.random() < 0.5 else None,
            "params": params or None,
            "model_type": self._of(None, "sklearn"),
        }

    def _model(self) -> Call:
        one = self._a_model()
        method = self._of(
            "get_logged_model",
            "finalize_logged_model",
            "set_logged_model_tags",
            "delete_logged_model_tag",
            "delete_logged_model",
            "log_metric",
            "log_outputs",
            "log_inputs",
        )
        if method == "get_logged_model":
            return method, {"model_id": one, "allow_deleted": self._of(True, False)}
        if method == "finalize_logged_model":
            return method, {
                "model_id": one,
                "status": self._of(
                    LoggedModelStatus.READY, LoggedModelStatus.READY, LoggedModelStatus.FAILED
                ),
            }
        if method == "set_logged_model_tags":
            return method, {"model_id": one, "tags": [LoggedModelTag(self._of("team", "z"), self._text())]}
        if method == "delete_logged_model_tag":
            return method, {"model_id": one, "key": self._of("team", "z", "q")}
        if method == "log_metric" and self.models:
            metric = Metric(
                self._of("acc", "loss"),
                self.random.random(),
                self.clock.now,
                self._of(0, 1),
                model_id=self._of(*self.models[-6:]),
            )
            return method, {"run_id": self._a_run(), "metric": metric}
        if method == "log_inputs" and self.models:
            return method, {
                "run_id": self._a_run(),
                "datasets": None,
                "models": [LoggedModelInput(model_id=one)],
            }
        return "get_logged_model", {"model_id": one}

    def _search_models(self) -> Call:
        filters = [
            None,
            "",
            "name = 'm1'",
            "name LIKE 'm%'",
            "params.lr = 'a'",
            "tags.team = 'a'",
            "metrics.acc > 0.3",
            "model_type = 'sklearn'",
            "creation_timestamp > 5",
        ]
        orders = [
            None,
            [{"field_name": "name"}],
            [{"field_name": "creation_timestamp", "ascending": True}],
            [{"field_name": "metrics.acc", "ascending": False}],
        ]
        return "search_logged_models", {
            "experiment_ids": [self._of(*self.experiments[-6:]) for _ in range(self._of(1, 2))],
            "filter_string": self._of(*filters),
            "max_results": self._of(None, 2),
            "order_by": self._of(*orders),
        }


def _token(offset: int) -> str:
    from mlflow.utils.search_utils import SearchUtils

    return str(SearchUtils.create_page_token(offset))


def differences(ours: Side, theirs: Side, script: Script, count: int) -> list[str]:
    """Calls that the stores answer differently, with both answers."""
    found = []
    begin(ours, theirs)
    for number in range(count):
        name, given, label = script.next()
        one, other = ours.call(name, given, label), theirs.call(name, given, label)
        if one != other and not is_meant(name, one, other):
            found.append(f"call {number}: {name}({given})\n  ours:   {one}\n  theirs: {other}")
    return found


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


def is_meant(name: str, one: Any, other: Any) -> bool:
    """Whether a difference is one that `docs/mlflow.md` lists."""
    if isinstance(other, list) and other[-1:] == ["a database error"]:
        return bool(one[:2] == other[:2])  # the words of SQLite, and the same code
    return False
