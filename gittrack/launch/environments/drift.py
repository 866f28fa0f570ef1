"""How what is installed differs from what a lock pins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.launch.environments.lockfiles import Pin

_TOOLS = frozenset({"pip", "setuptools", "wheel"})


@dataclass(frozen=True)
class Drift:
    """What is otherwise than the lock says.

    Attributes:
        changed: name to (what is pinned, what is installed).
        missing: name to what is pinned, for packages that every platform needs.
        extra: name to the version of what the lock does not know; pip, setuptools and wheel are tools.
    """

    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)

    def to_record(self) -> dict[str, dict[str, object]]:
        """The parts that are not empty, as JSON has them."""
        changed = {
            name: {"locked": pinned, "installed": found} for name, (pinned, found) in self.changed.items()
        }
        parts: dict[str, dict[str, object]] = {
            "changed": {**changed},
            "missing": {**self.missing},
            "extra": {**self.extra},
        }
        return {name: part for name, part in parts.items() if part}


def compare(locked: Mapping[str, Pin], installed: Mapping[str, str]) -> Drift:
    """The drift of an environment.

    Args:
        locked: normalised name to pin.
        installed: normalised name to version.
    """
    changed, missing = {}, {}
    for name, pin in sorted(locked.items()):
        pinned = " or ".join(pin.versions)
        found = installed.get(name)
        if found is None:
            if pin.certain:
                missing[name] = pinned
        elif pin.versions and plain(found) not in map(plain, pin.versions):
            changed[name] = (pinned, found)
    extra = {
        name: version
        for name, version in sorted(installed.items())
        if name not in locked and name not in _TOOLS
    }
    return Drift(changed, missing, extra)


def plain(version: str) -> str:
    """A version in one spelling: `1.0`, `v1` and `1.0.0` are equal, `1.0+cpu` is another."""
    release, plus, local = version.strip().lower().removeprefix("v").partition("+")
    numbers = release.split(".")
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return ".".join(numbers) + plus + local.replace("-", ".").replace("_", ".")
