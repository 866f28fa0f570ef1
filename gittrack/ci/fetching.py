"""Fetches what a review in CI reads, and no more: the newest runs, and the history of the code without files.

A job starts from a clone that has little. Runs come as one commit each of the runs branch and of the topic
that is named as the branch of the code, if there is one; of a fork likewise, as the topic `fork`. Nothing can
be pushed from such a clone, and nothing needs to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.core.config_keys import KEYS
from gittrack.core.errors import RemoteError
from gittrack.store import settings
from gittrack.store.commit import topic as topics
from gittrack.store.plumbing.git import HEADS, RUNS
from gittrack.store.sync import share
from gittrack.store.sync.remote import resolve
from gittrack.store.sync.transport import failure, fetch

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.remote import Remote

FORK = "fork"
"""The topic that the runs of a fork are read as."""


_QUIET = {"GIT_TERMINAL_PROMPT": "0"}  # nobody is there to answer


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is here now.

    Attributes:
        runs: whether the remote has a runs branch.
        topic: the topic that is read with it, None for none.
        problems: what could not be fetched, one line each.
    """

    runs: bool
    topic: str | None = None
    problems: tuple[str, ...] = ()


def fetch_for_review(store: RunStore, *, topic: str | None = None, fork: str | None = None) -> Fetched:
    """Fetch what a review of this clone's code reads.

    A clone that has runs already is brought up to date as `gittrack pull` does; so is one whose runs are in
    another repository.

    Args:
        store: of the clone.
        topic: read this topic, too, where the remote has it; what is no name for one is ignored.
        fork: URL of the fork that the code comes from. Its topic of that name, else its runs branch, is read;
            where it cannot be fetched, that is a problem and no failure.

    Raises:
        RemoteError: the remote cannot be fetched.
    """
    git = store.git
    if store.code is not git or git.resolve(RUNS) is not None:
        outcome = share.pull(store)
        return Fetched(git.resolve(RUNS) is not None, store.topic, outcome.problems)
    remote = resolve(git, store.config.get("runs.remote"))
    _deepen(git, remote)
    wanted = topic if topic is not None and topics.is_topic(topic) else None
    runs = _take(git, remote, topics.MAIN, topics.MAIN)
    chosen = wanted if wanted and _take(git, remote, wanted, wanted) else None
    problems = []
    if fork is not None:
        try:
            chosen = _take_fork(git, fork, wanted) or chosen
        except RemoteError as error:
            problems.append(f"runs of the fork: {error.message}")
    if chosen is not None:
        settings.change_git(git, KEYS["topic"], chosen)
    return Fetched(runs, chosen, tuple(problems))


def _take(git: Git, remote: Remote, name: str, here: str) -> bool:
    """Fetch one branch of runs; whether the remote has it."""
    there = HEADS + name
    if there not in _heads(git, remote, there):
        return False
    place = remote.heads + name
    fetch(git, remote, [f"+{there}:{place}"], lean=True)
    git.run("update-ref", HEADS + here, place)
    return True


def _heads(git: Git, remote: Remote, name: str) -> list[str]:
    """The branches that a remote has of a name. To fetch one that is not there would be a failure."""
    words = ("ls-remote", "--heads", "--end-of-options", remote.name, name)
    result = git.run(*words, env=_QUIET, check=False)
    if result.status:
        raise failure(remote, result.err)
    return [line.split("\t")[-1] for line in result.text.splitlines()]


def _take_fork(git: Git, url: str, wanted: str | None) -> str | None:
    remote = resolve(git, url)
    names = [name for name in (wanted, topics.MAIN) if name]
    return FORK if any(_take(git, remote, name, FORK) for name in names) else None


def _deepen(git: Git, remote: Remote) -> None:
    """Fetch the history of a shallow clone's code, without its files: merge bases are looked for in it."""
    if not git.place.shallow or not remote.named:
        return
    words = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--unshallow", "--filter=blob:none")
    result = git.run(*words, "--end-of-options", remote.name, env=_QUIET, check=False)
    if result.status:
        raise failure(remote, result.err)
