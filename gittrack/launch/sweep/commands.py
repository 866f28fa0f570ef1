"""Trials that run a command."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.launch.sweep import words
from gittrack.launch.sweep.output import Output, last_line
from gittrack.launch.sweep.tasks import Around, Done, Guard, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gittrack.store.runs import RunStore
    from gittrack.tracking.wrap import Wrapped


@dataclass(frozen=True)
class CommandTask:
    """Runs a command.

    Attributes:
        around: the sweep.
        command: its words, with places for params.
        metrics_from_output: whether to look for metrics in lines of output.
        patterns: regular expressions for that.
        metrics_files: read when the command has ended.
    """

    around: Around
    command: Sequence[str]
    metrics_from_output: bool = False
    patterns: Sequence[str] = ()
    metrics_files: Sequence[Path] = ()

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[Job, Guard], Done]]:
        """The store, once for all."""
        os.chdir(self.around.folder)
        store = self.around.store()
        with Output():  # the output is with the runs; here it would be between the lines of the sweep
            yield lambda job, _: self._run(store, job)

    def _run(self, store: RunStore, job: Job) -> Done:
        from gittrack.tracking import wrap

        wish = wrap.Wish(
            name=self.around.name_of(job),
            experiment=self.around.experiment,
            tags=self.around.tags_of(job),
            params=job.params,
            metrics_from_output=self.metrics_from_output,
            patterns=self.patterns,
            metrics_files=self.metrics_files,
            launch=wrap.Launch(variables=words.variables(job.params)),
            run_id=job.run_id,
            parent_id=self.around.sweep_id,
        )
        return done_of(job, wrap.run(words.fill(self.command, job.params), store, wish), store)


def done_of(job: Job, wrapped: Wrapped, store: RunStore) -> Done:
    """What became of a trial that is a command."""
    run = wrapped.run
    if wrapped.error is not None:
        return Done(job.number, run, wrapped.error.message)
    if run is None or run.status == "finished":
        return Done(job.number, run)
    how = f"exit code {run.exit_code}" if run.exit_code else f"{run.status} by {run.signal}"
    said = last_line(store, run)
    return Done(job.number, run, f"{how}: {said}" if said else how)
