"""A run without secrets: the last look before it is committed, whoever wrote its journals."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.core.redact import Redactor


def redact_run(run: Run, redactor: Redactor) -> Run:
    """The run with secrets replaced in its words: command, params, tags, note, name, remote."""
    remote = run.source.remote
    return dataclasses.replace(
        run,
        name=redactor.text(run.name),
        command=tuple(redactor.argv(list(run.command))),
        params={key: redactor.value(key, value) for key, value in run.params.items()},
        tags={key: str(redactor.value(key, value)) for key, value in run.tags.items()},
        note=redactor.text(run.note),
        source=dataclasses.replace(run.source, remote=None if remote is None else redactor.url(remote)),
    )
