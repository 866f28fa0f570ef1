"""Runs that go on elsewhere, as far as they were fetched; the network is not asked."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gittrack.query.watching import Watched
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore


def fetched_runs(store: RunStore) -> list[Watched]:
    """The runs that go on elsewhere as of the last fetch, in the order in which they started.

    Those that run here, or whose end is here already, are left out, and those without a push for a week.
    """
    if not _may_have_any(store.git):
        return []
    from gittrack.query.watching import elsewhere, is_here
    from gittrack.store.sync.live_refs import fetched

    seen = fetched(store.git)
    if seen:
        store.index.refresh()
    found = [elsewhere(one) for one in seen if not is_here(store, one.state.run)]
    return sorted(found, key=lambda one: (one.run.start_time, one.run.id))


def _may_have_any(git: Git) -> bool:
    """Whether a ref of such a run may be here; without one nothing is loaded and no process started."""
    common = git.place.common_dir
    if (common / "reftable").exists() or any((common / "refs/gittrack/remotes").glob("*/live")):
        return True
    with contextlib.suppress(OSError):
        return b"/live/" in (common / "packed-refs").read_bytes()
    return False
