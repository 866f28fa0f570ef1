"""The registry: every backend by its name, imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from gittrack.core.errors import UsageError
from gittrack.launch.projects.project_values import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from gittrack.launch.backends.base import Backend

GROUP = "gittrack.backends"
"""Entry points of other packages, name to class; they come after ours."""

BACKENDS = {
    "local": "gittrack.launch.backends.local:Local",
    "docker": "gittrack.launch.backends.docker:Docker",
    "slurm": "gittrack.launch.backends.slurm:Slurm",
    "ray": "gittrack.launch.backends.ray:Ray",
    "dask": "gittrack.launch.backends.dask:Dask",
    "kubernetes": "gittrack.launch.backends.kubernetes:Kubernetes",
}


def names() -> list[str]:
    """All names, those of plug-ins included."""
    return [*BACKENDS, *(name for name in _plugins() if name not in BACKENDS)]


def find(name: str) -> type[Backend]:
    """The class of a backend.

    Raises:
        UsageError: there is no such backend, or a plug-in cannot be loaded.
    """
    if name in BACKENDS:
        module, _, attribute = BACKENDS[name].partition(":")
        return cast("type[Backend]", getattr(import_module(module), attribute))
    plugins = _plugins()
    if name not in plugins:
        msg = f"no such backend: {name[:40]}"
        raise UsageError(msg, hint=nearest(name, names()) or f"there is: {', '.join(names())}")
    try:
        return cast("type[Backend]", plugins[name].load())
    except Exception as error:  # whatever somebody else's module does when it is imported
        msg = f"backend {name[:40]} cannot be loaded: {error}"
        raise UsageError(msg, hint=f"it comes from {plugins[name].value}") from error


def make(name: str, given: Mapping[str, Any]) -> Backend:
    """A backend that was told something.

    Raises:
        UsageError: there is no such backend, or it cannot be told that.
    """
    from gittrack.launch.backends.options import checked

    found = find(name)
    return found(checked(name, found.OPTIONS, given))


def _plugins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {one.name: one for one in entry_points(group=GROUP)}
