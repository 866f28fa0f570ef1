"""An in-toto statement with SLSA provenance, from what a run recorded; pure.

Formats: https://in-toto.io/Statement/v1 (github.com/in-toto/attestation, `spec/v1/statement.md` and
`resource_descriptor.md`) and https://slsa.dev/spec/v1.0/provenance. The values of both are JSON; a name that
is not in them must not be there, so what the run knows beyond is under the two free fields
`externalParameters` and `internalParameters`, and under `annotations`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.artifacts.manifest import Member
    from gittrack.core.records import Input, Run

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:gittrack:build:run:1"


def statement(
    run: Run, members: Sequence[Member], environment: Mapping[str, Any], *, builder: str, version: str
) -> dict[str, Any]:
    """The statement that a run made the files of a model.

    Args:
        run: that made it.
        members: files of the model.
        environment: what the run recorded of its environment, empty where nothing.
        builder: URI of who vouches that the run was as recorded: of a CI workflow, or of a person.
        version: of gittrack.
    """
    return {
        "_type": STATEMENT,
        "subject": [{"name": one.path, "digest": {"sha256": one.sha256}} for one in members],
        "predicateType": PROVENANCE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": _external(run),
                "internalParameters": _internal(run, environment),
                "resolvedDependencies": [*_code(run), *map(_data, run.inputs), *_packages(environment)],
            },
            "runDetails": {
                "builder": {"id": builder, "version": {"gittrack": version}},
                "metadata": _times(run),
                "byproducts": _byproducts(run, members),
            },
        },
    }


def _external(run: Run) -> dict[str, Any]:
    """What somebody chose: the command and its params."""
    known = {
        "command": list(run.command),
        "params": dict(run.params),
        "directory": run.source.directory,
        "experiment": run.experiment,
    }
    return {key: value for key, value in known.items() if value not in (None, [], {})}


def _internal(run: Run, environment: Mapping[str, Any]) -> dict[str, Any]:
    """What the machine had."""
    found: dict[str, Any] = {key: environment[key] for key in ("python", "platform") if environment.get(key)}
    container = environment.get("container")
    if isinstance(container, dict):
        found["container"] = {key: container[key] for key in ("image", "id", "digests") if key in container}
    if run.source.dirty:
        found["uncommittedChanges"] = True
    if run.source.left_out:
        found["leftOut"] = dict(run.source.left_out)
    return found


def _code(run: Run) -> list[dict[str, Any]]:
    source = run.source
    commit = source.snapshot or source.commit
    if commit is None:
        return []
    found: dict[str, Any] = {"name": "code", "digest": {"gitCommit": commit}}
    if source.remote:
        found["uri"] = f"git+{source.remote}@{commit}"
    notes = {"branch": source.branch, "parent": source.commit if source.commit != commit else None}
    annotations = {key: value for key, value in notes.items() if value}
    return [found | ({"annotations": annotations} if annotations else {})]


def _data(used: Input) -> dict[str, Any]:
    found: dict[str, Any] = {"name": used.name, "uri": _uri(used.uri)}
    if used.sha256 is not None:
        found["digest"] = {"sha256": used.sha256}
    notes = {"kind": used.kind, "context": used.context, "size": used.size, "version": used.version}
    annotations = {key: value for key, value in notes.items() if value is not None}
    return found | ({"annotations": annotations} if annotations else {})


def _uri(text: str) -> str:
    """A path below the code as a relative reference; a URL as it is."""
    return text if "://" in text else quote(text)


def _packages(environment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Python packages, by package URL (github.com/package-url/purl-spec)."""
    packages = environment.get("packages")
    found = sorted(packages.items()) if isinstance(packages, dict) else []
    return [{"uri": f"pkg:pypi/{quote(str(name))}@{quote(str(version))}"} for name, version in found]


def _times(run: Run) -> dict[str, str]:
    """RFC 3339 in whole seconds, as the specification has them."""
    found = {"invocationId": run.id, "startedOn": _second(run.start_time)}
    return found if run.end_time is None else {**found, "finishedOn": _second(run.end_time)}


def _second(time: int) -> str:
    return f"{iso(time)[:19]}Z"


def _byproducts(run: Run, members: Sequence[Member]) -> list[dict[str, Any]]:
    """What else the run made, and what it measured."""
    own = {one.sha256 for one in members}
    made = [
        {"name": one.path, "digest": {"sha256": one.sha256}}
        for one in run.artifacts
        if one.kind == "file" and one.sha256 not in own
    ]
    measured = {key: one.last for key, one in run.metrics.items() if math.isfinite(one.last)}
    return [*made, *([{"name": "metrics", "annotations": measured}] if measured else [])]
