"""Names of artifacts within a run."""

from __future__ import annotations

import os
from pathlib import Path

from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import InvalidValue


def artifact_path(name: str | os.PathLike[str]) -> str:
    """The name of an artifact, with `/`.

    Raises:
        InvalidValue: it would leave the run's artifacts, or does not work on every system.
    """
    text = os.fspath(name).replace(os.sep, "/").strip("/") if not Path(name).is_absolute() else ""
    parts = [part for part in text.split("/") if part != "."]
    path = "/".join(parts)
    if not is_safe(path):
        msg = f"not a name for an artifact: {os.fspath(name)[:80]!r}"
        raise InvalidValue(
            msg, hint='use a relative path without "..", \\ : * ? " < > | and control characters'
        )
    return path


def place_of(path: str | os.PathLike[str], to: str | None) -> tuple[Path, str]:
    """A file or folder of the user's and its name within the run.

    Raises:
        InvalidValue: it does not exist, or has no name that can be used.
    """
    source = Path(path)
    if not source.exists():
        msg = f"no such file: {source}"
        raise InvalidValue(msg, hint=f"the current folder is {Path.cwd()}")
    name = source.resolve().name if source.name in {"", ".", ".."} else source.name
    return source, artifact_path(f"{to}/{name}" if to else name)
