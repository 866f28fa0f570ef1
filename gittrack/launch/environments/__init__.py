"""Environments of projects: what is asked for, made and kept, so that it is ready at once the next time.

:func:`plan` reads what a project asks for, :func:`from_record` what a run had; :func:`prepare` makes it.
"""

from gittrack.launch.environments.cache import Cache, Environment, default_folder
from gittrack.launch.environments.discover import MANAGERS, plan
from gittrack.launch.environments.drift import Drift, compare
from gittrack.launch.environments.failures import CannotSolve, EnvironmentFailed, NoSuchPython, ToolMissing
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
