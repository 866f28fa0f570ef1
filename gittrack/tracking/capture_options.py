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
            files = name.endswith("_files")
            found[name] = value if value is True else [_shown(one, here) if files else one for one in value]
    return {CAPTURE: dump_json(found).decode()} if found else {}


def _shown(path: Path, here: Path) -> str:
    whole = Path(os.path.normpath(Path.cwd() / path))
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else str(whole)
