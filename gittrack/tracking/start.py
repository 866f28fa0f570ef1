"""How a run begins: as one of its own, as a part of a run that began elsewhere, or nested in one.

Three variables tell a process what is around it:

- `GITTRACK_RUN_ID`, set by `gittrack run`: the first program that starts a run *joins* this one, and
  its workers do; a program that starts after it gets a run nested in it.
- `GITTRACK_PARENT_RUN_ID`, set by :func:`start` for child processes: workers of `multiprocessing`
  join, another program gets a nested run.
- `GITTRACK_REPO`, set by both: where that run is.

Under torchrun, Slurm or MPI all ranks of one launch are one run: the first to come begins it, the
others join.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import platform
import sys
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue, RunNotFound, UsageError
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.core.value import dataclass, field
from gittrack.store.runs import RunStore
from gittrack.tracking import active, values
from gittrack.tracking.background import Background
from gittrack.tracking.scheduler import launch_key, rank, tags_of
from gittrack.tracking.session import ActiveRun
from gittrack.tracking.surroundings import NESTED_IN, WRAPPED_IN, enclosing_run, user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.core.config import Config
    from gittrack.store.journal.writer import Journal

_PATIENCE = 500  # hundredths of a second that a rank waits for the one that begins the run
_experiment: list[str] = []
_launched = itertools.count()  # the ranks of a launch that records several runs meet in each of them


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of `start_run` asked for."""

    name: str | None = None
    run_id: str | None = None
    experiment: str | None = None
    nested: bool = False
    parent_run_id: str | None = None
    tags: Mapping[str, object] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)
    note: str | None = None
    repo: str | os.PathLike[str] | None = None
    system_metrics: bool | None = None


def set_experiment(name: str) -> None:
    """Choose the experiment for the runs that this process starts from now on."""
    _experiment[:] = [values.check_name(name, "experiment")]


def start(wish: Wish) -> ActiveRun:
    """Begin, resume or join a run, and make it the active one.

    Raises:
        NotARepository: there is no repository to record in.
        UsageError: a run is active and the new one is not nested.
        InvalidValue: a name, tag, param or note cannot be taken.
        RunNotFound: the run to resume does not exist.
    """
    around = active.current()
    if around is not None and not wish.nested:
        msg = f"run {around.run_id} is still active"
        raise UsageError(msg, hint="end it first (end_run, or its `with` block), or pass nested=True")
    _check(wish)
    store = around.store if around is not None and wish.repo is None else _store(wish.repo)
    if wish.run_id is not None:
        wish = replace(wish, run_id=store.expand(wish.run_id))
    run = _joined(store, wish) if around is None and wish.run_id is None else None
    if run is None:
        run = _begun(store, wish, around)
    active.push(run)
    _apply(run, wish)
    return run


def command_line() -> list[str]:
    """The words of this process's command line."""
    words = list(getattr(sys, "orig_argv", sys.argv))
    return [os.path.basename(words[0]), *words[1:]] if words else []  # noqa: PTH119  argv is text


def _store(repo: str | os.PathLike[str] | None) -> RunStore:
    where = os.fspath(repo) if repo is not None else None
    return _open(where, str(Path.cwd()), os.environ.get("GITTRACK_REPO"))


@lru_cache(maxsize=8)
def _open(where: str | None, start_at: str, _setting: str | None) -> RunStore:
    """One store a place and process: opening costs two Git processes."""
    return RunStore.open(where, start=Path(start_at))


def _check(wish: Wish) -> None:
    """Raise what is wrong with it before anything is begun."""
    values.check_params(wish.params)
    values.check_tags(wish.tags)
    values.check_note(wish.note or "")
    for name, what in ((wish.name, "name"), (wish.experiment, "experiment")):
        if name:
            values.check_name(name, what)


def _apply(run: ActiveRun, wish: Wish) -> None:
    if wish.tags:
        run.set_tags(wish.tags)
    if wish.params:
        run.log_params(wish.params)
    if wish.note:
        run.set_note(wish.note)


# ---- joining


