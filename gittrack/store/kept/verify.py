"""Whether contents still have their digests: those on this machine, or those in the artifact store."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

from gittrack.artifacts import transfer
from gittrack.artifacts.crew import each
from gittrack.artifacts.transfer import Progress
from gittrack.core.errors import MalformedFile
from gittrack.core.value import dataclass
from gittrack.store.kept.fetching import fetch
from gittrack.store.kept.references import Named
from gittrack.store.kept.uploads import of_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.artifacts.content import Moved
    from gittrack.store.kept.fetching import Watch
    from gittrack.store.kept.places import Kept

State = Literal["ok", "missing", "changed"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A content that is not as it should be.

    Attributes:
        sha256: its digest.
        state: `missing` or `changed`.
        run_id: a run that names it.
        path: its path within the run.
    """

    sha256: str
    state: State
    run_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found.

    Attributes:
        place: what was checked: `here`, or the URL of the store without credentials.
        ok: contents that have their digests.
        size: bytes that were read.
        away: contents that are not on this machine, where nobody said that they should be.
        faults: the others.
    """

    place: str
    ok: int
    size: int
    away: int
    faults: tuple[Fault, ...]

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "place": self.place,
            "ok": self.ok,
            "size": self.size,
            "away": self.away,
            "faults": [
                {"sha256": one.sha256, "state": one.state, "run_id": one.run_id, "path": one.path}
                for one in self.faults
            ],
        }


def verify(
    kept: Kept,
    run_ids: Sequence[str] = (),
    *,
    store: bool = False,
    jobs: int = transfer.JOBS,
    progress: Watch | None = None,
) -> Verified:
    """Read contents again and hold them against their digests.

    Args:
        kept: what is here, and the store.
        run_ids: whose; what all committed runs name when empty. Of named runs everything must be on
            this machine (or on the runs branch), otherwise only what is here is checked.
        store: check the artifact store, where everything must be, instead of this machine.
        jobs: how many to read at once.
        progress: called while they are read.

    Raises:
        NoStore: `store` is set and none is configured.
        StoreError: the store refuses or cannot be reached.
    """
    named = of_runs(kept, run_ids)
    check = _Check(kept, store=store, jobs=jobs, progress=progress)
    return check.run(named, strict=bool(run_ids) or store)


class _Check:
    def __init__(self, kept: Kept, *, store: bool, jobs: int, progress: Watch | None) -> None:
        self._kept = kept
        self._verify: Callable[[str, Moved], State] = self._in_store if store else self._here
        self._store = store
        self._place = kept.remote.remote.url if store else "here"
        self._jobs = jobs
        self._progress = progress
        self._told = Progress(0, 0, 0, 0)
        self._lock = threading.Lock()
        self._states: dict[str, State] = {}

    def run(self, named: Sequence[Named], *, strict: bool) -> Verified:
        tops = {one.sha256: one for one in named}
        self._all(tops)
        if self._store:
            manifests = [one.sha256 for one in tops.values() if one.kind == "directory"]
            fetch(self._kept, [], [one for one in manifests if self._states[one] == "ok"], deep=False)
        members = self._members(tops)
        self._all({sha256: one for sha256, one in members.items() if sha256 not in self._states})
        everything = {**members, **tops}
        bad = {sha256: state for sha256, state in self._states.items() if state != "ok"}
        if not strict:
            bad = {sha256: state for sha256, state in bad.items() if state == "changed"}
        else:
            bad = {one: state for one, state in bad.items() if not self._on_branch(everything[one])}
        faults = tuple(
            Fault(sha256, state, everything[sha256].run_id, everything[sha256].path)
            for sha256, state in bad.items()
        )
        ok = sum(state == "ok" for state in self._states.values())
        away = len(self._states) - ok - len(faults)
        return Verified(self._place, ok, self._told.done_bytes, away, faults)

    def _members(self, tops: dict[str, Named]) -> dict[str, Named]:
        found: dict[str, Named] = {}
        for one in tops.values():
            if one.kind != "directory" or self._states[one.sha256] != "ok":
                continue
            try:
                members = self._kept.manifest(one.sha256) or []
            except MalformedFile:  # its digest is right, so it was never a manifest
                self._states[one.sha256] = "changed"
                continue
            for member in members:
                path = f"{one.path}/{member.path}"
                found.setdefault(member.sha256, Named(member.sha256, "file", member.size, one.run_id, path))
        return found

    def _all(self, named: dict[str, Named]) -> None:
        sizes = [one.size or 0 for one in named.values() if one.kind != "directory"]
        self._tell(total_bytes=sum(sizes), total_files=len(named))

        def one(sha256: str) -> None:
            state = self._verify(sha256, lambda more: self._tell(done_bytes=more))
            with self._lock:
                self._states[sha256] = state
            self._tell(done_files=1)

        each(named, one, self._jobs)

    def _here(self, sha256: str, moved: Moved) -> State:
        path = self._kept.place(sha256)
        if path is None:
            return "missing"
        objects = self._kept.objects if path == "here" else self._kept.cache.objects
        return "ok" if objects.verify(sha256, moved=moved) else "changed"

    def _in_store(self, sha256: str, moved: Moved) -> State:
        if self._kept.remote.verify(sha256, moved=moved):
            return "ok"
        return "missing" if self._kept.remote.stat(sha256) is None else "changed"

    def _on_branch(self, one: Named) -> bool:
        if self._store or self._states[one.sha256] == "changed":
            return False
        return one.path in self._kept.beside(one.run_id)

    def _tell(self, **more: int) -> None:
        with self._lock:
            changed = {name: getattr(self._told, name) + value for name, value in more.items()}
            self._told = self._told._replace(**changed)
            if self._progress:
                self._progress(self._told)
