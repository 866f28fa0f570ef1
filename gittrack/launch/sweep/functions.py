"""Trials that call a function."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gittrack.core.times import now_ms
from gittrack.launch.sweep.output import Output
from gittrack.launch.sweep.tasks import Around, Done, Guard, Job, Stopped, said
from gittrack.tracking import active, values
from gittrack.tracking.surroundings import WRAPPED_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gittrack.core.records import Run, Status
    from gittrack.store.runs import RunStore


@dataclass(frozen=True)
class FunctionTask:
    """Calls a function.

    Attributes:
        around: the sweep.
        function: takes params by name. A number that it returns is logged as `metric`, a mapping of
            numbers by its names.
        metric: of the sweep.
        known: what is known of every run before it starts.
        environment: the document of `environment.yaml`.
    """

    around: Around
    function: Callable[..., Any]
    metric: str | None
    known: Run
    environment: Mapping[str, Any]

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[Job, Guard], Done]]:
        """The store, once for all. The run around the sweep is none of what a trial starts."""
        for name in (WRAPPED_IN, "GITTRACK_JOURNAL"):
            os.environ.pop(name, None)
        store = self.around.store()
        with Output() as output:
            yield lambda job, guard: self._run(store, output, job, guard)

    def _run(self, store: RunStore, output: Output, job: Job, guard: Guard) -> Done:
        from gittrack.tracking.begin import begin

        hide = store.redactor.value
        params = values.check_params(job.params)
        begun = replace(
            self.known,
            id=job.run_id,
            start_time=now_ms(),
            params={key: hide(key, one) for key, one in params.items()},
            name=self.around.name_of(job) or "",
            tags=self.around.tags_of(job),
        )
        run = begin(store, begun, self.environment)
        output.begin(store.live_directory(run.run_id))
        outcome: tuple[Status, int | None] = ("finished", None)
        error = None
        try:
            with guard:
                self._keep(self.function(**job.params))
        except BaseException as raised:  # noqa: BLE001  a trial may fail in any way, the worker goes on
            outcome = ("killed", None) if isinstance(raised, Stopped) else active.outcome_of(raised)
            error = said(raised)
            output.say("".join(traceback.format_exception(raised)) if outcome[0] == "failed" else error)
        kept = output.end(store)
        if kept is not None:
            run.log_artifact(kept)
        run.end(*outcome)
        return Done(job.number, run.record, error if outcome[0] != "finished" else None)

    def _keep(self, result: object) -> None:
        """Log what the function returned, where that is a number or a mapping of numbers."""
        run = active.current()
        if run is None:
            return
        if isinstance(result, Mapping):
            numbers = {str(key): one for key, one in result.items() if _is_number(one)}
        else:
            numbers = {self.metric: result} if self.metric is not None and _is_number(result) else {}
        run.log_metrics(numbers)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return False
    return isinstance(value, (int, float)) or (hasattr(value, "item") and getattr(value, "size", 1) == 1)
