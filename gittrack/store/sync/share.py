"""Sharing runs: `gittrack push` and `gittrack pull`.

Push first sends the artifacts of the runs to the artifact store. Then a sync is one fetch, a union here,
and (for push) one push of the runs branch and the code chain together. Who loses the race puts its runs
into an inbox of its own on the remote and is done; the next sync of anybody folds inboxes into the branch.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gittrack.artifacts.transfer import JOBS
from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.core.value import dataclass, field
from gittrack.store.kept.places import Kept
from gittrack.store.kept.shipped import Shipped
from gittrack.store.kept.uploads import Uploads, stayed
from gittrack.store.plumbing.git import CODE, RUNS
from gittrack.store.sync.exchange import Exchange
from gittrack.store.sync.live_refs import clear
from gittrack.store.sync.remote import resolve
from gittrack.store.sync.topics import Topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.store.kept.uploads import Watch
    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.remote import Remote

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
        artifacts: what happened to artifacts.
        topics: topic to what became of it: `sent`, `received`, `merged` (and removed here), or `there`
            (on the remote only).
        models: name of each registered model that changed to `sent`, `inboxed` or `received`.
    """

    remote: str
    url: str
    sent: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    received: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    snapshots: int = 0
    attempts: int = 0
    problems: tuple[str, ...] = ()
    artifacts: Shipped = field(default_factory=Shipped)
    topics: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    models: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def up_to_date(self) -> bool:
        """Whether both sides had everything already."""
        moved = self.artifacts.sent or self.artifacts.received
        changed = set(self.topics.values()) - {"there"}
        return not (self.sent or self.received or self.models or self.attempts or moved or changed)

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
            "topics": dict(self.topics),
            "models": dict(self.models),
            "artifacts": self.artifacts.to_record(),
            "problems": list(self.problems),
        }


def push(
    store: RunStore,
    remote: str | None = None,
    *,
    artifacts: bool = True,
    jobs: int = JOBS,
    progress: Progress | None = None,
    transfer: Watch | None = None,
) -> Outcome:
    """Share the committed runs of a store, and take those of others along.

    Where an artifact store is configured, what the runs name is sent there first, so that whoever sees a
    run finds its artifacts.

    Args:
        store: whose runs.
        remote: name of a remote, a Git URL or a path; when None, the configured `runs.remote`, else
            the upstream remote of the current branch, `origin`, or the only one.
        artifacts: whether to send artifacts.
        jobs: how many artifacts to send at once.
        progress: called with the stage, how much of it is done, and how much there is, if known.
        transfer: called while artifacts are sent.

    Raises:
        RemoteError: there is no such remote, it cannot be reached, has an unrelated branch of that
            name, or does not take runs. Nothing is lost then.
        UploadFailed, StoreError: the artifact store does not take what it should; no run is published.
        GitFailed: Git cannot write here.
    """
    home = resolve(store.git, remote or store.config.get("runs.remote"))  # before hours of uploads
    uploads = _uploads(store, home, jobs, transfer) if artifacts else None
    return _sync(store, remote, progress, pushing=True, uploads=uploads)


def pull(
    store: RunStore,
    remote: str | None = None,
    *,
    artifacts: bool = False,
    jobs: int = JOBS,
    progress: Progress | None = None,
    transfer: Watch | None = None,
) -> Outcome:
    """Take the runs of others, those in inboxes included.

    Nothing is changed on the remote, but that the live state of runs of this clone that died is removed.

    Args:
        store: whose runs.
        remote: as in :func:`push`.
        artifacts: whether to fetch what the received runs name, to stay in the local store; else each
            is fetched when it is asked for.
        jobs: how many artifacts to fetch at once.
        progress: as in :func:`push`.
        transfer: called while artifacts are fetched.

    Raises:
        RemoteError, GitFailed: as in :func:`push`.
        NoStore, StoreError: artifacts are wanted, and there is no store, or it refuses; the runs are here.
    """
    outcome = _sync(store, remote, progress, pushing=False)
    if not artifacts:
        return outcome
    from gittrack.store.kept.fetching import fetch_runs

    shipped, problems = fetch_runs(Kept(store), outcome.received, jobs=jobs, progress=transfer)
    return replace(outcome, artifacts=shipped, problems=(*outcome.problems, *problems))


def _uploads(store: RunStore, home: Remote, jobs: int, transfer: Watch | None) -> Uploads | None:
    """The uploads of a push, most of them done: nobody waits for the lock meanwhile. None without a store."""
    kept = Kept(store)
    if kept.url is None:
        return None
    uploads = Uploads(kept, home.url, jobs=jobs, progress=transfer)
    tip = store.git.resolve(RUNS)
    if tip is not None:
        uploads.send(tip)
    return uploads


def _sync(
    store: RunStore,
    wanted: str | None,
    progress: Progress | None,
    *,
    pushing: bool,
    uploads: Uploads | None = None,
) -> Outcome:
    remote = resolve(store.git, wanted or store.config.get("runs.remote"))
    policy = store.config.get("code.push") if pushing else None
    git = store.git.on(RUNS)
    topics = Topics(git, remote, store.topic, progress)
    main = Exchange(git, remote, store.writer, progress, topics=topics)
    main.ready = None if uploads is None else uploads.send
    with _turn(store.git):
        main.run(policy)
        if uploads is not None:
            uploads.published()
    parts = [main]
    if store.code is not None and store.code is not store.git and policy != "none":
        parts += _code_apart(store.code, store.writer, progress, policy, main.problems)
    if uploads is not None:
        shipped = uploads.shipped
    else:
        ranges = [(main.base, main.tip), *topics.pushed] if pushing else []
        shipped = sum((stayed(store, old, new) for old, new in ranges), Shipped())
    stale = clear(store)
    return Outcome(
        remote=remote.name if remote.named else remote.url,
        url=remote.url,
        sent={**topics.sent, **main.sent},
        received={**topics.received, **main.received},
        snapshots=sum(part.snapshots for part in parts),
        attempts=sum(part.attempts for part in parts),
        problems=(*topics.problems, *(line for part in parts for line in part.problems), *stale),
        artifacts=shipped,
        topics=topics.states,
        models={unquote(folder): what for folder, what in main.models.items()},
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
