"""Runs as verdicts look at them: one to start from, and changes of it."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

from gittrack.artifacts.manifest import Member
from gittrack.core.ids import new_run_id
from gittrack.core.records import Artifact, Input, Run, Source
from gittrack.core.series import Series, summarise
from gittrack.query.verdict.values import Evidence
from tests.support.runs import START, series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMIT = "1" * 40
ENVIRONMENT: dict[str, Any] = {
    "schema": "gittrack.environment/1",
    "python": {"version": "3.11.7", "implementation": "CPython"},
    "platform": {"system": "Linux", "release": "6.1"},
    "hardware": {"cpu": "Xeon", "logical_cores": 2, "memory": 8_000_000_000},
    "variables": {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "0"},
    "packages": {"numpy": "2.0.1", "torch": "2.3.0"},
}


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def artifact(path: str, content: bytes) -> Artifact:
    """A file artifact with that content."""
    return Artifact(path, digest(content), len(content))


def evidence(  # noqa: PLR0913  what a test does not name is as usual
    metrics: Mapping[str, Sequence[float]] | None = None,
    *,
    points: Sequence[Series] | None = None,
    files: Mapping[str, bytes] | None = None,
    artifacts: Sequence[Artifact] | None = None,
    environment: Mapping[str, Mapping[str, Any]] | None = None,
    inputs: Mapping[str, str | None] | None = None,
    source: Source | None = None,
    urls: Mapping[str, str] | None = None,
    **fields: Any,
) -> Evidence:
    """A finished run; parts of the environment are merged into `ENVIRONMENT`."""
    columns = list(points) if points is not None else [series(key, *v) for key, v in (metrics or {}).items()]
    made = [artifact(path, content) for path, content in (files or {}).items()]
    plain: dict[str, Any] = {
        "id": new_run_id(START),
        "status": "finished",
        "exit_code": 0,
        "start_time": START,
        "command": ("python", "train.py"),
        "source": source or Source(COMMIT, snapshot=COMMIT, directory="."),
        "metrics": summarise(columns),
        "artifacts": tuple(artifacts if artifacts is not None else made),
        "inputs": tuple(Input(name, name, sha256) for name, sha256 in (inputs or {}).items()),
    }
    document = {
        name: {**part, **(environment or {}).get(name, {})} if isinstance(part, dict) else part
        for name, part in ENVIRONMENT.items()
    }
    if urls:
        document["direct_urls"] = dict(urls)
    return Evidence(Run(**(plain | fields)), columns, document)


def replaced(one: Evidence, **fields: Any) -> Evidence:
    """The same with other fields of its run, and another id."""
    run = dataclasses.replace(one.run, **({"id": new_run_id(START)} | fields))
    return dataclasses.replace(one, run=run)


class Contents:
    """Gives contents by their digest."""

    def __init__(self, *contents: bytes, members: Mapping[str, Sequence[Member]] | None = None) -> None:
        self._contents = {digest(one): one for one in contents}
        self._members = members or {}

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:  # noqa: ARG002  a Reader's
        """The bytes of a file."""
        return self._contents.get(sha256)

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:  # noqa: ARG002
        """The files of a directory artifact."""
        return self._members.get(artifact.sha256)


def directory(path: str, files: Mapping[str, bytes]) -> tuple[Artifact, list[Member]]:
    """A directory artifact and what is in it."""
    members = [Member(name, digest(content), len(content)) for name, content in files.items()]
    return Artifact(path, digest(repr(members).encode()), sum(map(len, files.values())), "directory"), members
