"""Running runs on a remote: one small commit for each, on a ref of its own, replaced by each push.

`refs/gittrack/live/<writer>/<run id>` holds a commit without parents whose tree has `live.json`. Nobody
else writes to it, and it is pushed with a lease. At the end of the run the ref is removed; after a crash
the next push or pull of the same clone removes it, because each ref that was pushed is noted in
`gittrack/published/`. The objects are made in a throw-away folder: a push a minute leaves nothing here.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import RemoteError
from gittrack.core.files import write_atomic
from gittrack.core.ids import is_run_id
from gittrack.core.times import now_ms
from gittrack.store.sync.live_state import LiveState, unpack
from gittrack.store.sync.remote import resolve
from gittrack.store.sync.transport import fetch, push

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.remote import Remote
    from gittrack.store.sync.transport import Sent

LIVE = "refs/gittrack/live/"
_FILE = "live.json"
_KEPT = "refs/gittrack/remotes/"
_LIVE_IN = re.compile(r"^refs/gittrack/remotes/[^/]+/live/[^/]+/[^/]+$")


STALE = 7 * 86_400_000
"""Milliseconds without a push after which a state says nothing any more: it is not shown, and is removed."""


class Seen(NamedTuple):
    """A running run on a remote: who pushed it, and its state."""

    writer: str
    state: LiveState


class Stale(NamedTuple):
    """A state that nobody will replace: where it is kept here, its commit, on which remote it is."""

    ref: str
    oid: str
    remote: str


class Publication:
    """The ref of one running run.

    Args:
        store: of the run.
        run_id: which.

    Raises:
        RemoteError: there is no remote.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.remote = resolve(store.git, store.config.get("runs.remote"))
        self._git = store.git
        self._ref = f"{LIVE}{store.writer}/{run_id}"
        self._note = _notes(store.git) / run_id
        self._there = ""  # the commit that the ref stands at, empty before the first push

    def put(self, data: bytes) -> None:
        """Push a state in place of the one before.

        Raises:
            RemoteError: the remote cannot be reached or does not take it.
            GitFailed, OSError: nothing can be written here.
        """
        self._note.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self._note, f"{self.remote.name}\n{self._ref}\n".encode())
        with tempfile.TemporaryDirectory(dir=self._git.directory, prefix="live-objects-") as folder:
            env = {
                "GIT_OBJECT_DIRECTORY": folder,
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self._git.place.common_dir / "objects"),
            }
            oid = _commit(self._git, data, env)
            sent = self._push(oid, env)
            if sent.state == "raced":  # of a run that is resumed: it stands where the attempt before left it
                self._there = _standing(self._git, self.remote, self._ref)
                sent = self._push(oid, env)
        if sent.state != "done":
            msg = f"{self.remote.shown} does not take {self._ref}: {sent.reason}"
            raise RemoteError(msg)
        self._there = oid

    def _push(self, oid: str, env: dict[str, str]) -> Sent:
        lease = f"{self._ref}:{self._there}"  # a plus before the ref would make the lease void
        return push(self._git, self.remote, [f"{oid}:{self._ref}"], leases=[lease], env=env)[self._ref]

    def remove(self) -> None:
        """Take the ref away.

        Raises:
            RemoteError: the remote cannot be reached; the next push or pull tries again.
        """
        if self._there:
            push(self._git, self.remote, [f":{self._ref}"])
        self._note.unlink(missing_ok=True)


def clear(store: RunStore) -> list[str]:
    """Remove the refs that runs of this clone left when they died; what could not be removed, a line each."""
    problems = []
    with contextlib.suppress(FileNotFoundError):
        for note in sorted(_notes(store.git).iterdir()):
            if is_run_id(note.name) and not store.is_live(note.name):
                try:
                    remote, ref = note.read_text().splitlines()[:2]
                    push(store.git, resolve(store.git, remote), [f":{ref}"])
                    note.unlink(missing_ok=True)
                except (RemoteError, OSError, ValueError) as error:
                    problems.append(f"the live state of {note.name} cannot be removed: {error}")
    return problems


