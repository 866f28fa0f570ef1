"""What a reproduction is about to do, and what came of it; values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.launch.containers.box import Box
    from gittrack.launch.reproduction.environment import Choice
    from gittrack.launch.reproduction.inputs import Found
    from gittrack.query.verdict.judge import Verdict
    from gittrack.store.plumbing.git import Git

REPRODUCES = "gittrack.reproduces"
"""Tag of a new run: id of the run that it repeats."""
VERDICT = "gittrack.verdict"
"""Tag of both runs: the verdict; of the original that of its last repetition."""
REPRODUCED = "gittrack.reproduced"
"""Tag of the original: id of the run that repeated it last."""
BECAUSE = "gittrack.verdict.because"
"""Tag of a new run that differs or failed: the first suspect."""


@dataclass(frozen=True)
class Preparation:
    """What a run is repeated with.

    Attributes:
        run: the original.
        commit: the snapshot of its code, None where there is none.
        git: the repository that has it.
        tree: the work tree while it is there, None without one.
        command: its words, as they are run.
        rewritten: whether paths in them were changed to the work tree.
        environment: which one, None where the preparation came not so far.
        variables: recorded ones that are set.
        unset: variables that are taken away.
        inputs: what became of each.
        container: what it runs in, None without one.
        missing: why it cannot be repeated, one sentence each; empty when it can.
        notes: what a person should know.
    """

    run: Run
    commit: str | None = None
    git: Git | None = None
    tree: Path | None = None
    command: tuple[str, ...] = ()
    rewritten: bool = False
    environment: Choice | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unset: tuple[str, ...] = ()
    inputs: tuple[Found, ...] = ()
    container: Box | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What would be done, and under `missing` what stands against it."""
        environment = self.environment
        plan = environment.plan if environment is not None else None
        return {
            "run_id": self.run.id,
            "possible": not self.missing,
            "missing": list(self.missing),
            "commit": self.commit,
            "directory": self.run.source.directory,
            "command": list(self.run.command),
            "environment": None
            if environment is None
            else {
                "kind": environment.kind,
                "reason": environment.reason,
                "missing": [f"{one.what}: {one.why}" for one in plan.missing] if plan is not None else [],
            },
            "variables": dict(self.variables),
            "unset": list(self.unset),
            "inputs": [
                {"name": one.used.name, "uri": one.used.uri, "state": one.state, "note": one.note}
                for one in self.inputs
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Reproduction:
    """A run that was repeated.

    Attributes:
        original: the run.
        runs: the new ones, empty where it could not be repeated.
        verdict: what they came to.
        preparation: what they were run with.
    """

    original: Run
    runs: tuple[Run, ...]
    verdict: Verdict
    preparation: Preparation

    def as_json(self) -> dict[str, Any]:
        """The verdict, and how it came about under `preparation`."""
        return self.verdict.as_json() | {"preparation": self.preparation.as_json()}
