"""Whether a step is the one that ran before: its fingerprint; pure.

The fingerprint is the SHA-256 of everything that a step is made of: the tree of its code (all files of
the project, uncommitted ones included), the entry point, the params, the digests of the files and
folders that `path` params name, and the environment. Where a part is not known there is no
fingerprint, and the step is run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FORMAT = 1  # of what goes into a fingerprint
PREFIX = "gittrack.project."
"""The tags of a run of a project begin with it."""
FINGERPRINT, CODE, ENVIRONMENT, ENTRY_POINT = (
    f"{PREFIX}{name}" for name in ("fingerprint", "code", "packages", "entry_point")
)
_SHORT = 60


@dataclass(frozen=True, slots=True)
class Step:
    """What a step is made of.

    Attributes:
        entry_point: its name.
        code: the object id of the tree of the project, None where it is not known.
        environment: a digest, None where it is not known.
        params: name to value, those of type `path` left out.
        inputs: name of a `path` param to SHA-256, None where that is not known.
        unknown: why `code`, `environment` or an input is not known.
    """

    entry_point: str
    code: str | None
    environment: str | None
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | None] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 in hexadecimal, None where something is not known."""
        if self.code is None or self.environment is None or None in self.inputs.values():
            return None
        parts = {
            "format": _FORMAT,
            "entry_point": self.entry_point,
            "code": self.code,
            "environment": self.environment,
            "params": {name: str(self.params[name]) for name in sorted(self.params)},
            "inputs": {name: self.inputs[name] for name in sorted(self.inputs)},
        }
        return hashlib.sha256(dump_json(parts)).hexdigest()


def changes(before: Step, now: Step) -> list[str]:
    """What differs between two runs of an entry point, each in a few words.

    Args:
        before: what is known of the earlier run.
        now: the step that is wanted.
    """
    return list(_changes(before, now))


def _changes(before: Step, now: Step) -> Iterator[str]:
    if before.code != now.code:
        yield "the code"
    for name in sorted({*before.params, *now.params}):
        old, new = before.params.get(name), now.params.get(name)
        if str(old) != str(new):
            yield f"param {name} from {_shown(old)} to {_shown(new)}"
    for name in sorted({*before.inputs, *now.inputs}):
        if before.inputs.get(name) != now.inputs.get(name):
            yield f"the content of {name}"
    if before.environment != now.environment:
        yield "the environment"


def _shown(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
