"""Sharing runs: `gittrack push` and `gittrack pull`.

A sync is one fetch, a union here, and (for push) one push of the runs branch and the code chain
together. Who loses the race puts its runs into an inbox of its own on the remote and is done; the
next sync of anybody folds inboxes into the branch.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.store.plumbing.git import CODE
from gittrack.store.sync.exchange import Exchange
from gittrack.store.sync.remote import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.runs import RunStore

_PATIENCE = 60.0  # seconds to wait for another sync of this clone
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync did.

    Attributes:
        remote: name of the remote, or its URL.
        url: where it is, without credentials.
        sent: run id to `new`, `updated` or `inboxed` (on the remote, and in its branch after
            the next sync of anybody); runs that the remote had already are not listed.
        received: run id to `new` or `updated`.
        snapshots: how many snapshots of uncommitted code were published.
        attempts: pushes that it took.
        problems: what was left out and why, one line each.
    """

    remote: str
    url: str
    sent: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    received: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    snapshots: int = 0
    attempts: int = 0
    problems: tuple[str, ...] = ()

    @property
    def up_to_date(self) -> bool:
        """Whether both sides had everything already."""
        return not (self.sent or self.received or self.attempts)

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "remote": self.remote,
            "url": self.url,
            "up_to_date": self.up_to_date,
            "sent": dict(self.sent),
            "received": dict(self.received),
            "snapshots": self.snapshots,
            "attempts": self.attempts,
            "problems": list(self.problems),
        }


def push(store: RunStore, remote: str | None = None, *, progress: Progress | None = None) -> Outcome:
    """Share the committed runs of a store, and take those of others along.

    Args:
        store: whose runs.
        remote: name of a remote, a Git URL or a path; when None, the configured `runs.remote`, else
            the upstream remote of the current branch, `origin`, or the only one.
        progress: called with the stage, how much of it is done, and how much there is, if known.

    Raises:
        RemoteError: there is no such remote, it cannot be reached, has an unrelated branch of that
            name, or does not take runs. Nothing is lost then.
        GitFailed: Git cannot write here.
    """
    return _sync(store, remote, progress, pushing=True)


def pull(store: RunStore, remote: str | None = None, *, progress: Progress | None = None) -> Outcome:
    """Take the runs of others, those in inboxes included; nothing is changed on the remote.

    Arguments and errors are those of :func:`push`.
    """
    return _sync(store, remote, progress, pushing=False)


def _sync(store: RunStore, wanted: str | None, progress: Progress | None, *, pushing: bool) -> Outcome:
    remote = resolve(store.git, wanted or store.config.get("runs.remote"))
    policy = store.config.get("code.push") if pushing else None
    main = Exchange(store.git, remote, store.writer, progress)
    with _turn(store.git):
        main.run(policy)
    parts = [main]
    if store.code is not None and store.code is not store.git and policy != "none":
        parts += _code_apart(store.code, store.writer, progress, policy, main.problems)
    return Outcome(
        remote=remote.name if remote.named else remote.url,
        url=remote.url,
        sent=main.sent,
        received=main.received,
        snapshots=sum(part.snapshots for part in parts),
        attempts=sum(part.attempts for part in parts),
        problems=tuple(line for part in parts for line in part.problems),
    )


def _code_apart(
    code: Git, writer: str, progress: Progress | None, policy: str | None, trouble: list[str]
) -> list[Exchange]:
    """Exchange the code snapshots where the code is in another repository than the runs."""
    if code.resolve(CODE) is None:
        return []
    try:
        part = Exchange(code, resolve(code, None), writer, progress, runs=False)
        with _turn(code):
            part.run(policy)
    except RemoteError as error:
        trouble.append(f"code snapshots stay here: {error.message}")
        return []
    return [part]


@contextlib.contextmanager
def _turn(git: Git) -> Iterator[None]:
    """One sync at a time: two of one clone would write to the same inbox."""
    try:
        with locked(git.directory / "sync.lock", timeout=_PATIENCE):
            yield
    except TimeoutError as error:
        msg = "another push or pull of this clone is at work"
        raise RemoteError(msg, hint="wait for it to end, or end it") from error
