"""Topics: listed, forked, switched to, merged, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.config_keys import KEYS
from gittrack.core.errors import GitTrackError
from gittrack.core.files import locked
from gittrack.core.value import dataclass, field
from gittrack.store import settings
from gittrack.store.commit import branch, topic
from gittrack.store.plumbing.git import HEADS, RUNS
from gittrack.store.registry.after_merge import settle
from gittrack.store.sync import topics as shared
from gittrack.store.sync.fold import Tip, Unrelated, joined, run_changes
from gittrack.store.sync.merge import foreign
from gittrack.store.sync.remote import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

_LIST = "`gittrack branch` lists them"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is now.

    Attributes:
        name: without `gittrack/`.
        current: whether runs of this clone go there.
        here: whether it is in this clone, not only on a remote.
        remotes: names of the remotes that have it, as of the last fetch.
        runs: run id to `new` or `updated`: what it would bring to the runs branch.
        merged: whether the runs branch has all of it.
    """

    name: str
    current: bool
    here: bool
    remotes: tuple[str, ...] = ()
    runs: Mapping[str, str] = field(default_factory=dict)
    merged: bool = False

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "current": self.current,
            "here": self.here,
            "remotes": list(self.remotes),
            "runs": dict(self.runs),
            "merged": self.merged,
        }


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did.

    Attributes:
        topic: its name.
        runs: run id to `new` or `updated`, of what came into the runs branch.
        deleted: whether the topic was removed here.
        problems: what was left out, one line each.
    """

    topic: str
    runs: Mapping[str, str]
    deleted: bool = False
    problems: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "topic": self.topic,
            "runs": dict(self.runs),
            "deleted": self.deleted,
            "problems": list(self.problems),
        }


def topics(store: RunStore) -> list[Topic]:
    """The topics of this clone and of its remotes, by name."""
    here = shared.local(store.git)
    there = _remote(store.git)
    return [_described(store, name, here.get(name), there.get(name, {})) for name in sorted({*here, *there})]


def find(store: RunStore, name: str) -> Topic:
    """One topic.

    Raises:
        GitTrackError: there is none of that name.
    """
    topic.check_topic(name)
    for one in topics(store):
        if one.name == name:
            return one
    msg = f"no topic {name}"
    raise GitTrackError(msg, hint=_LIST)


def fork(store: RunStore, name: str, *, again: bool = False) -> Topic:
    """Fork a topic from the runs branch, or take one from the remote that has it.

    Args:
        store: whose runs.
        name: of the topic, without `gittrack/`.
        again: publish one again that was deleted on its remote.

    Raises:
        InvalidValue: the name is none for a topic.
        GitTrackError: it is here already, or Git cannot make it.
    """
    git = store.git.on(topic.ref_of(topic.check_topic(name)))
    if again:
        shared.forget_publication(git, name)
    elif branch.head(git) is not None:
        msg = f"there is a topic {name} already"
        raise GitTrackError(msg, hint=f"`gittrack branch --switch {name}` goes on with it")
    _start(git, name)
    return find(store, name)


def switch(store: RunStore, name: str | None) -> str:
    """Let runs of this clone go to a topic from now on.

    It is written into the configuration of the clone (`git config gittrack.topic`): `GITTRACK_TOPIC` and
    `topic:` in `gittrack.yaml` are nearer and win.

    Args:
        store: whose runs.
        name: a topic that is here or on a remote; None or `runs` for the runs branch.

    Returns:
        Where runs go.

    Raises:
        GitTrackError: there is no such topic.
    """
    if name not in {None, topic.MAIN}:
        _start(store.git.on(topic.ref_of(find(store, str(name)).name)), str(name))
    settings.change_git(store.code or store.git, KEYS["topic"], None if name == topic.MAIN else name)
    return name or topic.MAIN


def delete(store: RunStore, name: str, *, force: bool = False, remote: bool = False) -> Topic:
    """Remove a topic from this clone.

    Args:
        store: whose runs.
        name: of the topic.
        force: also where the runs branch has not all of it; its runs are gone then.
        remote: remove it from the remotes that have it, too; else it stays there.

    Returns:
        What it was.

    Raises:
        GitTrackError: there is none of that name here, or it is not merged.
        RemoteError: a remote does not delete it.
    """
    was = find(store, name)
    if not (was.here or remote):
        msg = f"no topic {name} in this clone"
        raise GitTrackError(msg, hint="--remote deletes it there")
    if not (was.merged or force):
        count = f"{len(was.runs)} {'run' if len(was.runs) == 1 else 'runs'}"
        msg = f"topic {name} has {count} that the runs branch has not"
        raise GitTrackError(msg, hint=f"`gittrack merge {name}` brings them there; --force drops them")
    if remote:
        for label, oid in _remote(store.git).get(name, {}).items():
            shared.remove_there(store.git, resolve(store.git, label), name, oid)
    if was.here:
        _drop(store, name, shared.local(store.git)[name])
    return was


def merge(store: RunStore, name: str, *, remove: bool = False) -> Merged:
    """Bring the runs of a topic into the runs branch of this clone.

    The same union as everywhere: runs are directories of their own, so nothing can conflict.

    Args:
        store: whose runs.
        name: a topic of this clone, or one that a remote has.
        remove: remove it from this clone afterwards.

    Raises:
        GitTrackError: there is none of that name, or it is no fork of the runs branch.
    """
    git = store.git.on(RUNS)
    known = find(store, name)
    here = shared.local(git).get(name)
    oid = here or _remote(git)[name][known.remotes[0]]
    before = branch.start(git)
    try:
        with locked(git.directory / "writer.lock"):
            problems = joined(git, [Tip(f"topic {name}", oid, foreign)], f"gittrack: merge topic {name}")
    except Unrelated as error:
        msg = f"topic {name} shares no history with the runs branch"
        raise GitTrackError(msg, hint="fork topics with `gittrack branch TOPIC`") from error
    runs = run_changes(git, before, git.resolve(RUNS))
    problems += settle(git, oid, before, f"topic {name}")
    if remove and here is not None:
        _drop(store, name, here)
    return Merged(name, runs, remove and here is not None, tuple(problems))


def _described(store: RunStore, name: str, here: str | None, there: Mapping[str, str]) -> Topic:
    git = store.git
    oid = here or next(iter(there.values()))
    base = git.run("merge-base", oid, RUNS, check=False).text or None
    merged = shared.is_merged(git, oid)
    runs = {} if merged else run_changes(git, base, oid)
    return Topic(name, name == store.topic, here is not None, tuple(sorted(there)), runs, merged)


def _start(git: Git, name: str) -> None:
    """Make the branch of a topic, from the remote's where one has it; nothing where it is there."""
    if branch.head(git) is not None:
        return
    there = _remote(git).get(name, {})
    if not there:
        branch.start(git)
        return
    remote, oid = next(iter(there.items()))
    git.run("update-ref", HEADS + name, oid, "")
    shared.remember(git, name, remote)


def _drop(store: RunStore, name: str, oid: str) -> None:
    shared.remove(store.git, name, oid)
    if store.code is not None and store.code is not store.git:
        key = KEYS["topic"].git_name or ""
        if store.code.run("config", "--local", "--get", key, check=False).text == name:
            settings.change_git(store.code, KEYS["topic"], None)


def _remote(git: Git) -> dict[str, dict[str, str]]:
    """Topic to the remotes that have it, as fetched, and their commits."""
    found: dict[str, dict[str, str]] = {}
    for remote in git.run("remote").text.splitlines():
        place = f"refs/remotes/{remote}/gittrack/"
        for ref, oid in git.refs(place).items():
            if name := topic.name_of(HEADS + ref.removeprefix(place)):
                found.setdefault(name, {})[remote] = oid
    return found
