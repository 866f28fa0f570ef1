"""The container of a recorded run once more: the same image, by digest."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.redact import REDACTED
from gittrack.launch.containers import box as boxes
from gittrack.launch.containers import engine as engines
from gittrack.launch.containers import images
from gittrack.launch.containers.wanted import Wanted
from gittrack.launch.projects.project_values import DockerEnv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.launch.containers.box import Box
    from gittrack.store.runs import RunStore


def again(
    store: RunStore, record: Mapping[str, Any], directory: Path, say: Callable[[str], None] | None
) -> Box | str:
    """The container of a run, or why it cannot be had; never another image than the run's.

    Options for the engine are not taken from the record: somebody else may have written it.

    Args:
        store: of the run; its configuration names the engine.
        record: `container` in `environment.yaml`.
        directory: the project.
        say: called with what is done; None where nothing may be pulled.
    """
    variables = record.get("variables") if isinstance(record.get("variables"), dict) else {}
    hidden = [name for name, value in (variables or {}).items() if REDACTED in str(value)]
    if hidden:
        return f"the variable {hidden[0]} of the container held a secret, which was not recorded"
    env = DockerEnv(
        str(record.get("image", "")),
        _texts(record, "volumes"),
        _texts(record, "copied"),
        tuple((str(name), str(value)) for name, value in (variables or {}).items()),
    )
    wanted = Wanted(env, directory)
    try:
        mounts = wanted.check(store)
        wished = str(record.get("id", ""))
        engine, _ = images.look(engines.candidates(store.config, os.environ), "gittrack/none")
        image = images.by_digest(engine, wished, _texts(record, "digests"), say)
        if image is None:
            return f"the image {env.image} ({wished[:19]}) is neither here nor in a registry"
        image = replace(image, name=env.image, code=record.get("code") is True)
        return boxes.boxed(wanted, engine, image, mounts)
    except GitTrackError as error:
        return f"{error} ({error.hint})" if error.hint else str(error)


def _texts(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
