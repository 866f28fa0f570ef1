"""Writing to the runs branch: one `git fast-import` a commit, and it is a compare-and-swap.

fast-import refuses to move a branch that no longer contains the commit it was told to start `from`;
then the tip is read again and the commit is made anew. Writers of one machine do not compete for
that: each leaves its changes as a *pending* file, and whoever gets the writer lock commits all that
are there. A writer that finds its file gone when it gets the lock is done. A pending file that a
killed process left is committed by the next one.

The root commit is the same in every clone, so that branches started apart still share it.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitFailed, GitTrackError, RefMoved
from gittrack.core.files import locked, write_atomic
from gittrack.core.ids import random_text
from gittrack.core.text import dump_json, load_json
from gittrack.store.git import CODE, RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gittrack.store.git import Git

_ATTRIBUTES = b"""\
* -text
.runs/**/metrics.jsonl linguist-generated
.runs/**/environment.yaml linguist-generated
"""
_TRIES = 50
_STALE = 3.0  # seconds after which a ref's lock file without the writer lock's owner is left over
_PARENTS = 12  # snapshots a commit of the code chain; Git advises against more than 16 parents


@dataclass(frozen=True, slots=True)
class Changes:
    """What a writer adds to the branch.

    Attributes:
        message: subject of the commit, where these changes are alone in it.
        files: path to content.
        snapshots: commits of code that must stay reachable.
    """

    message: str
    files: Mapping[str, bytes]
    snapshots: tuple[str, ...] = ()


@dataclass(slots=True)
class _Batch:
    """The pending changes that one commit takes."""

    taken: list[Path] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)


def tip(git: Git) -> str | None:
    """The commit at the tip of the runs branch, None when there is no such branch."""
    return git.resolve(RUNS)


def submit(git: Git, changes: Changes) -> int:
    """Commit changes, together with all that other writers of this machine have pending.

    Returns:
        How many commits this call made: 0 when another process took the changes along.

    Raises:
        GitFailed: Git cannot write; the changes stay pending and are committed by a later call.
        TimeoutError: another process kept the writer lock.
    """
    mine = _leave(git, changes)
    with locked(git.directory / "writer.lock"):
        if not mine.exists():
            return 0
        return _commit_all(git, own=mine)


def flush(git: Git) -> int:
    """Commit what killed processes left pending; the number of commits made."""
    if not any(_pending(git)):
        return 0
    with locked(git.directory / "writer.lock"):
        return _commit_all(git, own=None)


def keep_code(git: Git, snapshots: Sequence[str]) -> None:
    """Keep commits of code reachable, where the runs go to another repository."""
    with locked(git.directory / "writer.lock"):
        fresh = _fresh(git, snapshots)
        if fresh:
            retrying(git, lambda: fast_import(git, _code(git, fresh)))
            _remember(git, fresh)


def start(git: Git) -> str:
    """The tip of the runs branch, which is made when there is none."""
    with locked(git.directory / "writer.lock"):
        if tip(git) is None:
            retrying(git, lambda: fast_import(git, _root()))
    found = tip(git)
    if found is None:
        msg = f"cannot create {RUNS}"
        raise GitTrackError(msg, hint="a branch named `gittrack` would be in the way: rename it")
    return found


def root(git: Git) -> str:
    """The object id of the root commit, the same in all clones of one object format."""
    found = tip(git) or start(git)
    return git.run("rev-list", "--max-parents=0", found).text.splitlines()[-1]


def fast_import(git: Git, stream: Iterable[bytes]) -> None:
    """Run `git fast-import` over a stream.

    Raises:
        RefMoved: a ref was no longer where the stream starts from; nothing of ours was written to it.
        GitFailed: anything else.
    """
    words = ("fast-import", "--quiet", "--done", "--date-format=raw")
    result = git.run(*words, stdin=b"".join(stream) + b"done\n", check=False)
    if result.status == 0:
        return
    for report in git.place.git_dir.glob("fast_import_crash_*"):
        report.unlink(missing_ok=True)
    if "does not contain" in result.err or "Not updating" in result.err:
        msg = "the runs branch moved meanwhile"
        raise RefMoved(msg)
    raise GitFailed(words, result.status, result.err)


def quote_path(path: str) -> bytes:
    """A path as fast-import reads it, whatever it contains."""
    raw = path.encode(errors="surrogateescape")
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'


def data(content: bytes) -> bytes:
    """A `data` command of fast-import."""
    return b"data %d\n%s\n" % (len(content), content)


def commit_head(git: Git, ref: str, message: str, *, parent: str | None, mark: str | None = None) -> bytes:
    """The head of a `commit` command of fast-import by the user, now."""
    when = b"%d +0000" % int(time.time())
    name, mail = git.identity()
    who = f"{name} <{mail}> ".encode() + when
    label = b"mark %s\n" % mark.encode() if mark else b""
    head = b"commit %s\n%sauthor %s\ncommitter %s\n" % (ref.encode(), label, who, who)
    return head + data(message.encode()) + (b"from %s\n" % parent.encode() if parent else b"")


def _leave(git: Git, changes: Changes) -> Path:
    folder = git.directory / "pending"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns()}-{random_text(8)}"
    head = {
        "message": changes.message,
        "snapshots": changes.snapshots,
        "files": [[name, len(content)] for name, content in changes.files.items()],
    }
    write_atomic(path, dump_json(head) + b"\n" + b"".join(changes.files.values()))
    return path


def _pending(git: Git) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        for path in sorted((git.directory / "pending").iterdir()):
            if not path.name.endswith((".tmp", ".broken")):
                yield path


def _read(path: Path) -> Changes:
    head, _, body = path.read_bytes().partition(b"\n")
    fields: Mapping[str, Any] = load_json(head)
    files: dict[str, bytes] = {}
    offset = 0
    for name, size in fields["files"]:
        files[name] = body[offset : offset + size]
        offset += size
    if offset != len(body):
        msg = "cut off"
        raise ValueError(msg)
    return Changes(fields["message"], files, tuple(fields["snapshots"]))


def _gather(git: Git) -> _Batch:
    batch = _Batch()
    for path in _pending(git):
        try:
            batch.changes.append(_read(path))
            batch.taken.append(path)
        except (ValueError, KeyError, TypeError):
            batch.broken.append(path)
    return batch


def _commit_all(git: Git, own: Path | None) -> int:
    batch = _gather(git)
    for path in batch.broken:  # `doctor` names these; they must not be in the way
        path.rename(path.with_name(f"{path.name}.broken"))
    changes = batch.changes
    if batch.taken != [own]:  # somebody may have been killed between the commit and this point
        changes = [one for one in changes if not _is_there(git, one)]
    made = 0
    if changes:
        fresh = _fresh(git, [oid for one in changes for oid in one.snapshots])
        retrying(git, lambda: fast_import(git, _stream(git, changes, fresh)))
        _remember(git, fresh)
        made = 1
    for path in batch.taken:
        path.unlink(missing_ok=True)
    return made


def _is_there(git: Git, changes: Changes) -> bool:
    found = tip(git)
    if found is None:
        return False
    names = [f"{found}:{path}" for path in changes.files]
    return all(
        content == expected
        for (_, content), expected in zip(git.read_many(names), changes.files.values(), strict=True)
    )


def _stream(git: Git, changes: Sequence[Changes], snapshots: Sequence[str]) -> Iterator[bytes]:
    parent = tip(git)
    if parent is None:
        yield from _root()
    subject = changes[0].message if len(changes) == 1 else f"gittrack: {len(changes)} changes"
    body = "" if len(changes) == 1 else "\n\n" + "\n".join(one.message for one in changes)
    yield commit_head(git, RUNS, subject + body, parent=parent or ":1")
    for one in changes:
        for path, content in one.files.items():
            yield b"M 100644 inline %s\n%s" % (quote_path(path), data(content))
    if snapshots:
        yield from _code(git, snapshots)


def _root() -> Iterator[bytes]:
    who = b"gittrack <gittrack@localhost> 0 +0000\n"
    yield b"commit %s\nmark :1\nauthor %scommitter %s" % (RUNS.encode(), who, who)
    yield data(b"gittrack: start of the runs branch\n")
    yield b"M 100644 inline .gitattributes\n" + data(_ATTRIBUTES)


def _code(git: Git, snapshots: Sequence[str]) -> Iterator[bytes]:
    """Commits with an empty tree, whose parents after the first are the snapshots."""
    parent: str | None = git.resolve(CODE)
    for start_at in range(0, len(snapshots), _PARENTS):
        part = list(snapshots[start_at : start_at + _PARENTS])
        if parent is None:
            parent = part.pop(0)
        mark = f":{start_at + 2}"
        head = commit_head(git, CODE, "gittrack: code of runs", parent=parent, mark=mark)
        yield head + b"".join(b"merge %s\n" % oid.encode() for oid in part) + b"deleteall\n"
        parent = mark


def _fresh(git: Git, snapshots: Iterable[str]) -> list[str]:
    """The snapshots that are not kept yet, each once."""
    wanted = list(dict.fromkeys(snapshots))
    code = git.resolve(CODE)
    if not wanted or code is None:
        return wanted
    with contextlib.suppress(OSError):
        seen = (git.directory / "kept").read_text().split()
        if seen and seen[0] == code:
            wanted = [oid for oid in wanted if oid not in seen]
    return [oid for oid in wanted if not _contains(git, code, oid)]


def _contains(git: Git, tip_oid: str, oid: str) -> bool:
    return git.run("merge-base", "--is-ancestor", oid, tip_oid, check=False).status == 0


def _remember(git: Git, snapshots: Sequence[str]) -> None:
    """Note which snapshots the code ref holds as it stands: saves a process a run."""
    if not snapshots:
        return
    path = git.directory / "kept"
    known: list[str] = []
    with contextlib.suppress(OSError):
        known = path.read_text().split()[1:]
    code = git.resolve(CODE)
    if code is not None:
        with contextlib.suppress(OSError):
            write_atomic(path, "\n".join([code, *known[-200:], *snapshots]).encode())


def retrying(git: Git, attempt: Callable[[], None]) -> None:
    """Call `attempt` until no ref moves under it and no lock file is in its way.

    We hold the writer lock, so a lock file of a ref that stays for seconds has no living owner.
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


def _remove_stale(git: Git) -> None:
    for ref in (RUNS, CODE):
        lock = git.place.common_dir / f"{ref}.lock"
        with contextlib.suppress(OSError):
            if time.time() - lock.stat().st_mtime > _STALE:
                lock.unlink()
