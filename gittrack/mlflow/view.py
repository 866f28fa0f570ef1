"""Runs of ours as entities of MLflow."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

from mlflow.entities import Dataset as MlflowDataset
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunData, RunInfo, RunInputs, RunTag
from mlflow.entities import Run as MlflowRun

from gittrack.core.text import dump_json, load_json, number_in, number_out
from gittrack.core.value import dataclass
from gittrack.mlflow import marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.core.records import Run
    from gittrack.core.series import Series

STATUS = {
    "queued": "SCHEDULED",
    "running": "RUNNING",
    "finished": "FINISHED",
    "failed": "FAILED",
    "oom": "FAILED",
    "killed": "KILLED",
    "interrupted": "KILLED",
    "lost": "FAILED",
}
_TAKES_UUID = "run_uuid" in inspect.signature(RunInfo.__init__).parameters  # before MLflow 3
_HUGE = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest point of a metric, by step, then time, then value."""

    value: float
    step: int
    time: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A run, live or committed.

    Attributes:
        run: the run; its metrics may lack what is still in journals.
        latest: metric to its newest point.
        live: whether it is not committed yet.
    """

    run: Run
    latest: Mapping[str, Latest]
    live: bool

    @property
    def deleted(self) -> bool:
        """Whether MLflow shows it among the deleted ones."""
        return self.run.deleted or self.run.tags.get(marks.HIDDEN) == "1"


def rank(step: int, time: int, value: float) -> tuple[int, int, float]:
    """What decides which of two points is newer; NaN counts as 0, infinity as the largest number."""
    if math.isnan(value):
        return step, time, 0.0
    return step, time, max(-_HUGE, min(_HUGE, value))


def latest_of(series: Iterable[Series]) -> dict[str, Latest]:
    """Metric to its newest point, of all points of a run."""
    found: dict[str, Latest] = {}
    for one in series:
        for step, value, time in zip(one.steps, one.values, one.times, strict=True):
            known = found.get(one.key)
            if known is None or rank(step, time, value) > rank(known.step, known.time, known.value):
                found[one.key] = Latest(value, step, time)
    return found


def latest_of_committed(run: Run) -> dict[str, Latest]:
    """The same of a committed run, without reading its points."""
    found = {key: Latest(one.last, one.step, one.time) for key, one in run.metrics.items()}
    return found | read_latest(run.tags.get(marks.LATEST))


def read_latest(text: str | None) -> dict[str, Latest]:
    """What :func:`write_latest` wrote."""
    body = read_json(text)
    return {key: Latest(number_in(value), step, time) for key, (value, step, time) in body.items()}


def write_latest(latest: Mapping[str, Latest]) -> str:
    """The text of the tag."""
    return dump_json(
        {key: [number_out(one.value), one.step, one.time] for key, one in latest.items()}
    ).decode()


def read_json(text: str | None) -> dict[str, Any]:
    """A mapping of a tag; an empty one for what is none."""
    try:
        body = load_json(text) if text else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def params_of(run: Run) -> dict[str, str]:
    """The params, as text."""
    return {key: value if isinstance(value, str) else str(value) for key, value in run.params.items()}


def tags_of(run: Run) -> dict[str, str]:
    """The tags that MLflow sees; those that its UI lives by are added to runs of other origin."""
    shown = {key: value for key, value in run.tags.items() if not marks.is_mark(key)}
    if marks.RUN in run.tags:
        return shown
    source = run.source
    added = {
        "mlflow.runName": run.name,
        "mlflow.user": run.user,
        "mlflow.parentRunId": run.parent_id,
        "mlflow.note.content": run.note,
        "mlflow.source.name": " ".join(run.command),
        "mlflow.source.git.commit": source.snapshot or source.commit,
        "mlflow.source.git.branch": source.branch,
        "mlflow.source.git.repoURL": source.remote,
    }
    return {key: value for key, value in added.items() if value} | shown


def status_of(run: Run) -> tuple[str, int | None]:
    """MLflow's status and end time."""
    info = read_json(run.tags.get(marks.INFO))
    status, end = STATUS.get(run.status, "RUNNING"), run.end_time
    return info.get("status", status), info.get("end_time", end)


def run_info(seen: Seen, experiment_id: str, artifact_uri: str) -> RunInfo:
    """The head of a run."""
    run = seen.run
    status, end = status_of(run)
    more = {"run_uuid": run.id} if _TAKES_UUID else {}
    return RunInfo(
        run_id=run.id,
        experiment_id=experiment_id,
        user_id=run.user or "",
        status=status,
        start_time=run.start_time,
        end_time=end,
        lifecycle_stage="deleted" if seen.deleted else "active",
        artifact_uri=artifact_uri,
        run_name=run.name or "",
        **more,
    )


def entity(
    seen: Seen, experiment_id: str, artifact_uri: str, *, new: bool = False, found: bool = False
) -> MlflowRun:
    """The whole run.

    Args:
        seen: the run.
        experiment_id: of its experiment.
        artifact_uri: where its artifacts are.
        new: it begins: nothing is said of what it made.
        found: by a search, which does not say which models it used.
    """
    run = seen.run
    data = RunData(
        metrics=[Metric(key, one.value, one.time, one.step) for key, one in seen.latest.items()],
        params=[Param(key, value) for key, value in params_of(run).items()],
        tags=[RunTag(key, value) for key, value in tags_of(run).items()],
    )
    info = run_info(seen, experiment_id, artifact_uri)
    return MlflowRun(info, data, *_inputs_and_outputs(run, models=not found)[: 1 if new else None])


def datasets_of(tags: Mapping[str, str]) -> list[DatasetInput]:
    """The datasets that MLflow logged with the run that has these tags."""
    found = []
    for key, text in tags.items():
        if key.startswith(marks.DATASET):
            body = read_json(text)
            own = [InputTag(name, value) for name, value in body.pop("tags", ())]
            found.append(DatasetInput(dataset=MlflowDataset(**body), tags=own))
    return found


def _inputs_and_outputs(run: Run, *, models: bool) -> list[Any]:
    datasets = datasets_of(run.tags)
    kinds: Mapping[str, str] = run.tags if models else {}
    used = [key.removeprefix(marks.MODEL_INPUT) for key in kinds if key.startswith(marks.MODEL_INPUT)]
    made = {
        key.removeprefix(marks.MODEL_OUTPUT): int(value)
        for key, value in run.tags.items()
        if key.startswith(marks.MODEL_OUTPUT)
    }
    try:
        from mlflow.entities import LoggedModelInput, LoggedModelOutput, RunOutputs
    except ImportError:  # before MLflow 3
        return [RunInputs(dataset_inputs=datasets)]
    return [
        RunInputs(dataset_inputs=datasets, model_inputs=[LoggedModelInput(model_id=one) for one in used]),
        RunOutputs([LoggedModelOutput(model_id=one, step=step) for one, step in made.items()]),
    ]
