"""Where a wrapped command's params and metrics come from, as a tag: a repetition has to look there too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.text import dump_json

if TYPE_CHECKING:
    from gittrack.tracking.wrap import Wish

CAPTURE = "gittrack.capture"
"""The tag; its value is JSON with those of `_FIELDS` that were given."""
_FIELDS = ("params_files", "metrics_files", "metrics_from_output", "patterns")


def capture_tag(wish: Wish, here: Path) -> dict[str, str]:
    """The tag of a run, empty where it says nothing.

    Args:
        wish: what the caller of the wrapper asked for.
        here: where the command runs; files are named relative to it where they are below.
    """
    found: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(wish, name)
        if value:
            found[name] = value if value is True else [_text(name, one, here) for one in value]
    return {CAPTURE: dump_json(found).decode()} if found else {}


def _text(name: str, value: str | Path, here: Path) -> str:
    if not name.endswith("_files"):
        return str(value)
    base = here if name == "metrics_files" else Path.cwd()  # params are read before, metrics written there
    whole = Path(os.path.normpath(base / value))
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else str(whole)
