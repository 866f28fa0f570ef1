"""What is installed in an environment, and what its lock pins, read from files only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.core.redact import Redactor
from gittrack.launch.environments.lockfiles import Pin, parse_pylock, parse_uv
from gittrack.tracking import interpreter, packages

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.launch.environments.plans import Plan


def installed_in(prefix: Path) -> dict[str, Any]:
    """`python`, `packages`, `direct_urls` and `conda` of an environment; empty parts are left out.

    Args:
        prefix: its folder. `conda` is name to `version=build`.
    """
    there = interpreter.other(prefix / "bin" / "python")
    found = packages.installed(there.paths, Redactor())
    conda = _conda_packages(prefix)
    python = conda.get("python", "").partition("=")[0] or there.version
    fields = {"python": python, "packages": found.versions, "direct_urls": found.urls, "conda": conda}
    return {name: value for name, value in fields.items() if value}


def pins(plan: Plan) -> dict[str, Any]:
    """What the lock of a plan pins, as JSON has it; empty without one, or when it cannot be read."""
    if plan.lock is None:
        return {}
    parse = parse_pylock if plan.lock.kind == "pylock" else parse_uv
    try:
        found = parse(plan.lock.path.read_text(encoding="utf-8"), where=plan.lock.path.name)
    except (OSError, UnicodeDecodeError, MalformedFile):
        return {}
    return {name: [list(pin.versions), pin.certain] for name, pin in found.items()}


def from_json(value: object) -> dict[str, Pin]:
    """What :func:`pins` gave."""
    items = value.items() if isinstance(value, dict) else ()
    return {name: Pin(tuple(versions), bool(certain)) for name, (versions, certain) in items}


def _conda_packages(prefix: Path) -> dict[str, str]:
    """From the names of `conda-meta/<name>-<version>-<build>.json`."""
    found = {}
    for file in sorted((prefix / "conda-meta").glob("*-*-*.json")):
        name, version, build = file.stem.rsplit("-", 2)
        found[name] = f"{version}={build}"
    return found
