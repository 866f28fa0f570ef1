"""Whether somebody collects in a store right now.

::

    <artifacts.url>/tmp/gc-<random>     there while a collection runs

An old object that nobody names is sent again before a run names it. A collector that looked at it before
that may remove it just after. So whoever renewed an object looks for collectors before publishing: with
none there, any later one sees the object as young.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gittrack.core.ids import random_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.artifacts.remote import Remote

TEMPORARY = "tmp"
_MARK = f"{TEMPORARY}/gc-"
_LONGEST = 3600.0  # seconds after which a collector was killed


@contextlib.contextmanager
def collecting(remote: Remote) -> Iterator[float]:
    """Tell others that a collection runs; gives the time by the clock of the store, or an earlier one.

    A clock here that is wrong must not make young objects old.
    """
    name = f"{_MARK}{random_text(12)}"
    remote.put_bytes(b"gittrack", name)
    try:
        entry = remote.stat(name)
        here = time.time()
        yield here if entry is None or entry.modified is None else min(here, entry.modified / 1000)
    finally:
        remote.delete([name])


def is_collected(remote: Remote) -> bool:
    """Whether a collection runs."""
    now = time.time()
    return any(
        entry.name.startswith(_MARK) and (entry.modified is None or entry.modified / 1000 > now - _LONGEST)
        for entry in remote.list(TEMPORARY)
    )
