"""Topics of one repository and one remote: fetched, joined, pushed, and removed once they are merged.

A topic has few writers and no inbox: who loses a race fetches and joins again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.store.commit import topic
from gittrack.store.plumbing.git import HEADS, RUNS
from gittrack.store.sync.fold import Tip, Unrelated, changes, joined, run_changes
from gittrack.store.sync.merge import hazard
from gittrack.store.sync.remote import fetched
from gittrack.store.sync.transport import fetch, push

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.sync.remote import Remote

_TRIES = 10


@dataclass(slots=True)
class Topics:
    """What a sync does with topics.

    Args:
        git: the repository, on the runs branch.
        remote: the other one.
        current: the topic that is worked on; it is pushed even where it holds nothing yet.
        progress: called with what Git says.

    Attributes:
        states: topic to `received`, `sent`, `merged` (all of it is in the runs branch and it is gone from
            the remote, so it was removed here) or `there` (on the remote only).
        sent, received: run id to `new` or `updated`.
        pushed: for each topic that was pushed what the remote had before (None for nothing) and has now.
        problems: what was left out and why, one line each.
    """

    git: Git
    remote: Remote
    current: str | None = None
    progress: Progress | None = None
    states: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    pushed: list[tuple[str | None, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def fold(self, theirs: Mapping[str, str]) -> None:
        """Join each topic that is here with what was fetched of it; remove those that are done with."""
        here = local(self.git)
        for name, oid in here.items():
            if other := theirs.get(HEADS + name):
                self._join(name, oid, other)
            elif published_to(self.git, name) == self.remote.name:
                self._gone(name, oid)
        for ref in theirs:
            name = topic.name_of(ref) or ""
            if name and name not in here and not is_merged(self.git, theirs[ref]):
                self.states[name] = "there"

    def push(self, theirs: Mapping[str, str], ready: Callable[[str], None] | None) -> list[str]:
        """Push the topics that the remote has not got as they are here.

        Args:
            theirs: refs of the remote to their commits.
            ready: called with each tip before it is pushed.

        Returns:
            The tips that the remote has now.
        """
        done = []
        for name in local(self.git):
            known = theirs.get(HEADS + name)
            if known is None and not self._is_wanted(name):
                continue
            if self._push_one(name, theirs, ready):
                done.append(local(self.git)[name])
        return done

    def _join(self, name: str, ours: str, other: str) -> None:
        git = self.git.on(HEADS + name)
        tip = Tip(f"{self.remote.shown}, topic {name}", other, hazard)
        try:
            try:
                self._join_tip(git, tip)
            except Unrelated:
                self._fetch(name, deepen=git.place.shallow)
                self._join_tip(git, tip)
        except (Unrelated, RemoteError):
            self.problems.append(f"topic {name} shares no history with the one of {self.remote.shown}")
            return
        found = run_changes(git, ours, git.resolve(git.runs))
        self.received |= found
        if found:
            self.states[name] = "received"

    def _join_tip(self, git: Git, tip: Tip) -> None:
        with locked(git.directory / "writer.lock"):
            self.problems += joined(git, [tip])

    def _fetch(self, name: str, *, deepen: bool = False) -> None:
        spec = f"+{HEADS}{name}:{self.remote.heads}{name}"
        fetch(self.git, self.remote, [spec], deepen=deepen, progress=self.progress)

    def _gone(self, name: str, oid: str) -> None:
        if is_merged(self.git, oid):
            remove(self.git, name, oid)
            self.states[name] = "merged"

    def _is_wanted(self, name: str) -> bool:
        """Whether a topic that is not on the remote goes there: one that was deleted there does not."""
        if published_to(self.git, name) == self.remote.name:
            self.problems.append(
                f"topic {name} is gone from {self.remote.shown} and not merged: it stays here; "
                f"`gittrack branch --delete --force {name}` drops it, --again publishes it once more"
            )
            return False
        return name == self.current or not is_merged(self.git, local(self.git)[name])

    def _push_one(self, name: str, theirs: Mapping[str, str], ready: Callable[[str], None] | None) -> bool:
        ref = HEADS + name
        known = theirs.get(ref)
        for _ in range(_TRIES):
            oid = self.git.resolve(ref)
            if oid is None or oid == known:
                return oid is not None
            if ready is not None:
                ready(oid)
            sent = push(self.git, self.remote, [f"{oid}:{ref}"], progress=self.progress).get(ref)
            if sent is not None and sent.state == "done":
                self._note(name, known or theirs.get(RUNS), oid)
                return True
            if sent is None or sent.state != "raced":
                reason = sent.reason if sent else "no answer"
                self.problems.append(f"{self.remote.shown} does not take topic {name}: {reason}")
                return False
            known = self._again(name, oid)
        self.problems.append(f"topic {name} is pushed to by others all the time: push again")
        return False

    def _again(self, name: str, ours: str) -> str | None:
        """Fetch the topic and join it once more; what the remote has."""
        self._fetch(name)
        known = fetched(self.git, self.remote).refs.get(HEADS + name)
        if known is not None:
            self._join(name, ours, known)
        return known

    def _note(self, name: str, known: str | None, oid: str) -> None:
        base = known and self.git.run("merge-base", oid, known, check=False).text
        self.sent |= run_changes(self.git, base or None, oid)
        self.pushed.append((base or None, oid))
        self.states[name] = "sent"
        remember(self.git, name, self.remote.name)


def local(git: Git) -> dict[str, str]:
    """The topics of this repository and their tips."""
    found = {topic.name_of(ref): oid for ref, oid in git.refs(HEADS).items()}
    return {name: oid for name, oid in found.items() if name is not None}


def is_merged(git: Git, oid: str) -> bool:
    """Whether the runs branch has all that a topic brought, by whatever commits it came."""
    main = git.resolve(RUNS)
    base = git.run("merge-base", oid, RUNS, check=False).text
    if main is None or not base:
        return False
    return base == oid or not (changes(git, base, oid).keys() & changes(git, main, oid).keys())


def remove(git: Git, name: str, oid: str) -> None:
    """Remove a topic of this repository that is still at a commit, and what is kept beside it.

    Raises:
        GitFailed: it moved meanwhile.
    """
    ref = HEADS + name
    git.run("update-ref", "-d", ref, oid)
    topic.forget(git.on(ref))
    git.run("config", "--local", "--remove-section", _section(name), check=False)
    if git.run("config", "--local", "--get", "gittrack.topic", check=False).text == name:
        git.run("config", "--local", "--unset-all", "gittrack.topic", check=False)


def remove_there(git: Git, remote: Remote, name: str, oid: str) -> None:
    """Delete a topic on a remote where it is still at a commit.

    Raises:
        RemoteError: it moved meanwhile, or the remote refuses.
    """
    ref = HEADS + name
    sent = push(git, remote, [f":{ref}"], leases=[f"{ref}:{oid}"]).get(ref)
    if sent is None or sent.state != "done":
        msg = f"{remote.shown} does not delete topic {name}: {sent.reason if sent else 'no answer'}"
        raise RemoteError(msg, hint="`gittrack pull` shows what came to it meanwhile")
    git.run("update-ref", "-d", remote.local(ref), check=False)


def published_to(git: Git, name: str) -> str | None:
    """The remote that a topic was pushed to or taken from, None for one that is here alone."""
    return git.run("config", "--get", f"{_section(name)}.remote", check=False).text or None


def remember(git: Git, name: str, remote: str) -> None:
    """Note where a topic is published, as `git branch --set-upstream-to` does."""
    if published_to(git, name) != remote:
        with contextlib.suppress(OSError):
            git.run("config", "--local", f"{_section(name)}.remote", remote, check=False)
            git.run("config", "--local", f"{_section(name)}.merge", HEADS + name, check=False)


def forget_publication(git: Git, name: str) -> None:
    """Take a topic for one that was never pushed."""
    git.run("config", "--local", "--remove-section", _section(name), check=False)


def _section(name: str) -> str:
    return f"branch.gittrack/{name}"
