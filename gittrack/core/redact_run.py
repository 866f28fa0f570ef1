"""A run without secrets: the last look before it is committed, whoever wrote its journals."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gittrack.core.records import Input, Run
    from gittrack.core.redact import Redactor

_USER = re.compile(
    r"(?!(?:ssh|sftp|ftps?|smb|hdfs|webhdfs)://)([a-z][a-z0-9+.-]*://)[^/?#@]*@", re.IGNORECASE
)
"""Of a URL, but for those whose user is a name and no key."""


def redact_run(run: Run, redactor: Redactor) -> Run:
    """The run with secrets replaced in its words: command, params, tags, note, name, remote, inputs."""
    remote = run.source.remote
    return dataclasses.replace(
        run,
        name=redactor.text(run.name),
        command=tuple(redactor.argv(list(run.command))),
        params={key: redactor.value(key, value) for key, value in run.params.items()},
        tags={key: str(redactor.value(key, value)) for key, value in run.tags.items()},
        note=redactor.text(run.note),
        source=dataclasses.replace(run.source, remote=None if remote is None else redactor.url(remote)),
        inputs=tuple(redact_input(one, redactor) for one in run.inputs),
    )


def redact_input(used: Input, redactor: Redactor) -> Input:
    """The input without credentials in its place, its name and what it was used for."""
    return dataclasses.replace(
        used,
        name=redactor.text(used.name),
        uri=redactor.url(_USER.sub(r"\1", used.uri)),
        version=None if used.version is None else redactor.text(used.version),
        context=None if used.context is None else redactor.text(used.context),
        columns={redactor.text(key): value for key, value in used.columns.items()} if used.columns else {},
    )
