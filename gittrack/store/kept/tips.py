"""How far the artifacts of this clone are in a store.

::

    gittrack/stores/<key>.json      {"url": …, "home": …, "tip": …, "noted": true}

Of every run that is reachable from the tip, everything that was here is in the store, and the run was
published in the home repository after that. So a push asks the store about nothing but what runs name
that came since.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.files import write_atomic
from gittrack.core.text import dump_json, load_json

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.plumbing.git import Git


class Known(NamedTuple):
    """What is known of a store.

    Attributes:
        tip: of the runs branch, up to which everything is there; None for nothing.
        noted: whether the store knows that the home repository uses it.
    """

    tip: str | None = None
    noted: bool = False


def read(git: Git, url: str, home: str) -> Known:
    """What is known of a store.

    Args:
        git: the repository of the runs.
        url: of the store, without credentials.
        home: URL of the repository that the runs are published in, without credentials.
    """
    try:
        found: Any = load_json(_file(git, url, home).read_bytes())
        tip, noted = found["tip"], found["noted"] is True
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Known()
    return Known(tip if isinstance(tip, str) else None, noted)


def remember(git: Git, url: str, home: str, known: Known) -> None:
    """Keep what is known of a store; it is disposable."""
    path = _file(git, url, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, dump_json({"url": url, "home": home, **known._asdict()}) + b"\n")


def _file(git: Git, url: str, home: str) -> Path:
    key = hashlib.sha256(f"{url}\n{home}".encode()).hexdigest()[:16]
    return git.directory / "stores" / f"{key}.json"
