"""Environments of projects: what is asked for, made and kept, so that it is ready at once the next time.

:func:`plan` reads what a project asks for, :func:`from_record` what a run had; :func:`prepare` makes it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gittrack.launch.environments.cache import Cache, Environment, default_folder
    from gittrack.launch.environments.discover import MANAGERS, plan
    from gittrack.launch.environments.drift import Drift, compare
    from gittrack.launch.environments.failures import (
        CannotSolve,
        EnvironmentFailed,
        NoSuchPython,
        ToolMissing,
    )
    from gittrack.launch.environments.making import Prepared, prepare
    from gittrack.launch.environments.plans import Missing, Plan
    from gittrack.launch.environments.recorded import from_record

__all__ = [
    "MANAGERS",
    "Cache",
    "CannotSolve",
    "Drift",
    "Environment",
    "EnvironmentFailed",
    "Missing",
    "NoSuchPython",
    "Plan",
    "Prepared",
    "ToolMissing",
    "compare",
    "default_folder",
    "from_record",
    "plan",
    "prepare",
]

_HOMES = {
    "Cache": "cache",
    "Environment": "cache",
    "default_folder": "cache",
    "MANAGERS": "discover",
    "plan": "discover",
    "Drift": "drift",
    "compare": "drift",
    "CannotSolve": "failures",
    "EnvironmentFailed": "failures",
    "NoSuchPython": "failures",
    "ToolMissing": "failures",
    "Prepared": "making",
    "prepare": "making",
    "Missing": "plans",
    "Plan": "plans",
    "from_record": "recorded",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    """Load what is asked for: a project that takes the environment as it is needs hardly any of it."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
