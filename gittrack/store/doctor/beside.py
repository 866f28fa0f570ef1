"""What `gittrack doctor` looks at beside the branch: journals, pending changes, index, artifacts, code."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

from gittrack.core.errors import MalformedFile
from gittrack.core.files import is_locked
from gittrack.core.ids import is_run_id
from gittrack.store.doctor.finding import Finding, count, first
from gittrack.store.journal.job import has_job
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.plumbing.git import CODE, is_oid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

FRESH = 60.0
"""Seconds that a process has between making something and using it."""


def journals(store: RunStore) -> Iterator[Finding]:
    """Runs that are not committed yet."""
    running = waiting = 0
    for directory in store.live_directories():
        if is_alive(directory):
            running += 1
        elif has_job(directory):
            waiting += 1
        else:
            yield from _journal(directory)
    more = f", {waiting} on an engine" if waiting else ""
    yield Finding("journals", "ok", f"{count(running, 'run')} running{more}")
    left = leftovers(store)
    if left:
        what = f"{count(len(left), 'folder')} of committed runs not removed"
        yield Finding("journals", "info", what, None, "leftovers")


def _journal(directory: Path) -> Iterator[Finding]:
    try:
        live = read_live(directory)
    except MalformedFile as error:
        if age(directory) > FRESH:
            what = f"{directory} holds no run: {error.reason}"
            yield Finding(
                "journals", "warning", what, "--repair sets it aside, nothing is deleted", "set aside"
            )
        return
    except (FileNotFoundError, NotADirectoryError):
        return
    for problem in live.problems:
        yield Finding(
            "journals", "warning", f"{directory.name}: {problem}", "the rest of the journal is read"
        )
    yield Finding(
        "journals", "warning", f"run {live.run.id} was abandoned", "any command finishes it", "recover"
    )


def unreadable(store: RunStore) -> list[Path]:
    """Live directories that hold no run and in which nobody writes."""
    found = []
    for directory in store.live_directories():
        if is_alive(directory) or age(directory) <= FRESH:
            continue
        try:
            read_live(directory)
        except MalformedFile:
            found.append(directory)
        except OSError:
            continue
    return found


def leftovers(store: RunStore) -> list[Path]:
    """What a killed process had renamed away to be removed."""
    folder = store.git.directory / "live"
    with contextlib.suppress(FileNotFoundError):
        return [path for path in folder.iterdir() if path.name.startswith(".") and is_run_id(path.name[1:])]
    return []


def pending(store: RunStore) -> Iterator[Finding]:
    """Changes that wait to be committed."""
    names = pending_files(store.git)
    waiting = [path for path in names if not path.name.endswith((".tmp", ".broken"))]
    broken = [path for path in names if path.name.endswith(".broken")]
    cut_off = cut_off_files(store.git)
    if waiting and not is_locked(store.git.directory / "writer.lock"):
        what = f"{count(len(waiting), 'change')} not committed yet"
        yield Finding("pending", "warning", what, "any command commits them", "recover")
    if broken:
        hint = "look into them, then remove them"
        yield Finding(
            "pending", "error", f"changes that cannot be read: {first([str(path) for path in broken])}", hint
        )
    if cut_off:
        what = f"{count(len(cut_off), 'change')} of killed processes, never whole"
        yield Finding("pending", "info", what, None, "cut off")
    if is_locked(store.git.directory / "writer.lock"):
        yield Finding("pending", "info", "another process is writing right now")


def pending_files(git: Git) -> list[Path]:
    """All files among the pending changes."""
    with contextlib.suppress(FileNotFoundError):
        return sorted((git.directory / "pending").iterdir())
    return []


def cut_off_files(git: Git) -> list[Path]:
    """Files that a writer was killed in the middle of: nothing in them was acknowledged."""
    return [path for path in pending_files(git) if path.name.endswith(".tmp") and age(path) > FRESH]


def index(store: RunStore) -> Iterator[Finding]:
    """Whether the index is whole; it is rebuilt where it is not."""
    path = store.git.directory / "index.sqlite"
    if not path.exists():
        yield Finding("index", "ok", "no index yet: the next command makes it")
        return
    reason = index_problem(path)
    if reason:
        yield Finding("index", "warning", f"the index is damaged: {reason}", "it is made anew", "index")
    else:
        yield Finding("index", "ok", f"the index is whole ({path.stat().st_size / 1e6:.1f} MB)")


def index_problem(path: Path) -> str | None:
    """Why SQLite cannot read a file, None when it can."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if answer == "ok" else str(answer)


def artifacts(store: RunStore) -> Iterator[Finding]:
    """Artifacts that runs name and that are not in the local store."""
    missing = 0
    concerned: list[str] = []
    store.index.refresh()
    for run in store.index.select():
        absent = sum(not _has(store, one.sha256) for one in run.artifacts)
        missing += absent
        if absent:
            concerned.append(run.id)
    if missing:
        of = f"{count(len(concerned), 'run')} not in this clone: {first(concerned)}"
        what = f"{count(missing, 'artifact')} of {of}"
        yield Finding("artifacts", "info", what, "they are where the run was made")
    else:
        yield Finding("artifacts", "ok", "all artifacts of runs are here")


def _has(store: RunStore, sha256: str) -> bool:
    try:
        return store.objects.has(sha256)
    except ValueError:  # no digest at all: `files` names the run
        return True


def code(store: RunStore) -> Iterator[Finding]:
    """Whether Git keeps the code of the runs."""
    if store.code is None:
        return
    absent, loose = lost_code(store)
    if absent:
        what = f"the code of {count(len(absent), 'snapshot')} is not in this clone"
        yield Finding("code", "info", what, "`gittrack pull` brings what was pushed")
    if loose:
        what = f"{count(len(loose), 'snapshot')} of code not kept: `git gc` would remove them"
        yield Finding("code", "warning", what, None, "code")
    if not absent and not loose:
        yield Finding("code", "ok", "the code of all runs is kept")


def lost_code(store: RunStore) -> tuple[list[str], list[str]]:
    """Recorded snapshots that are not here, and those that are here and not reachable from the code ref."""
    git = store.code or store.git
    store.index.refresh()
    rows = store.index.query('SELECT DISTINCT ifnull(snapshot, "commit") FROM run')
    oids = sorted(oid for (oid,) in rows if oid and is_oid(oid))
    kept = set(git.run("rev-list", CODE).text.split()) if oids and git.resolve(CODE) else set()
    open_ones = [oid for oid in oids if oid not in kept]
    lines = git.run("cat-file", "--batch-check", stdin="".join(f"{oid}\n" for oid in open_ones).encode()).text
    here = {line.split()[0] for line in lines.splitlines() if line.split()[1:2] == ["commit"]}
    return [oid for oid in open_ones if oid not in here], [oid for oid in open_ones if oid in here]


def age(path: Path) -> float:
    """Seconds since a file or folder changed."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
