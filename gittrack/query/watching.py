"""The runs that go on here, looked at again and again."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, RemoteError
from gittrack.core.public import finite, record
from gittrack.core.times import iso, now_ms
from gittrack.query.progress import Progress, progress
from gittrack.store.format.assemble import resume
from gittrack.store.journal.follow import Follower

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.journal.tail import Tail
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.live_refs import Seen

_SILENCE = 3  # intervals without a push after which a run gives no sign of life
_LEAST = 10.0  # seconds of an interval, at least, for that: networks are slow


@dataclass(frozen=True)
class Watched:
    """A run as it stands.

    Attributes:
        run: what is known of it, metrics included.
        tails: its metrics by name, of the lowest rank that logs each.
        alive: whether a process writes to it here.
        progress: how far it has come, None before its first point.
        place: where it runs when that is elsewhere: the name of a writer; None for this machine.
    """

    run: Run
    tails: dict[str, Tail]
    alive: bool
    progress: Progress | None
    place: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The record of the run, and `alive`, `progress`, `updated`, `place`."""
        found = self.progress
        latest = max((tail.last.time for tail in self.tails.values() if tail.last), default=None)
        return record(self.run) | {
            "alive": self.alive,
            "progress": None
            if found is None
            else {
                "done": finite(found.done),
                "total": found.total,
                "unit": found.unit,
                "rate": finite(found.rate),
                "left": finite(found.left),
            },
            "updated": None if latest is None else iso(latest),
            "place": self.place,
        }


class Watcher:
    """Follows the live runs of a store; a look costs what was added since the last one.

    Args:
        store: of the runs.
        only: ids; all live runs when None.

    Attributes:
        changed: whether the last look found anything new.
    """

    def __init__(self, store: RunStore, only: Collection[str] | None = None) -> None:
        self.changed = False
        self._store = store
        self._only = only
        self._followers: dict[str, Follower] = {}
        self._before: dict[str, Run] = {}

    def look(self) -> list[Watched]:
        """The live runs as they stand, in the order in which they started."""
        known = {directory.name: directory for directory in self._store.live_directories()}
        wanted = {name: path for name, path in known.items() if self._only is None or name in self._only}
        self.changed = wanted.keys() != self._followers.keys()
        self._followers = {name: self._followers.get(name) or Follower(path) for name, path in wanted.items()}
        for follower in self._followers.values():
            self.changed |= follower.poll()
        found = [self._watched(one) for one in self._followers.values() if not one.gone]
        return sorted((one for one in found if one), key=lambda one: (one.run.start_time, one.run.id))

    def _watched(self, follower: Follower) -> Watched | None:
        run = follower.run
        if run is None:
            return None
        tails: dict[str, Tail] = {}
        for where in sorted(follower.tails):
            tails.setdefault(where[0], follower.tails[where])
        whole = self._whole(run)
        return Watched(whole, tails, follower.alive, progress(whole.params, tails.values()))

    def _whole(self, run: Run) -> Run:
        """With what the attempts before were, which are committed."""
        if run.attempt == 1:
            return run
        if run.id not in self._before:
            with contextlib.suppress(GitTrackError):
                self._before[run.id] = self._store.committed(run.id).run
        return resume(self._before[run.id], run) if run.id in self._before else run


class RemoteWatcher:
    """Follows runs that go on elsewhere, as far as their state is pushed.

    Args:
        store: of this clone.
        wanted: name or URL of the remote; as configured when None.
        every: seconds between two fetches at least.

    Attributes:
        problems: what could not be read at the last fetch.

    Raises:
        RemoteError: there is no such remote.
    """

    def __init__(self, store: RunStore, wanted: str | None = None, every: float = 5.0) -> None:
        from gittrack.store.sync.remote import resolve  # who only looks here needs nothing of remotes

        self.problems: list[str] = []
        self._store = store
        self._remote = resolve(store.git, wanted or store.config.get("runs.remote"))
        self._every = every
        self._found: list[Watched] = []
        self._due = 0.0
        self._reached = False

    def look(self) -> list[Watched]:
        """The runs as they were pushed last, without those that run here or are committed here already.

        Raises:
            RemoteError: the remote cannot be reached, and never was.
        """
        from gittrack.store.sync.live_refs import look

        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self._every
            try:
                seen, self.problems = look(self._store.git, self._remote)
            except RemoteError as error:
                if not self._reached:
                    raise
                self.problems = [str(error)]  # a network that is away for a moment
                return self._found
            self._reached = True
            self._store.index.refresh()
            self._found = [elsewhere(one) for one in seen if not is_here(self._store, one.state.run)]
        return self._found


def is_here(store: RunStore, run: Run) -> bool:
    """Whether a run of another machine runs here, or its attempt is committed here."""
    if store.is_live(run.id):
        return True
    known = store.index.get(run.id)
    return known is not None and known.attempt >= run.attempt


def elsewhere(seen: Seen) -> Watched:
    """What was pushed of a run, as it is watched."""
    state = seen.state
    tails: dict[str, Tail] = {}
    for where in sorted(state.tails):
        tails.setdefault(where[0], state.tails[where])
    alive = now_ms() - state.time < _SILENCE * max(state.every, _LEAST) * 1000
    place = state.run.host or seen.writer
    return Watched(state.run, tails, alive, progress(state.run.params, tails.values()), place)


def tips(git: Git) -> tuple[object, ...]:
    """Something that changes when a ref of the repository may have moved; costs a look at three files."""
    common = git.place.common_dir
    names = (git.runs, "packed-refs", "reftable/tables.list")
    return tuple(_stamp(common / name) for name in names)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
