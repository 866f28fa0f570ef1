"""Folding what a remote has into this repository: its runs branch, and the inboxes of other writers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.store import branch
from gittrack.store.commits import Commits, Move
from gittrack.store.fast_import import commit_head, fast_import, quote_path
from gittrack.store.git import RUNS, is_oid
from gittrack.store.layout import split_path
from gittrack.store.merge import accept, foreign, hazard, parse_raw, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gittrack.store.git import Git
    from gittrack.store.merge import Changes, File
    from gittrack.store.remote import Remote


class Unrelated(Exception):
    """Two branches share no commit that is here: a shallow repository may have to look deeper."""


@dataclass(slots=True)
class Folded:
    """What came in.

    Attributes:
        problems: what was left out or decided, one line each.
        inboxes: refs of the remote whose runs are in the branch now, and their oids.
        moved: whether the branch here changed.
    """

    problems: list[str] = field(default_factory=list)
    inboxes: dict[str, str] = field(default_factory=dict)
    moved: bool = False


def fold(git: Git, remote: Remote, *, whole: bool) -> Folded:
    """Bring what was fetched into the runs branch of this repository.

    Args:
        git: the repository.
        remote: what was fetched from.
        whole: whether all of the branch's history is here. If not, an inbox without a common commit
            is no stranger's yet.

    Raises:
        Unrelated: the remote has another branch of that name, or a shallow repository does not see
            where the two meet.
        GitFailed: Git cannot write.
    """
    folded = Folded()
    theirs = git.resolve(remote.local(RUNS))
    inboxes = _inboxes(git, remote)
    if theirs is None and not inboxes:
        return folded
    before = branch.tip(git)
    branch.start(git)
    with locked(git.directory / "writer.lock"):
        if theirs is not None:
            branch.retrying(git, lambda: folded.problems.extend(_join(git, theirs, remote.shown, hazard)))
        for ref, oid in inboxes.items():
            _fold_inbox(git, ref, oid, folded, whole=whole)
    folded.moved = branch.tip(git) != before
    return folded


def unrelated(remote: Remote) -> RemoteError:
    """The error for a branch that only bears the name."""
    msg = f"{remote.shown} has a branch gittrack/runs that shares no history with yours"
    return RemoteError(
        msg, hint="rename that branch, or share runs elsewhere: `git config gittrack.runs.remote URL`"
    )


def run_changes(git: Git, old: str | None, new: str | None) -> dict[str, str]:
    """Run id to `new` or `updated`, of the runs that differ between two tips of the branch.

    Args:
        git: the repository.
        old: a tip; None for an empty branch.
        new: a later one; None for none.
    """
    if new is None or old == new:
        return {}
    if old is None:
        paths: Mapping[str, object] = {entry.path: entry for entry in git.tree(new)}
    else:
        paths = changes(git, old, new)
    found: dict[str, str] = {}
    for path, file in sorted(paths.items()):
        if place := split_path(path):
            directory, within = place
            run_id = directory.rpartition("/")[2]
            added = within == "run.yaml" and file is not None
            found[run_id] = "new" if added else found.get(run_id, "updated")
    return found


def changes(git: Git, old: str, new: str) -> dict[str, File | None]:
    """What became of which path between two commits."""
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new)
    return parse_raw(git.run(*words).out)


def _inboxes(git: Git, remote: Remote) -> dict[str, str]:
    """The inboxes with runs: ref on the remote to oid."""
    found = {}
    for home, inbox in (("refs/gittrack/", remote.hidden), ("refs/heads/gittrack/", remote.heads)):
        for ref, oid in git.refs(f"{inbox}inbox/").items():
            if ref.endswith("/runs"):
                found[home + ref.removeprefix(inbox)] = oid
    return found


def _fold_inbox(git: Git, ref: str, oid: str, folded: Folded, *, whole: bool) -> None:
    try:
        branch.retrying(git, lambda: folded.problems.extend(_join(git, oid, ref, foreign)))
    except Unrelated:
        if not whole:
            raise
        folded.problems.append(f"{ref} shares no history with the runs branch: left alone")
    else:
        folded.inboxes[ref] = oid


def _join(git: Git, theirs: str, name: str, reason: Callable[[str, File], str | None]) -> list[str]:
    """Make our tip contain theirs; problems. The writer lock is held.

    A fast-forward takes their tree as it is, with files that a later version of gittrack may have
    put there; it is never checked out by us.
    """
    ours = branch.tip(git)
    commit = git.resolve(f"{theirs}^{{commit}}")
    if ours is None or commit is None:
        return [f"{name} is not a commit: left alone"]
    base = _merge_base(git, ours, commit)
    if base == commit:
        return []
    new = accept(changes(git, base, commit), reason)
    problems = [f"{name}: {line}" for line in new.refused]
    if base == ours and (reason is hazard or not problems):
        Commits(git).move([Move(RUNS, commit, ours)])
        return problems
    joined = union(changes(git, base, ours), new.changes)
    fast_import(git, _stream(git, ours, commit, joined.edits))
    return [*problems, *(f"{name}: {line}" for line in joined.clashes)]


def _merge_base(git: Git, ours: str, theirs: str) -> str:
    result = git.run("merge-base", ours, theirs, check=False)
    if result.status or not is_oid(result.text):
        raise Unrelated
    return result.text


def _stream(git: Git, ours: str, theirs: str, edits: Changes) -> Iterator[bytes]:
    yield commit_head(git, RUNS, "gittrack: join runs of two clones", parent=ours)
    yield b"merge %s\n" % theirs.encode()
    removed = [path for path, file in edits.items() if file is None]
    for path in removed:  # first: a file may give way to a folder
        yield b"D %s\n" % quote_path(path)
    for path, file in edits.items():
        if file is not None:
            yield b"M %s %s %s\n" % (file.mode.encode(), file.oid.encode(), quote_path(path))
