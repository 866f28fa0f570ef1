"""What environment a project asks for, as a value: nothing is made or installed here."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
import sysconfig
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.core.text import dump_json
from gittrack.launch.environments.failures import without_credentials
from gittrack.launch.environments.versions import meets

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.launch.environments.conda_env import CondaEnv
    from gittrack.launch.environments.requirements import Requirements

Manager = Literal["uv", "conda", "local"]
_FORMAT = 1  # of what is in a cached environment: another number, another environment
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


class Lock(NamedTuple):
    """A lock file.

    Attributes:
        kind: what writes it.
        path: absolute.
        sha256: of its content.
    """

    kind: Literal["uv", "pylock", "script"]
    path: Path
    sha256: str


class Missing(NamedTuple):
    """Something that was asked for and cannot be had.

    Attributes:
        name: of the package.
        what: as it was asked for, without credentials.
        why: one sentence.
    """

    name: str
    what: str
    why: str


@dataclass(frozen=True)
class Plan:
    """An environment that could be made.

    Attributes:
        manager: who makes it; `local` takes what is there.
        source: the file that asks for it, `record` for a recorded one, `none` without any.
        directory: the project, absolute.
        python: which Python, None for the one that runs this.
        layers: requirements, installed one after the other.
        lock: what decides instead of the requirements.
        project: whether the project itself is a package to be installed, in place.
        script: a script with inline metadata, absolute.
        conda: what Conda has to install.
        tool: the Conda program that must be used, None for whichever is there.
        exact: install what is named and nothing else.
        missing: what cannot be had.
        files: the files that were read, relative to `directory`.
        notes: what a person should know.
        ties: what besides determines it: digests of local code, paths of code used in place.
    """

    manager: Manager
    source: str
    directory: Path
    python: str | None = None
    layers: tuple[Requirements, ...] = ()
    lock: Lock | None = None
    project: bool = False
    script: Path | None = None
    conda: CondaEnv | None = None
    tool: str | None = None
    exact: bool = False
    missing: tuple[Missing, ...] = ()
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """40 hexadecimal digits of everything that determines the environment: its name in the cache.

        Credentials are no part of it.
        """
        return hashlib.sha256(dump_json(self._determined())).hexdigest()[:40]

    def _determined(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "manager": [self.manager, self.tool],
            "python": self.python if self.manager == "conda" else python_key(self.python),
            "platform": [sysconfig.get_platform(), *platform.libc_ver(), sys.implementation.name],
            "layers": [_normal(layer) for layer in self.layers],
            "lock": [self.lock.kind, self.lock.sha256] if self.lock else None,
            "project": self.project,
            "conda": [self.conda.channels, self.conda.dependencies, self.conda.variables]
            if self.conda
            else None,
            "exact": self.exact,
            "ties": self.ties,
        }

    def to_record(self) -> dict[str, Any]:
        """What is asked for, as JSON has it, without credentials; parts that are empty are left out."""
        build = self.layers[0] if len(self.layers) > 1 else None
        asked = self.layers[-1] if self.layers else None
        fields: dict[str, Any] = {
            "manager": self.tool or self.manager,
            "source": self.source,
            "files": list(self.files),
            "python": self.python,
            "build_dependencies": [without_credentials(line) for line in build.lines] if build else [],
            **(asked.public() if asked else {}),
            "conda": _conda(self.conda) if self.conda else None,
            "lock": {"kind": self.lock.kind, "sha256": self.lock.sha256} if self.lock else None,
            "project": self.project,
            "missing": [one._asdict() for one in self.missing],
            "notes": list(self.notes),
            "digest": None if self.manager == "local" else self.digest,
        }
        return {name: value for name, value in fields.items() if value}

    def without(self, missing: tuple[Missing, ...]) -> Plan:
        """The same without packages that cannot be had."""
        names = {one.name for one in missing}
        layers = tuple(
            replace(layer, lines=tuple(line for line in layer.lines if name_of(line) not in names))
            for layer in self.layers
        )
        return replace(self, layers=layers, missing=(*self.missing, *missing))


def python_key(asked: str | None) -> str:
    """The part of a digest that stands for the Python: of the running one the whole version."""
    running = platform.python_version()
    return running if meets(running, asked) else str(asked)


def name_of(line: str) -> str:
    """The normalised name of the package in a requirement line; empty where it has none."""
    match = re.match(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", line, re.ASCII)
    return re.sub(r"[-_.]+", "-", match.group()).lower() if match else ""


def _normal(layer: Requirements) -> list[Any]:
    """What of requirements determines an environment, in one spelling."""
    lines = sorted(
        {re.sub(r"\s+", "", line) if ";" not in line else " ".join(line.split()) for line in layer.lines}
    )
    texts = [lines, list(layer.options), sorted(layer.constraints), sorted(layer.flags)]
    return [[_CREDENTIALS.sub("", line) for line in text] for text in texts]


def _conda(env: CondaEnv) -> dict[str, Any]:
    fields = {
        "channels": [without_credentials(one) for one in env.channels],
        "dependencies": list(env.dependencies),
    }
    return fields | ({"variables": [name for name, _ in env.variables]} if env.variables else {})
