"""Makes calls of a tracking store at random."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow.entities import (
    Dataset,
    DatasetInput,
    ExperimentTag,
    InputTag,
    LoggedModelInput,
    LoggedModelParameter,
    LoggedModelStatus,
    LoggedModelTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)

from tests.frameworks.mlflow_store import words

if TYPE_CHECKING:
    from collections.abc import Callable

Call = tuple[str, dict[str, Any]]


class Clock:
    """The time of both stores: milliseconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        """The time, which stands still until the next call of a script."""
        return self.now


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

    def _an_experiment(self) -> Any:
        recent = self.experiments[-6:] + self.experiments[:2]
        return self._of(*recent, *recent, "77", "what") if self.random.random() < 0.1 else self._of(*recent)

    def _a_run(self) -> Any:
        if not self.runs or self.random.random() < 0.03:
            return self._of("0" * 32, "nothing")
        return self._of(*self.runs[-8:], *self.runs[:2])

    def _a_model(self) -> Any:
        if not self.models or self.random.random() < 0.05:
            return "m-" + "0" * 32
        return self._of(*self.models[-6:])

    def _key(self) -> Any:
        if self.random.random() < 0.02:
            return self._of("", "a//b", "/a", "../x", "k" * 251, "semi;colon")
        return self._of("acc", "loss", "lr", "x y", "a/b", "a.b", "k-1", "mlflow.note.content")

    def _value(self) -> Any:
        return self._of(0.0, 1.0, -1.5, 0.5, 2, 1e-9, 1e300, math.nan, self.random.random())

    def _text(self) -> Any:
        long = self.random.random()
        if long < 0.02:
            return self._of("v" * 6001, "v" * 8001, "")
        return self._of("a", "b", "B", "0.1", "ä_%", "two\nlines", "a'b", "100", "")

    def _metric(self) -> Metric:
        value: Any = self._value() if self.random.random() > 0.02 else self._of(None, "x", [True][0])
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
        return "search_experiments", {
            "view_type": self._of(ViewType.ACTIVE_ONLY, ViewType.ALL, ViewType.DELETED_ONLY),
            "max_results": self._of(1000, 2, 5, 0, 50001),
            "filter_string": self._of(*words.EXPERIMENT_FILTERS),
            "order_by": self._of(*words.EXPERIMENT_ORDERS),
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
        name, digest = self._of("iris", "wine"), self._of("d1", "d2")
        dataset = Dataset(
            name, digest, "local", json.dumps({"uri": f"/data/{name}"}), f"schema {name} {digest}", None
        )
        tags = [InputTag("mlflow.data.context", f"train {name}")] if self.random.random() < 0.7 else []
        return "log_inputs", {"run_id": self._a_run(), "datasets": [DatasetInput(dataset, tags)]}

    def _search_runs(self) -> Call:
        return "_search_runs", {
            "experiment_ids": [self._an_experiment() for _ in range(self._of(1, 2, 3, 0))],
            "filter_string": self._of(*words.RUN_FILTERS),
            "run_view_type": self._of(ViewType.ACTIVE_ONLY, ViewType.ALL, ViewType.DELETED_ONLY),
            "max_results": self._of(1000, 1000, 3, 1, 0, 50001, None),
            "order_by": self._of(
                None,
                None,
                [],
                *[[self._of(*words.RUN_ORDERS), self._of(*words.RUN_ORDERS)] for _ in range(4)],
            ),
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

    def _model(self) -> Call:  # noqa: PLR0911  one case a method
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
            return method, {"model_id": one, "allow_deleted": bool(self._of(0, 1))}
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
        return "search_logged_models", {
            "experiment_ids": [self._of(*self.experiments[-6:]) for _ in range(self._of(1, 2))],
            "filter_string": self._of(*words.MODEL_FILTERS),
            "max_results": self._of(None, 2),
            "order_by": self._of(*words.MODEL_ORDERS),
        }


def _token(offset: int) -> str:
    from mlflow.utils.search_utils import SearchUtils

    return str(SearchUtils.create_page_token(offset))
