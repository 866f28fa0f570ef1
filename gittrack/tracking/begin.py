"""Runs of which everything is known before they begin: a launcher has captured what many have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.events import EnvironmentCaptured
from gittrack.tracking import active
from gittrack.tracking.background import Background
from gittrack.tracking.session import ActiveRun
from gittrack.tracking.start import tell_children

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


def begin(store: RunStore, run: Run, environment: Mapping[str, object] | None = None) -> ActiveRun:
    """Begin a run of which everything is known already, its code included, and make it the active one.

    Args:
        store: where it goes.
        run: as it starts; secrets are hidden in it.
        environment: the document of `environment.yaml`, None without one.

    Raises:
        InvalidValue: its id is taken.
        OSError: the repository cannot be written.
    """
    journal = store.create(run)
    if environment is not None:
        journal.event(EnvironmentCaptured(environment))
    restore = tell_children(run.id, store)
    background = Background(store, journal, Path.cwd(), restore, system_metrics=None, capture=False)
    begun = ActiveRun(run.id, run.experiment, store, journal, store.redactor, background)
    active.push(begun)
    return begun
