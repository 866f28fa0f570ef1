"""Folding what a remote has into this repository: its runs branch, and the inboxes of other writers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.store.commit import branch
from gittrack.store.commit.commits import Commits
from gittrack.store.format.layout import split_path
from gittrack.store.plumbing.fast_import import commit_head, fast_import, quote_path
from gittrack.store.plumbing.git import RUNS, is_oid
from gittrack.store.plumbing.refs import Move
from gittrack.store.sync.merge import accept, foreign, hazard, parse_raw, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gittrack.store.plumbing.git import Git
    from gittrack.store.sync.merge import Accepted, Changes, File
    from gittrack.store.sync.remote import Remote

_MESSAGE = "gittrack: join runs of clones"
_MOST = 12  # tips that one commit joins; Git advises against more than 16 parents


class Unrelated(Exception):
    """Two branches share no commit that is here: a shallow repository may have to look deeper."""


class Tip(NamedTuple):
    """What is to be folded.

    Attributes:
        name: for messages.
        oid: the commit.
        reason: why a file of it stays out, None when it may come in.
    """

    name: str
    oid: str
    reason: Callable[[str, File], str | None]


@dataclass(slots=True)
class Folded:
    """What came in.

    Attributes:
        problems: what was left out or decided, one line each.
        inboxes: refs of the remote whose runs are in the branch now, and their oids.
    """

    problems: list[str] = field(default_factory=list)
    inboxes: dict[str, str] = field(default_factory=dict)


def fold(git: Git, remote: Remote, theirs: Mapping[str, str], *, whole: bool) -> Folded:
    """Bring what was fetched into the runs branch of this repository. `git` must be on it.

    Args:
        git: the repository.
        remote: what was fetched from.
        theirs: its refs.
        whole: whether all of the branch's history is here. If not, an inbox without a common commit
            is no stranger's yet.

    Raises:
        Unrelated: the remote has another branch of that name, or a shallow repository does not see
            where the two meet.
        GitFailed: Git cannot write.
    """
    folded = Folded()
    inboxes = {ref: oid for ref, oid in theirs.items() if "/inbox/" in ref and ref.endswith("/runs")}
    if RUNS not in theirs and not inboxes:
        return folded
    branch.start(git)
    with locked(git.directory / "writer.lock"):
        if RUNS in theirs:
            main = Tip(remote.shown, theirs[RUNS], hazard)
            folded.problems += joined(git, [main])
        _fold_inboxes(git, inboxes, folded, whole=whole)
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


def heads(git: Git, oids: Iterable[str]) -> list[str]:
    """The commits that no other of them contains, in order."""
    once = list(dict.fromkeys(oids))
    if len(once) <= 1:
        return once
    kept = set(git.run("merge-base", "--independent", *once).text.split())
    return [oid for oid in once if oid in kept]


def _fold_inboxes(git: Git, inboxes: Mapping[str, str], folded: Folded, *, whole: bool) -> None:
    strangers = set()
    waiting = _outside(git, inboxes)
    related = []
    for ref, oid in waiting.items():
        if _merge_base(git, branch.head(git) or "", oid) is not None:
            related.append(Tip(ref, oid, foreign))
        elif whole:
            strangers.add(ref)
            folded.problems.append(f"{ref} shares no history with the runs branch: left alone")
        else:
            raise Unrelated
    for start in range(0, len(related), _MOST):
        folded.problems += joined(git, related[start : start + _MOST])
    folded.inboxes = {ref: oid for ref, oid in inboxes.items() if ref not in strangers}


def _outside(git: Git, inboxes: Mapping[str, str]) -> dict[str, str]:
    """The inboxes that hold something the branch does not."""
    if not inboxes:
        return {}
    outside = set(heads(git, [branch.head(git) or "", *inboxes.values()]))
    by_oid = {oid: ref for ref, oid in inboxes.items() if oid in outside}
    return {ref: oid for oid, ref in by_oid.items() if oid != branch.head(git)}


def joined(git: Git, tips: Sequence[Tip], message: str = _MESSAGE) -> list[str]:
    """Make the branch that `git` is on contain others; what was left out or decided, one line each.

    The writer lock must be held.

    Args:
        git: the repository.
        tips: the others.
        message: of the commit, where one is needed.

    Raises:
        Unrelated: one of them shares no commit with the branch that is here.
        GitFailed: Git cannot write.
    """
    problems: list[str] = []
    branch.retrying(git, lambda: problems.extend(_join(git, tips, message)))
    return list(dict.fromkeys(problems))


def _join(git: Git, tips: Sequence[Tip], message: str) -> list[str]:
    """One attempt.

    A fast-forward to a branch takes its tree as it is, with files that a later version of gittrack
    may have put there; we never check it out. A branch that has all that ours has, although not its
    commits (a host squashed or rebased them), replaces ours.
    """
    ours = branch.head(git) or ""
    edits: dict[str, File | None] = {}
    problems: list[str] = []
    others: list[str] = []
    for tip in tips:
        base = _merge_base(git, ours, tip.oid)
        if base is None:
            raise Unrelated
        if base == tip.oid:
            continue
        new = accept(changes(git, base, tip.oid), tip.reason)
        problems += [f"{tip.name}: {line}" for line in new.refused]
        mine = {} if base == ours else changes(git, base, ours)
        if len(tips) == 1 and _may_follow(tip, mine, new):
            Commits(git).move([Move(git.runs, tip.oid, ours)])
            return problems
        result = union({**mine, **edits}, new.changes)
        problems += [f"{tip.name}: {line}" for line in result.clashes]
        edits |= result.edits
        others.append(tip.oid)
    if others:
        fast_import(git, _stream(git, ours, others, edits, message))
    return problems


def _may_follow(tip: Tip, mine: Changes, new: Accepted) -> bool:
    """Whether our branch may become the other: it has all of ours, and nothing that must stay out."""
    # Of an inbox not where we have commits of our own: a remote takes nothing that lacks them.
    allowed = not (mine and new.refused) if tip.reason is hazard else not (mine or new.refused)
    return allowed and all(path in new.changes and new.changes[path] == file for path, file in mine.items())


def _merge_base(git: Git, ours: str, theirs: str) -> str | None:
    result = git.run("merge-base", ours, theirs, check=False)
    return result.text if result.status == 0 and is_oid(result.text) else None


def _stream(git: Git, ours: str, theirs: Sequence[str], edits: Changes, message: str) -> Iterator[bytes]:
    yield commit_head(git, git.runs, message, parent=ours)
    for oid in theirs:
        yield b"merge %s\n" % oid.encode()
    for path, file in edits.items():
        if file is None:  # first: a file may give way to a folder
            yield b"D %s\n" % quote_path(path)
    for path, file in edits.items():
        if file is not None:
            yield b"M %s %s %s\n" % (file.mode.encode(), file.oid.encode(), quote_path(path))
