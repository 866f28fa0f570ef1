"""What a filter or an order of MLflow asks of a run, from a run that was read or from the index."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from gittrack.core.text import load_json, number_in
from gittrack.mlflow import marks
from gittrack.mlflow.view import (
    STATUS,
    Seen,
    datasets_of,
    params_of,
    read_json,
    read_latest,
    status_of,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


class Row:
    """What a filter or an order asks of a run; made of a `Seen`."""

    def __init__(self, seen: Seen) -> None:
        self.run_id = seen.run.id
        self.experiment = seen.run.experiment
        self.start_time = seen.run.start_time
        self.user_id = seen.run.user or ""
        self.run_name = seen.run.name or ""
        self.seen: Seen | None = seen

    @cached_property
    def params(self) -> dict[str, str]:
        """The params."""
        return params_of(self._run)

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags that MLflow sees."""
        return tags_of(self._run)

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Metric to its newest value."""
        return {key: one.value for key, one in (self.seen.latest if self.seen else {}).items()}

    @cached_property
    def datasets(self) -> list[dict[str, str]]:
        """Name, digest and context of each dataset."""
        return [
            {
                "name": one.dataset.name,
                "digest": one.dataset.digest,
                **{"context": tag.value for tag in one.tags if tag.key == "mlflow.data.context"},  # noqa: B035  one at most
            }
            for one in datasets_of(self._raw_tags)
        ]

    @cached_property
    def state(self) -> tuple[str, int | None]:
        """Status and end time."""
        return status_of(self._run)

    @property
    def _raw_tags(self) -> Mapping[str, str]:
        return self._run.tags

    @property
    def _run(self) -> Run:
        if self.seen is None:
            msg = "unreachable: only rows of the index have no run"
            raise AssertionError(msg)
        return self.seen.run


class IndexRow(Row):
    """The same, made of a row of the index."""

    def __init__(self, fields: Sequence[Any], store: RunStore) -> None:
        (
            self.number,
            self.run_id,
            self.experiment,
            self._status,
            self.start_time,
            self._end,
            user,
            name,
            self._params,
            self._metrics,
            self._tags,
        ) = fields
        self._store = store
        self.user_id, self.run_name, self.seen = user or "", name or "", None

    @cached_property
    def params(self) -> dict[str, str]:
        """The params."""
        body = load_json(self._params)
        return {key: value if isinstance(value, str) else str(value) for key, value in body.items()}

    @cached_property
    def _raw_tags(self) -> dict[str, str]:
        body: dict[str, str] = load_json(self._tags)
        return body

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags that MLflow sees."""
        if marks.RUN in self._raw_tags:
            return {key: value for key, value in self._raw_tags.items() if not marks.is_mark(key)}
        return tags_of(self._run)

    @cached_property
    def metrics(self) -> dict[str, float]:
        """Metric to its newest value."""
        found = {key: number_in(numbers[0]) for key, numbers in load_json(self._metrics).items()}
        if marks.LATEST.encode() in self._tags:
            found |= {key: one.value for key, one in read_latest(self._raw_tags.get(marks.LATEST)).items()}
        return found

    @cached_property
    def state(self) -> tuple[str, int | None]:
        """Status and end time."""
        status = STATUS.get(self._status, "RUNNING")
        if marks.INFO.encode() not in self._tags:
            return status, self._end
        info = read_json(self._raw_tags.get(marks.INFO))
        return info.get("status", status), info.get("end_time", self._end)

    @property
    def _run(self) -> Run:
        run: Run | None = self._store.index.get(self.run_id)
        if run is None:
            msg = "unreachable: the index has the row"
            raise AssertionError(msg)
        return run
