"""What a wrapped command finds in its environment, and which Python it runs with."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.tracking.seeding import NAMES as SEEDS
from gittrack.tracking.surroundings import NESTED_IN, WRAPPED_IN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.store.runs import RunStore
    from gittrack.tracking.wrap import Launch

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?", re.ASCII)


def prepared(launch: Launch | None) -> dict[str, str]:
    """The environment variables as the launcher wants them."""
    if launch is None:
        return dict(os.environ)
    kept = {key: value for key, value in os.environ.items() if key not in launch.unset}
    path = os.pathsep.join([*launch.path, kept.get("PATH", os.defpath)])
    return kept | dict(launch.variables) | {"PATH": path}


def seen(environ: Mapping[str, str], launch: Launch | None) -> Mapping[str, str]:
    """The variables that the command sees: all, or in a container seeds and what it is given."""
    if launch is None or launch.seen is None:
        return environ
    return {name: environ[name] for name in SEEDS if name in environ} | dict(launch.seen)


def environment(environ: Mapping[str, str], store: RunStore, run_id: str, journal: Path) -> dict[str, str]:
    """The variables of the command: ours, and those of the protocol."""
    place = store.git.place
    own = {
        WRAPPED_IN: run_id,
        "GITTRACK_JOURNAL": str(journal),
        "GITTRACK_REPO": str(place.work_tree or place.git_dir),
    }
    inherited = {key: value for key, value in environ.items() if key != NESTED_IN}
    return inherited | own


def python_of(command: Sequence[str], environ: Mapping[str, str], *, launched: bool) -> Path | None:
    """The interpreter that the command uses, None for ours: its own, or that of the active environment."""
    name = command[0] if _PYTHON.fullmatch(os.path.basename(command[0])) else "python"  # noqa: PTH119
    if name == "python" and not launched and not environ.get("VIRTUAL_ENV") and command[0] != name:
        return None
    found = shutil.which(name, path=environ.get("PATH"))
    return Path(found) if found else None
