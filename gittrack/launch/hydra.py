"""For Hydra: `python app.py --multirun lr=0.1,0.01` as a run with one nested run a job.

::

    # config.yaml of the application
    hydra:
      callbacks:
        gittrack:
          _target_: gittrack.launch.hydra.HydraCallback

The application logs with `gittrack.log_metric` and the like; its run has begun before it is called.
"""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobStatus
from hydra.experimental.callback import Callback

from gittrack.core.records import Run, Source
from gittrack.core.times import now_ms
from gittrack.launch.sweep.trials import NUMBER, OF
from gittrack.store.runs import RunStore
from gittrack.tracking import values
from gittrack.tracking.active import outcome_of
from gittrack.tracking.background import capture_environment, capture_source
from gittrack.tracking.begin import begin
from gittrack.tracking.scalars import typed
from gittrack.tracking.start import command_line, default_experiment
from gittrack.tracking.surroundings import enclosing_run, user

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hydra.core.utils import JobReturn
    from omegaconf import DictConfig

    from gittrack.tracking.session import ActiveRun


class HydraCallback(Callback):
    """Records a job of Hydra as a run, with its overrides as params; the jobs of one multirun are nested.

    Launchers that run jobs in other processes take it along: such a job records into the same repository,
    which it has to see.

    Args:
        experiment: of all runs; the configured one when None.
        name: of the multirun; its jobs are called `NAME-0` and so on.
        metric: name under which a number is logged that the application returns; None for not at all.
        tags: of all runs.
        repo: the repository to record in, a path or a Git URL; as configured when None.
    """

    def __init__(
        self,
        experiment: str | None = None,
        name: str | None = None,
        metric: str | None = None,
        tags: Mapping[str, object] | None = None,
        repo: str | None = None,
    ) -> None:
        self._experiment = values.check_name(experiment, "experiment") if experiment else None
        self._name = values.check_name(name) if name else ""
        self._metric = metric
        self._tags = values.check_tags(dict(tags or {}))
        self._repo = repo
        self._folder = os.getcwd()  # noqa: PTH109  pickled; a job may run elsewhere
        self._parent_id: str | None = None
        self._source: Source | None = None
        self._environment: Mapping[str, Any] = {}
        self._parent: ActiveRun | None = None
        self._job: ActiveRun | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What goes along to another process: all but the runs of this one."""
        return {**self.__dict__, "_parent": None, "_job": None}

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:  # noqa: ANN401, D102  Hydra's
        store = self._store()
        self._parent = self._begin(store, self._name, {}, _overrides(config.hydra.overrides.task), note=True)
        self._parent_id = self._parent.run_id
        self._repo = str(store.git.place.work_tree or store.git.place.git_dir)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:  # noqa: ANN401, ARG002, D102
        if self._parent is not None:
            self._parent.end()
        self._parent = self._parent_id = None

    def on_job_start(self, config: DictConfig, **_: Any) -> None:  # noqa: ANN401, D102
        tags, name = {}, self._name
        if self._parent_id is not None:
            number = int(config.hydra.job.num)
            tags = {OF: self._parent_id, NUMBER: str(number)}
            name = f"{name}-{number}" if name else ""
        self._job = self._begin(self._store(), name, tags, _overrides(config.hydra.overrides.task))

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:  # noqa: ANN401, ARG002, D102
        job, self._job = self._job, None
        if job is None:
            return
        if job_return.status == JobStatus.COMPLETED:
            result = job_return.return_value
            if self._metric is not None and isinstance(result, (int, float)):
                job.log_metric(self._metric, result)
            job.end()
        else:
            job.end(*outcome_of(job_return._return_value))  # noqa: SLF001  the property raises it

    def _store(self) -> RunStore:
        from pathlib import Path

        return RunStore.open(self._repo, start=Path(self._folder))

    def _begin(
        self,
        store: RunStore,
        name: str,
        tags: Mapping[str, str],
        params: Mapping[str, Any],
        *,
        note: bool = False,
    ) -> ActiveRun:
        from pathlib import Path

        if self._source is None:
            self._source = capture_source(store.code, store.config, Path(self._folder))
            self._environment = capture_environment(store.config)
        hide = store.redactor
        shown = {key: hide.value(key, one) for key, one in params.items()}
        run = Run(
            id=store.new_id(),
            experiment=self._experiment or default_experiment(store.config),
            name=name,
            start_time=now_ms(),
            command=tuple(hide.argv(command_line())),
            user=user(),
            host=platform.node() or None,
            parent_id=self._parent_id or enclosing_run(store),
            source=self._source,
            params={} if note else shown,
            tags={**self._tags, **tags},
            note="Hydra multirun: " + ", ".join(f"{key}={one}" for key, one in shown.items()) if note else "",
        )
        return begin(store, run, self._environment)


def _overrides(words: Iterable[str]) -> dict[str, Any]:
    """Overrides as params: `+model.lr=0.1` is `model.lr`; what `~` takes away is none."""
    found = {}
    for word in words:
        key, equals, text = str(word).lstrip("+").partition("=")
        if equals and not key.startswith("~"):
            found[key] = typed(text)
    return values.check_params(found)