def look(git: Git, remote: Remote) -> tuple[list[Seen], list[str]]:
    """The running runs on a remote, and what could not be read, a line each.

    Raises:
        RemoteError: it cannot be reached.
    """
    home = f"{remote.hidden}live/"
    fetch(git, remote, [f"+{LIVE}*:{home}*"])
    return _read(git, git.refs(home))


def fetched(git: Git) -> list[Seen]:
    """The running runs on all remotes, as of the last fetch of each; what is stale is left out."""
    refs = git.refs(_KEPT)
    seen, _ = _read(git, {ref: oid for ref, oid in refs.items() if _LIVE_IN.search(ref)})
    newest: dict[str, Seen] = {}
    for one in sorted(seen, key=lambda one: one.state.time):
        if not is_stale(one.state):
            newest[one.state.run.id] = one
    return list(newest.values())


def stale(git: Git) -> list[Stale]:
    """The states here that nobody has replaced for a week, or that cannot be read."""
    refs = {ref: oid for ref, oid in git.refs(_KEPT).items() if _LIVE_IN.search(ref)}
    found = []
    for (ref, oid), (_, data) in zip(refs.items(), _contents(git, refs), strict=True):
        with contextlib.suppress(ValueError):
            if not is_stale(_state(data or b"", ref.rpartition("/")[2])):
                continue
        found.append(Stale(ref, oid, ref.removeprefix(_KEPT).partition("/")[0]))
    return found


def is_stale(state: LiveState) -> bool:
    """Whether nobody has pushed it for a week."""
    return now_ms() - state.time > STALE


def drop(git: Git, old: Stale) -> None:
    """Remove a state from its remote, unless somebody has pushed another since, and from here.

    Raises:
        RemoteError: the remote cannot be reached, or does not let it go.
    """
    remote = resolve(git, old.remote)
    ref = LIVE + old.ref.removeprefix(f"{remote.hidden}live/")
    sent = push(git, remote, [f":{ref}"], leases=[f"{ref}:{old.oid}"]).get(ref)
    if sent is not None and sent.state == "refused":
        msg = f"{remote.shown} does not let {ref} go: {sent.reason}"
        raise RemoteError(msg)
    git.run("update-ref", "-d", old.ref, old.oid)


def _contents(git: Git, refs: Mapping[str, str]) -> Iterable[tuple[str, bytes | None]]:
    return git.read_many(f"{oid}:{_FILE}" for oid in refs.values())


def _read(git: Git, refs: Mapping[str, str]) -> tuple[list[Seen], list[str]]:
    """The states at some refs, and what could not be read, a line each."""
    found, problems = [], []
    for ref, (_, data) in zip(refs, _contents(git, refs), strict=True):
        writer, run_id = ref.split("/")[-2:]
        try:
            found.append(Seen(writer, _state(data or b"", run_id)))
        except ValueError as error:
            problems.append(f"{writer}/{run_id}: {error}")
    return found, problems


def _state(data: bytes, run_id: str) -> LiveState:
    state = unpack(data)
    if state.run.id != run_id:
        msg = "it is the state of another run"
        raise ValueError(msg)
    return state


def _commit(git: Git, data: bytes, env: dict[str, str]) -> str:
    blob = git.run("hash-object", "-w", "--stdin", stdin=data, env=env).text
    tree = git.run("mktree", stdin=f"100644 blob {blob}\t{_FILE}\n".encode(), env=env).text
    name, mail = git.identity()
    who = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail}
    who |= {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
    return git.run("commit-tree", tree, "-m", "gittrack: live", env=env | who).text


def _standing(git: Git, remote: Remote, ref: str) -> str:
    words = git.run("ls-remote", "--end-of-options", remote.name, ref, check=False).text.split()
    return words[0] if words else ""


def _notes(git: Git) -> Path:
    return git.directory / "published"
