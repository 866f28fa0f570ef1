"""Looks at everything that gittrack keeps in a repository, and repairs what is safe.

Safe is what loses nothing: finishing runs, committing what waits, making the index anew, removing
what nobody holds or reads. The rest is for people; each finding says what to do.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked
from gittrack.store.commit import branch
from gittrack.store.doctor import beside, elsewhere, on_branch, repository
from gittrack.store.doctor.finding import Finding, count, first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gittrack.store.runs import RunStore

__all__ = ["Finding", "diagnose", "repair"]

_CHECKS: tuple[Callable[[RunStore], Iterator[Finding]], ...] = (
    repository.version,
    repository.kind,
    repository.writable,
    repository.configuration,
    on_branch.root,
    on_branch.paths,
    on_branch.versions,
    on_branch.rewritten,
    on_branch.locks,
    on_branch.inboxes,
    on_branch.unpushed,
    beside.journals,
    beside.pending,
    elsewhere.states,
    beside.index,
    on_branch.files,
    on_branch.models,
    beside.code,
    beside.artifacts,
    repository.objects,
)


def diagnose(store: RunStore) -> list[Finding]:
    """What there is to say about a store. Changes nothing but the index.

    Args:
        store: opened, abandoned runs not yet recovered.
    """
    found: list[Finding] = []
    for check in _CHECKS:
        try:
            found += check(store)
        except (GitTrackError, OSError) as error:  # one broken thing must not hide the others
            name = check.__name__.replace("_", " ")
            hint = error.hint if isinstance(error, GitTrackError) else None
            found.append(Finding(name, "error", f"cannot check {name}: {error}", hint))
    return found


def repair(store: RunStore, findings: Iterable[Finding]) -> list[str]:
    """Do what is safe about what was found.

    Args:
        store: that was diagnosed.
        findings: of :func:`diagnose`.

    Returns:
        What was done, a sentence each.
    """
    wanted = {finding.repair for finding in findings}
    done: list[str] = []
    for name, action in _REPAIRS.items():
        if name not in wanted:
            continue
        try:
            done.append(action(store))
        except (GitTrackError, TimeoutError, OSError) as error:
            done.append(f"could not repair {name}: {error}")
    return done


def _locks(store: RunStore) -> str:
    with locked(store.git.directory / "writer.lock"):  # nobody of ours writes now
        paths = on_branch.stale_locks(store.git)
        for path in paths:
            path.unlink(missing_ok=True)
    return f"removed {count(len(paths), 'stale lock')}"


def _recover(store: RunStore) -> str:
    commits = branch.flush(store.git)
    runs = store.recover()
    words = [f"{run.id} ({run.status})" for run in runs]
    finished = f"finished {count(len(runs), 'run')}" + (f": {first(words)}" if words else "")
    return f"committed pending changes; {finished}" if commits else finished


def _set_aside(store: RunStore) -> str:
    folder = store.git.directory / "broken"
    folder.mkdir(exist_ok=True)
    paths = beside.unreadable(store)
    for path in paths:
        path.rename(folder / path.name)
    return f"moved {count(len(paths), 'folder')} without a run to {folder}"


def _leftovers(store: RunStore) -> str:
    paths = beside.leftovers(store)
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
    return f"removed {count(len(paths), 'folder')} of committed runs"


def _cut_off(store: RunStore) -> str:
    paths = beside.cut_off_files(store.git)
    for path in paths:
        path.unlink(missing_ok=True)
    return f"removed {count(len(paths), 'change')} that were never whole"


def _index(store: RunStore) -> str:
    store.index.close()
    with locked(store.git.directory / "index.lock"):
        for path in store.git.directory.glob("index.sqlite*"):
            path.unlink(missing_ok=True)
    store.index.refresh()
    return "made the index anew"


def _code(store: RunStore) -> str:
    _, loose = beside.lost_code(store)
    branch.keep_code(store.code or store.git, loose)
    return f"kept {count(len(loose), 'snapshot')} of code"


_REPAIRS: Mapping[str, Callable[[RunStore], str]] = {
    "locks": _locks,
    "index": _index,
    "recover": _recover,
    "set aside": _set_aside,
    "leftovers": _leftovers,
    "cut off": _cut_off,
    "code": _code,
    "states": elsewhere.remove,
}
