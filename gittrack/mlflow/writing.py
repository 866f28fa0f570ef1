"""The runs that this process writes to, kept open from call to call.

MLflow names a run with each call, ours are a journal each. A run that is live is joined by whoever logs to
it; one that is committed gets a later attempt, which keeps status and end and is committed when nothing
came for a while. Whoever ends a run leaves a mark in its folder, and the other processes let go of it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, InvalidValue, RunNotFound
from gittrack.core.events import Deleted, Ended, TagsSet
from gittrack.core.series import summarise
from gittrack.core.times import now_ms
from gittrack.mlflow import marks
from gittrack.mlflow.open_run import CHANGED, OVER, Open
from gittrack.mlflow.reading import need
from gittrack.mlflow.view import Latest, latest_of, write_latest

if TYPE_CHECKING:
    from gittrack.core.records import Run, Status
    from gittrack.store.runs import RunStore

_IDLE = 1.0  # seconds after which a later attempt is committed
_TICK = 0.25


class Writing:
    """The open runs of one store.

    Args:
        store: of the runs.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._open: dict[str, Open] = {}
        self._left: set[str] = set()  # runs that have ended and were let go of, to be committed
        self._lock = threading.RLock()
        self._keeper: tuple[int, threading.Thread] | None = None
        self._stop = threading.Event()
        atexit.register(self.close)

    def find(self, run_id: str) -> Open | None:
        """The run if it is open here and nobody else changed it: what a call costs that logs a point."""
        one = self._open.get(run_id)
        return one if one is not None and one.is_current() else None

    def begin(self, run: Run) -> Open:
        """Begin a run."""
        one = Open(self, run, self.store.create(run), new=True)
        self._remember(one)
        return one

    def open(self, run_id: str) -> Open:
        """The run, open to be written to.

        Raises:
            MlflowException: there is no such run.
        """
        with self._lock:
            if (one := self.find(run_id)) is not None:
                return one
            self._let_go(run_id)
            for _ in range(100):
                with contextlib.suppress(RunNotFound, InvalidValue):  # it ended or was begun this moment
                    one = self._join(run_id) if self.store.is_live(run_id) else self._later(run_id)
                    self._remember(one)
                    return one
                time.sleep(0.02)
            need(self.store, run_id)
            msg = f"run {run_id} cannot be opened"
            raise GitTrackError(msg, hint="`gittrack doctor` looks closer")

    def end(self, run_id: str, status: Status, end_time: int) -> None:
        """End a run, and commit it when no other process writes to it."""
        one = self.open(run_id)
        with one.lock:
            self._note_latest(one)
            one.event(Ended(status, end_time))
            one.later = False
        with contextlib.suppress(OSError):
            (one.journal.directory / OVER).touch()
        self._finish(run_id)

    def reopen(self, run_id: str) -> Open:
        """Let a run that has ended run again, as a later attempt."""
        with self._lock:
            self._settle(run_id)
            known = self.store.committed(run_id).run
            one = Open(self, known, self.store.resume(run_id, _attempt(known, "running")))
            self._remember(one)
            return one

    def settle(self, run_id: str) -> bool:
        """Commit what a later attempt holds; whether the run is committed now."""
        with self._lock:
            return self._settle(run_id)

    def changed(self, run_id: str) -> None:
        """Tell other processes that a live run was deleted or restored."""
        with contextlib.suppress(OSError):
            (self.store.live_directory(run_id) / CHANGED).touch()
        self._let_go(run_id)

    def close(self) -> None:
        """Commit what can be; runs that have not ended are left to whoever goes on with them."""
        self._stop.set()
        for run_id in list(self._open):
            one = self._open.get(run_id)
            if one is not None and one.later:
                self._finish(run_id)
            else:
                self._let_go(run_id)

    # ---- inside

    def _join(self, run_id: str) -> Open:
        seen = need(self.store, run_id)
        return Open(self, seen.run, self.store.join(run_id), later=seen.run.end_time is not None)

    def _later(self, run_id: str) -> Open:
        known = need(self.store, run_id).run
        journal = self.store.resume(run_id, _attempt(known, known.status))
        end = now_ms() if known.end_time is None else known.end_time
        journal.event(Ended(known.status, end, known.exit_code, known.signal))
        return Open(self, known, journal, later=True)

    def _remember(self, one: Open) -> None:
        with self._lock:
            self._open[one.run_id] = one
            if self._keeper is None or self._keeper[0] != os.getpid():
                thread = threading.Thread(target=self._keep, name="gittrack-mlflow", daemon=True)
                self._keeper = os.getpid(), thread
                with contextlib.suppress(RuntimeError):  # the interpreter is on its way out
                    thread.start()

    def _keep(self) -> None:
        while not self._stop.wait(_TICK):
            for run_id in list(self._left):
                with contextlib.suppress(GitTrackError, OSError):
                    self._finish(run_id)
            for run_id, one in list(self._open.items()):
                with contextlib.suppress(GitTrackError, OSError):
                    if not one.is_current() or (one.later and time.monotonic() - one.used > _IDLE):
                        self._finish(run_id)

    def _note_latest(self, one: Open) -> None:
        """Keep the newest points of metrics whose last point is another."""
        if not one.unordered and one.alone and len(list(one.journal.directory.glob("*.jsonl"))) == 1:
            return
        series = self.store.series(one.run_id)
        last = {key: Latest(it.last, it.step, it.time) for key, it in summarise(series).items()}
        other = {key: point for key, point in latest_of(series).items() if last[key] != point}
        if other or not one.alone:
            one.event(TagsSet({marks.LATEST: write_latest(other)}))

    def _settle(self, run_id: str) -> bool:
        for _ in range(150):
            if not self.store.is_live(run_id):
                return True
            self._finish(run_id)
            if not self.store.is_live(run_id):
                return True
            time.sleep(0.02)
        return False

    def _let_go(self, run_id: str) -> None:
        with self._lock:
            one = self._open.pop(run_id, None)
        if one is not None:
            with one.lock:  # nothing comes between the note and the end
                if one.later and not one.journal.closed:
                    self._note_latest(one)
                    self._left.add(run_id)
                one.journal.close()

    def _finish(self, run_id: str) -> None:
        """Close our journal; commit the run if it has ended and nobody else writes to it."""
        with self._lock:
            self._let_go(run_id)
        with contextlib.suppress(RunNotFound):
            done = self.store.finish(run_id)
            self._left.discard(run_id)
            if done is not None and done.tags.get(marks.HIDDEN) == "1" and not done.deleted:
                self.store.edit([run_id], [Deleted(), TagsSet({marks.HIDDEN: None})])


def _attempt(known: Run, status: Status) -> Run:
    """A later attempt of a run: what it adds is added to what was."""
    going = status == "running"
    return replace(
        known,
        status=status,
        end_time=None if going else known.end_time,
        exit_code=None if going else known.exit_code,
        signal=None if going else known.signal,
        name="",
        note="",
        params={},
        metrics={},
        tags={},
        inputs=(),
        artifacts=(),
        deleted=False,
        extra={},
    )