def _joined(store: RunStore, wish: Wish) -> ActiveRun | None:
    """The run around this process, when this process is a part of it."""
    run_id = os.environ.get(WRAPPED_IN)
    if run_id and store.is_live(run_id) and (_is_worker() or _claim(store, run_id)):
        return _join(store, run_id, wish)
    parent = os.environ.get(NESTED_IN)
    if parent and _is_worker() and store.is_live(parent):
        return _join(store, parent, wish)
    key = launch_key(os.environ)
    if key is not None:
        return _rendezvous(store, f"{key} {next(_launched)}", wish)
    return None


def _is_worker() -> bool:
    """Whether this process is a worker that `multiprocessing` started."""
    module = sys.modules.get("multiprocessing.process")
    return module is not None and module.parent_process() is not None


def _claim(store: RunStore, run_id: str) -> bool:
    """Whether this program is the one that the run wraps: the first that says so, and its ranks."""
    mine = launch_key(os.environ) or f"process {os.getpid()}"
    path = store.live_directory(run_id) / "claim"
    with contextlib.suppress(FileExistsError), path.open("x") as file:
        file.write(mine)
        return True
    with contextlib.suppress(OSError):
        return path.read_text() == mine
    return False


def _rendezvous(store: RunStore, key: str, wish: Wish) -> ActiveRun | None:
    """The run of a distributed launch: joined where another rank began it, else begun here."""
    folder = store.git.directory / "launches"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(key.encode()).hexdigest()[:32]
    mine = store.new_id()
    try:
        with path.open("x") as file:
            file.write(mine)
    except FileExistsError:
        return _meet(store, path, wish)
    return _begun(store, wish, None, run_id=mine)


def _meet(store: RunStore, path: Path, wish: Wish) -> ActiveRun | None:
    """The run that another rank of the launch begins, has begun, or has ended already."""
    for _ in range(_PATIENCE):
        theirs = path.read_text()
        if theirs and store.is_live(theirs):
            with contextlib.suppress(RunNotFound):  # it ended this moment
                return _join(store, theirs, wish)
        if theirs and store.knows(theirs):
            with contextlib.suppress(InvalidValue):  # another late rank was faster: join that
                return _begun(store, replace(wish, run_id=theirs, name=None), None)
        time.sleep(0.01)
    path.unlink(missing_ok=True)  # left by a launch that died at once
    return None


def _join(store: RunStore, run_id: str, wish: Wish) -> ActiveRun:
    journal = store.join(run_id, rank(os.environ))
    run = ActiveRun(run_id, wish.experiment or "", store, journal, store.redactor, None)
    if wish.name:
        run.rename(wish.name)
    return run


# ---- beginning


def _begun(store: RunStore, wish: Wish, around: ActiveRun | None, run_id: str | None = None) -> ActiveRun:
    redactor = store.redactor
    experiment = wish.experiment or (around.experiment if around else "") or default_experiment(store.config)
    run = Run(
        id=run_id or store.new_id(),
        experiment=values.check_name(experiment, "experiment"),
        name=redactor.text(values.check_name(wish.name)) if wish.name else "",
        start_time=now_ms(),
        command=tuple(redactor.argv(command_line())),
        user=user(),
        host=platform.node() or None,
        parent_id=wish.parent_run_id or (around.run_id if around else enclosing_run(store)),
        tags=tags_of(os.environ),
    )
    journal = _journal(store, wish, run)
    begun = wish.run_id or run.id
    restore = tell_children(begun, store)
    background = Background(store, journal, Path.cwd(), restore, system_metrics=wish.system_metrics)
    return ActiveRun(begun, run.experiment, store, journal, redactor, background)


def tell_children(run_id: str, store: RunStore) -> Callable[[], None]:
    """Set the variables for child processes; gives what puts them back."""
    mine = {
        NESTED_IN: run_id,
        "GITTRACK_REPO": str(store.git.place.work_tree or store.git.place.git_dir),
    }
    before = {name: os.environ.get(name) for name in mine}
    os.environ.update(mine)

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return restore


def _journal(store: RunStore, wish: Wish, run: Run) -> Journal:
    if wish.run_id is None:
        return store.create(run, rank=rank(os.environ))
    if store.is_live(wish.run_id):
        if store.is_running(wish.run_id):
            return store.join(wish.run_id, rank(os.environ))
        store.recover()
    return store.resume(wish.run_id, run, rank=rank(os.environ))


def default_experiment(config: Config) -> str:
    """The experiment of runs that name none."""
    return _experiment[0] if _experiment else str(config.get("experiment"))
