"""`gittrack run --backend`: a job on an engine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gittrack.cli.wrapped import told
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.projects.job import Job

_SIGNALLED = 128  # what shells add to the number of a signal


def run(ready: Job, on: Engine, *, detach: bool, quiet: bool) -> int:
    """Submit it, and wait for it with its output here; gives the exit status of the job.

    Args:
        ready: the project.
        on: where.
        detach: print the id of the run and do not wait.
        quiet: say nothing else.
    """

    def say(text: str) -> None:
        if not quiet:
            click.echo(line(text), err=True)

    submitted = on.submit(ready, progress=say)
    if detach:
        click.echo(submitted.run_id)
        return 0
    say(f"run {submitted.run_id} is {on.name} job {submitted.handle.get('id', '')}")
    ended = on.follow(ready.store, submitted, write=_write, progress=say)
    say(told(ended))
    return exit_status(ended)


def exit_status(ended: Run) -> int:
    """The exit status for a run that ended elsewhere: its own; 1 where it has none."""
    if ended.status == "finished":
        return 0
    if ended.signal is not None:
        import signal

        number = getattr(signal, ended.signal, None)
        return _SIGNALLED + number if number else 1
    return ended.exit_code or 1


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
