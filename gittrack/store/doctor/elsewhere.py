"""What `gittrack doctor` looks at of runs that go on elsewhere: states that nobody pushes any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.store.doctor.finding import Finding, count, first
from gittrack.store.sync.live_refs import drop, stale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.runs import RunStore


def states(store: RunStore) -> Iterator[Finding]:
    """States of running runs that were fetched and that nobody has pushed for a week."""
    found = stale(store.git)
    if found:
        names = first([one.ref.rpartition("/")[2] for one in found])
        what = f"{count(len(found), 'state')} of running runs, not pushed for a week: {names}"
        yield Finding("live states", "info", what, "--repair removes them, on the remote too", "states")


def remove(store: RunStore) -> str:
    """Remove them, on their remotes too.

    Raises:
        RemoteError: a remote cannot be reached, or does not let one go.
    """
    found = stale(store.git)
    for one in found:
        drop(store.git, one)
    return f"removed {count(len(found), 'state')} of running runs"
