"""The end of a run: from journals to a commit, by its own process or by whoever finds it abandoned."""

from __future__ import annotations

import dataclasses
import platform
import shutil
import time
import warnings
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackWarning, MalformedFile, RunNotFound
from gittrack.core.events import ArtifactLogged, Ended, apply
from gittrack.core.ids import random_text
from gittrack.core.records import Artifact
from gittrack.core.redact_run import redact_run
from gittrack.core.series import join, summarise
from gittrack.core.times import now_ms
from gittrack.store.asked import with_asked
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.commit.topic import is_topic
from gittrack.store.format import layout
from gittrack.store.format.assemble import join_series, next_stamp, resume
from gittrack.store.journal.gate import close_gate, gate
from gittrack.store.journal.job import has_job
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.small_artifacts import small_artifacts

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run, Status
    from gittrack.store.journal.live import Live
    from gittrack.store.runs import RunStore

_FRESH = 60.0  # seconds that a process has between making its directory and writing to it
OUTPUT = "output.log"
"""Where a live run keeps the output of its command, and the artifact that it becomes."""
TOPIC = "topic"
"""Where a live run says which topic it goes to; there is no such file for the runs branch."""
_ELSEWHERE = 900.0  # seconds of silence before a run of another host counts as lost


class Finisher:
    """Commits runs that have ended.

    Args:
        store: whose runs.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def finish(self, run_id: str) -> Run | None:
        """Commit a run; None while a living process still writes to it, or it has not ended."""
        directory = self._store.live_directory(run_id)
        if not directory.is_dir():
            return self._store.committed(run_id).run
        if is_alive(directory):
            return None
        with gate(directory) as is_open:
            if not is_open:  # another process was faster
                return self._store.committed(run_id).run
            if is_alive(directory):
                return None
            live = read_live(directory)
            if not live.ended:
                return None
            run = self._commit(live)
            _remove(directory)
        return run

    def recover(self) -> list[Run]:
        """Finish all abandoned runs and commit pending changes; the runs that were finished."""
        branch.flush(self._store.git)
        finished = []
        for directory in self._store.live_directories():
            try:
                run = Finisher(self._store.on(topic_of(directory))).recover_one(directory)
            except MalformedFile as error:
                if _age(directory) > _FRESH:
                    warnings.warn(
                        f"{error.message}: `gittrack doctor` looks closer", GitTrackWarning, stacklevel=2
                    )
                continue
            except (FileNotFoundError, RunNotFound):
                continue  # another process was faster
            if run is not None:
                finished.append(run)
        return finished

    def recover_one(self, directory: Path) -> Run | None:
        """Finish the run of a live directory if it is abandoned; None where it is not, or is finished."""
        if is_alive(directory) or not any(directory.glob("*.jsonl")):
            return None
        with gate(directory) as is_open:
            if is_alive(directory):
                return None
            if not is_open:
                _remove(directory)  # a killed process had committed it, and only the journals are left
                return None
            live = read_live(directory)
            last = _last_sign(live)
            if not live.ended:
                if has_job(directory):  # the engine that has it says when it is over
                    return None
                if live.run.host not in {None, platform.node()} and time.time() - last / 1000 < _ELSEWHERE:
                    return None
                status: Status = "killed" if _same_boot(live, last) else "lost"
                live = dataclasses.replace(live, run=apply(live.run, Ended(status, last)), ended=True)
            live = with_asked(self._with_output(live), self._store.objects, last)
            run = self._commit(live, again=True)
            _remove(directory)
        return run

    def _with_output(self, live: Live) -> Live:
        """With the output that a killed wrapper had kept."""
        path = live.directory / OUTPUT
        if not path.exists() or any(one.path == OUTPUT for one in live.run.artifacts):
            return live
        kept = Artifact(OUTPUT, *self._store.objects.put_file(path))
        return dataclasses.replace(live, run=apply(live.run, ArtifactLogged(kept)))

    def _commit(self, live: Live, *, again: bool = False) -> Run:
        """Commit what the journals hold. The finish lock is held.

        Args:
            live: the run.
            again: somebody may have committed it and died before removing the journals.
        """
        store = self._store
        live = dataclasses.replace(live, run=redact_run(live.run, store.redactor))
        files, run = self._files(live, again=again)
        source = live.run.source
        snapshots = tuple(oid for oid in (source.snapshot or source.commit,) if oid)
        if store.code is not None and store.code is not store.git:
            if snapshots:
                branch.keep_code(store.code, snapshots)
            snapshots = ()
        if files:
            name = f" ({run.name})" if run.name else ""
            branch.submit(store.git, Changes(f"gittrack: {run.status} {run.id}{name}", files, snapshots))
        close_gate(live.directory)
        return run

    def _files(self, live: Live, *, again: bool) -> tuple[dict[str, bytes], Run]:
        """The files to add and the run as it now is; none when a killed process had added them."""
        store, run = self._store, live.run
        if run.attempt <= 1:
            run = dataclasses.replace(run, attempt=1, metrics=summarise(live.series))
            small = small_artifacts(run, store)
            files = layout.run_files(run, live.series, live.environment, small=small)
            return ({} if again and self._has(next(iter(files))) else files), run
        known = store.committed(run.id)
        earlier = join_series(store.committed_parts(run.id))
        run = dataclasses.replace(run, metrics=summarise(join(earlier, live.series)))
        if again and any(one.run == run for one in known.attempts):
            return {}, known.run
        stamp = next_stamp(known, store.writer, now_ms())
        directory = layout.run_directory(known.first)
        small = small_artifacts(run, store)
        files = layout.run_files(run, live.series, live.environment, stamp, directory, small)
        return files, resume(known.run, run)

    def _has(self, path: str) -> bool:
        tip = branch.tip(self._store.git)
        return tip is not None and self._store.git.resolve(f"{tip}:{path}") is not None


def topic_of(directory: Path) -> str | None:
    """The topic that a live run goes to; None for the runs branch, and where no name for one stands."""
    try:
        name = (directory / TOPIC).read_text().strip()
    except (OSError, ValueError):
        return None
    return name if is_topic(name) else None


def _remove(directory: Path) -> None:
    """Remove a live directory, at once for every reader. The gate is held: nobody begins it anew."""
    trash = directory.with_name(f".{directory.name}.{random_text(4)}")
    try:
        directory.rename(trash)
    except PermissionError:  # Windows renames no folder with an open file in it, which the gate is
        trash = directory
    except FileNotFoundError:
        return
    shutil.rmtree(trash, ignore_errors=True)


def _last_sign(live: Live) -> int:
    """When the run was last heard of, in milliseconds since the epoch."""
    points = [series.times[-1] for series in live.series if len(series)]
    written = [int(path.stat().st_mtime * 1000) for path in live.directory.glob("*.jsonl")]
    return max([live.run.start_time, *points, *written])


def _same_boot(live: Live, last: int) -> bool:
    """Whether the machine has been up since the run was last heard of: then it was killed."""
    if live.run.host not in {None, platform.node()}:
        return False
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    up = time.clock_gettime(clock) if clock is not None else time.monotonic()
    return last / 1000 > time.time() - up - 5


def _age(directory: Path) -> float:
    try:
        return time.time() - directory.stat().st_mtime
    except FileNotFoundError:
        return 0.0
