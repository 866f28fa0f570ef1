"""How far the artifacts of this clone are in a store.

::

    gittrack/stores/<key>.json      {"url": …, "tip": …}

Of every run that is reachable from the tip, everything that was here is in the store, and the run was
published after that. So a push asks the store about nothing but what runs name that came since.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.plumbing.git import Git


def known(git: Git, url: str) -> str | None:
    """The tip up to which everything is in a store, None for nothing.

    Args:
        git: the repository of the runs.
        url: of the store, without credentials.
    """
    try:
        found: Any = load_json(_file(git, url).read_bytes())
        tip = found["tip"] if found["url"] == url else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return tip if isinstance(tip, str) else None


def remember(git: Git, url: str, tip: str) -> None:
    """Everything up to a tip is in the store, and the runs are published."""
    path = _file(git, url)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, dump_json({"url": url, "tip": tip}) + b"\n")


def _file(git: Git, url: str) -> Path:
    key = hashlib.sha256(url.encode()).hexdigest()[:16]
    return git.directory / "stores" / f"{key}.json"
