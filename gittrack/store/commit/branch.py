"""Writing to the runs branch: every commit is a compare-and-swap.

The tip is read, the commit is made on it, and the ref is moved only if the tip is still where it was;
else all of it is done again. Writers of one machine do not compete for that: each leaves its changes
as a pending file, and whoever gets the writer lock commits all that are there. A writer that finds
its file gone when it gets the lock is done. A pending file that a killed process left is committed by
the next one.

The root commit is the same in every clone, so that branches started apart still share it.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from gittrack.core.errors import GitFailed, GitTrackError, RefMoved
from gittrack.core.files import Unneeded, locked
from gittrack.store.commit import code, pack, topic
from gittrack.store.commit.commits import Commits
from gittrack.store.commit.pending import Changes, gather, leave, waiting
from gittrack.store.plumbing.fast_import import commit_head, data, fast_import, quote_path
from gittrack.store.plumbing.git import CODE, RUNS
from gittrack.store.plumbing.refs import Move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gittrack.store.plumbing.git import Git

_ATTRIBUTES = b"""\
* -text
.runs/**/metrics.jsonl linguist-generated
.runs/**/environment.yaml linguist-generated
"""
_NOBODY = b"gittrack <gittrack@localhost> 0 +0000"
_TRIES = 50
_KNOWN: WeakKeyDictionary[Git, Commits] = WeakKeyDictionary()
_STALE = 3.0  # seconds after which the lock file of a ref has no living owner
_MANY = 200  # files from which on a pack is better than loose objects


def tip(git: Git) -> str | None:
    """The commit to read runs from, None when there is none yet.

    It is the tip of the runs branch; on a topic, a commit that has the runs of both.
    """
    return git.resolve(RUNS) if git.runs == RUNS else topic.view(git)


def head(git: Git) -> str | None:
    """The commit that the next one goes on, None while its branch is not there."""
    return git.resolve(git.runs)


def submit(git: Git, changes: Changes) -> int:
    """Commit changes, together with all that other writers of this machine have pending.

    Returns:
        How many commits this call made: 0 when another process took the changes along.

    Raises:
        GitFailed: Git cannot write; the changes stay pending and are committed by a later call.
        TimeoutError: another process kept the writer lock.
    """
    changes = replace(changes, ref=git.runs)
    mine = leave(git, changes)
    try:
        with locked(git.directory / "writer.lock", unless=lambda: not mine.exists()):
            if not mine.exists():
                return 0
            made = _commit_all(git, mine, changes)
    except Unneeded:  # whoever held the lock took them along
        return 0
    pack.note(git, made)
    return made


def flush(git: Git) -> int:
    """Commit what killed processes left pending, and remove their locks; the number of commits made."""
    if not waiting(git) and not any(lock.exists() for lock in _ref_locks(git)):
        return 0
    with locked(git.directory / "writer.lock"):
        _remove_stale(git)
        return _commit_all(git) if waiting(git) else 0


def keep_code(git: Git, snapshots: Sequence[str]) -> None:
    """Keep commits of code reachable, where the runs go to another repository."""
    with locked(git.directory / "writer.lock"):
        fresh = code.not_kept(git, snapshots)
        if fresh:
            commits = Commits(git)
            retrying(git, lambda: commits.move(code.extend(git, commits, fresh)))
            code.remember(git, fresh)


def start(git: Git) -> str:
    """The tip of the branch that runs go to, which is made when there is none; a topic is forked."""
    if head(git) is None:
        with locked(git.directory / "writer.lock"):
            retrying(git, lambda: _begin(git))
    found = head(git)
    if found is None:
        msg = f"cannot create {git.runs}"
        raise GitTrackError(msg, hint="a branch named `gittrack` would be in the way: rename it")
    return found


def root(git: Git) -> str:
    """The id of the root commit, the same in all clones of one object format."""
    return git.run("rev-list", "--max-parents=0", tip(git) or start(git)).text.splitlines()[-1]


def retrying(git: Git, attempt: Callable[[], None]) -> None:
    """Call `attempt` until no ref moves under it and no lock file is in its way.

    The writer lock must be held: then the lock file of a ref that stays for seconds has no living
    owner, and is removed.

    Raises:
        RefMoved: the ref moved again and again.
        GitFailed: anything else.
    """
    pause = 0.001
    for _ in range(_TRIES):
        try:
            attempt()
        except RefMoved:
            pass
        except GitFailed as error:
            if ".lock" not in error.stderr:
                raise
            _remove_stale(git)
        else:
            return
        time.sleep(pause)
        pause = min(pause * 2, 0.25)
    attempt()


def _commit_all(git: Git, own: Path | None = None, known: Changes | None = None) -> int:
    batch = dict(gather(git, own, known))
    made = _commit_batch(git, {path: one for path, one in batch.items() if one.ref == git.runs}, own)
    for ref in sorted({one.ref for one in batch.values()} - {git.runs}):
        others = {path: one for path, one in batch.items() if one.ref == ref}
        with contextlib.suppress(GitFailed):  # they wait for one that works on that branch
            made += _commit_batch(git.on(ref), others, None)
    return made


def _commit_batch(git: Git, batch: Mapping[Path, Changes], own: Path | None) -> int:
    changes = list(batch.values())
    if list(batch) != [own]:  # somebody may have been killed between the commit and the removal
        changes = [one for one in changes if not _is_there(git, one)]
    if changes:
        fresh = code.not_kept(git, [oid for one in changes for oid in one.snapshots])
        few = sum(len(one.files) for one in changes) <= _MANY and not git.is_shared()
        write = _write_loose if few else _write_pack
        retrying(git, lambda: write(git, changes, fresh))
        code.remember(git, fresh)
    for path in batch:
        path.unlink(missing_ok=True)
    return 1 if changes else 0


def _is_there(git: Git, changes: Changes) -> bool:
    found = head(git)
    if found is None:
        return False
    names = [f"{found}:{path}" for path in changes.files]
    return all(
        content == expected
        for (_, content), expected in zip(git.read_many(names), changes.files.values(), strict=True)
    )


def _write_loose(git: Git, changes: Sequence[Changes], snapshots: Sequence[str]) -> None:
    commits = _KNOWN.setdefault(git, Commits(git))
    old = head(git)
    parent = old or git.resolve(RUNS) or _root(commits)
    files = {path: content for one in changes for path, content in one.files.items()}
    new = commits.with_files(parent, files, _message(changes))
    commits.move([Move(git.runs, new, old), *code.extend(git, commits, snapshots)])


def _write_pack(git: Git, changes: Sequence[Changes], snapshots: Sequence[str]) -> None:
    if head(git) is None:
        _begin(git)
    fast_import(git, _stream(git, changes))
    commits = Commits(git)
    if moves := code.extend(git, commits, snapshots):
        commits.move(moves)


def _stream(git: Git, changes: Sequence[Changes]) -> Iterator[bytes]:
    yield commit_head(git, git.runs, _message(changes), parent=head(git))
    for one in changes:
        for path, content in one.files.items():
            yield b"M 100644 inline %s\n%s" % (quote_path(path), data(content))


def _message(changes: Sequence[Changes]) -> str:
    if len(changes) == 1:
        return changes[0].message
    return f"gittrack: {len(changes)} changes\n\n" + "\n".join(one.message for one in changes)


def _begin(git: Git) -> None:
    commits = Commits(git)
    main = git.resolve(RUNS)
    base = main or _root(commits)
    absent = {git.runs} if main else {git.runs, RUNS}
    commits.move([Move(ref, base, None) for ref in sorted(absent)])


def _root(commits: Commits) -> str:
    """Write the root commit. Its bytes are part of the format: they never change."""
    blob = commits.write(b"blob", _ATTRIBUTES)
    tree = commits.write(b"tree", b"100644 .gitattributes\0" + bytes.fromhex(blob))
    return commits.commit(tree, [], "gittrack: start of the runs branch", _NOBODY)


def _ref_locks(git: Git) -> list[Path]:
    return [git.place.common_dir / f"{ref}.lock" for ref in {RUNS, git.runs, CODE}]


def _remove_stale(git: Git) -> None:
    for lock in _ref_locks(git):
        with contextlib.suppress(OSError):
            if time.time() - lock.stat().st_mtime > _STALE:
                lock.unlink()
