"""Handing runs and code to a remote: the branch first, an inbox when somebody else was faster.

Each thing has a ladder of refs. A race or a host that refuses a ref means the next rung, so that a
writer is done after two pushes, three on a host that takes branches only. Nothing is ever forced but
a writer's own inbox.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gittrack.core.errors import RemoteError
from gittrack.store.plumbing.git import CODE, INBOX
from gittrack.store.sync.code_chain import CODE_HEAD
from gittrack.store.sync.transport import Sent, push

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.sync.remote import Remote

_INBOX_HEAD = "refs/heads/gittrack/inbox/"


@dataclass(slots=True)
class Item:
    """Something to hand over.

    Attributes:
        kind: `runs` or `code`.
        oid: the commit.
        ref: where it goes next, or went.
        done: whether the remote has it.
        reason: why it does not, in the remote's words.
    """

    kind: str
    oid: str
    ref: str
    done: bool = False
    reason: str = ""

    @property
    def inboxed(self) -> bool:
        """Whether it waits in an inbox for the next sync."""
        return self.done and self.ref.startswith((INBOX, _INBOX_HEAD))


@dataclass(slots=True)
class Courier:
    """Pushes until each item has arrived or cannot.

    Attributes:
        git: the repository.
        remote: where to.
        writer: names our inbox.
        progress: called with what Git says.
        attempts: pushes so far.
    """

    git: Git
    remote: Remote
    writer: str
    progress: Progress | None = None
    attempts: int = 0

    def deliver(self, items: Sequence[Item]) -> None:
        """Hand items over; they say what became of them.

        Raises:
            RemoteError: the remote does not take runs.
        """
        batches = [list(items)] if items else []
        while batches:
            batches = [batch for one in batches for batch in self._round(one)]
        for item in items:
            if item.kind == "runs" and not item.done:
                raise self._refusal(item)

    def remove(self, refs: Mapping[str, str]) -> None:
        """Remove inboxes that are in the branch now, unless somebody wrote to them meanwhile."""
        if refs:
            leases = [f"{ref}:{oid}" for ref, oid in refs.items()]
            with contextlib.suppress(RemoteError):  # the next sync removes them
                push(self.git, self.remote, [f":{ref}" for ref in refs], leases=leases)

    def _round(self, items: list[Item]) -> list[list[Item]]:
        """One push; what needs another, each list in a push of its own."""
        self.attempts += 1
        try:
            sent = push(self.git, self.remote, [_refspec(item) for item in items], progress=self.progress)
        except RemoteError as error:
            if [item.kind for item in items] == ["runs"]:
                raise
            sent = {item.ref: Sent("refused", error.message) for item in items}
        states = [sent.get(item.ref, Sent("refused", "no answer")) for item in items]
        if len(items) > 1 and all(state.state == "refused" for state in states):
            return [[item] for item in items]  # a hook that looks at all refs may mind only one of them
        waiting = [item for item, state in zip(items, states, strict=True) if self._climb(item, state)]
        return [waiting] if waiting else []

    def _climb(self, item: Item, sent: Sent) -> bool:
        """Note the answer; whether there is another ref to try."""
        item.done = sent.state == "done"
        if item.done:
            return False
        item.reason = sent.reason
        following = _next(item, sent, self.writer)
        item.ref = following or item.ref
        return following is not None

    def _refusal(self, item: Item) -> RemoteError:
        msg = f"{self.remote.shown} refuses {item.ref}: {item.reason}"
        return RemoteError(
            msg,
            hint="allow pushes to `gittrack/*` there, put the runs on a topic (`gittrack branch TOPIC`), "
            "or share them elsewhere (`runs.remote`)",
        )


def inbox(writer: str, kind: str, *, home: str = INBOX, again: bool = False) -> str:
    """The ref of a writer's inbox.

    Args:
        writer: whose.
        kind: `runs` or `code`.
        home: where inboxes are.
        again: the second one, for when somebody is just removing the first.
    """
    return f"{home}{writer}/again/{kind}" if again else f"{home}{writer}/{kind}"


def _next(item: Item, sent: Sent, writer: str) -> str | None:
    ref, raced = item.ref, sent.state == "raced"
    home = next((one for one in (INBOX, _INBOX_HEAD) if ref.startswith(one)), None)
    if home is not None:
        if raced and ref == inbox(writer, item.kind, home=home):
            return inbox(writer, item.kind, home=home, again=True)
        return inbox(writer, item.kind, home=_INBOX_HEAD) if home == INBOX else None
    if raced:
        return inbox(writer, item.kind, home=_INBOX_HEAD if ref == CODE_HEAD else INBOX)
    return CODE_HEAD if ref == CODE else None


def _refspec(item: Item) -> str:
    force = "+" if item.ref.startswith((INBOX, _INBOX_HEAD)) else ""
    return f"{force}{item.oid}:{item.ref}"


def undelivered(remote: Remote, found: Iterable[Item]) -> list[str]:
    """What did not arrive, one line each."""
    return [
        f"{remote.shown} does not take {item.kind} at {item.ref}: {item.reason}"
        for item in found
        if not item.done
    ]
