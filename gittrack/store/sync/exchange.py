"""One sync of one repository with one remote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed, RemoteError
from gittrack.store.commit import branch
from gittrack.store.plumbing.git import CODE, HEADS, INBOX, RUNS
from gittrack.store.registry.after_merge import changed_models, settle
from gittrack.store.sync import code_chain
from gittrack.store.sync.fold import Unrelated, fold, run_changes, unrelated
from gittrack.store.sync.live_refs import LIVE
from gittrack.store.sync.push import Courier, Item, inbox, undelivered
from gittrack.store.sync.remote import fetched
from gittrack.store.sync.transport import fetch, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.progress import Progress
    from gittrack.store.sync.fold import Folded
    from gittrack.store.sync.remote import Remote
    from gittrack.store.sync.topics import Topics


@dataclass(slots=True)
class Exchange:
    """Fetch, fold and push.

    Args:
        git: the repository, on the runs branch.
        remote: the other one.
        writer: names our inbox there.
        progress: called with what Git says.
        runs: whether runs are exchanged; else code only.
        ready: called with the tip of a branch before it is pushed; what it raises keeps it here.
        topics: what is done with topics; None to leave them alone.

    Attributes:
        base: the tip of the runs branch on the remote before the push.
        tip: the one that was pushed, or was there already.
        sent, received, snapshots, attempts, models, problems: as of `Outcome`.
    """

    git: Git
    remote: Remote
    writer: str
    progress: Progress | None = None
    runs: bool = True
    ready: Callable[[str], None] | None = None
    topics: Topics | None = None
    base: str | None = None
    tip: str | None = None
    sent: dict[str, str] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    snapshots: int = 0
    attempts: int = 0
    models: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _folded: dict[str, str] = field(default_factory=dict)
    _theirs: dict[str, str] = field(default_factory=dict)
    _patience: int = 3  # pushes that follow one that went to an inbox with models

    def run(self, policy: str | None) -> None:
        """Do it.

        Args:
            policy: what to push of the code: `all`, `committed` or `none`; None to push nothing.

        Raises:
            RemoteError: the remote does not take part.
            GitFailed: Git cannot write here.
        """
        self._fetch(deepen=False)
        if self.runs:
            self._fold()
        if self.topics is not None:
            self.topics.fold(self._theirs)
        code = code_chain.remote_tips(self._theirs)
        try:
            code_chain.join(self.git, code.values())
        except GitFailed as error:  # damaged code must not keep the runs here
            self.problems.append(f"code snapshots cannot be joined: {said(error.stderr)}")
            policy = policy and "none"
        if policy is not None:
            self._push(policy, code)

    def _fetch(self, *, deepen: bool) -> None:
        fetch(self.git, self.remote, self._refspecs(), deepen=deepen, progress=self.progress)
        known = fetched(self.git, self.remote)
        self._theirs = known.refs
        self.problems = list(dict.fromkeys([*self.problems, *known.problems]))

    def _refspecs(self) -> list[str]:
        """What to fetch, with globs: a plain name that is missing there would be a failure."""
        heads, hidden = self.remote.heads, self.remote.hidden
        runs = [f"+{HEADS}*:{heads}*"]
        inboxes = [f"+{INBOX}*:{hidden}inbox/*", f"+{LIVE}*:{hidden}live/*"]
        if not self.git.place.shallow:
            return [*runs, *inboxes, f"+{CODE}*:{hidden}code*"]
        # Snapshots of others would bring back the history that was left out on purpose.
        return [*runs, *inboxes, f"^{code_chain.CODE_HEAD}", f"^{HEADS}inbox/*/code", f"^{INBOX}*/code"]

    def _fold(self) -> None:
        before = branch.head(self.git)
        try:
            folded = fold(self.git, self.remote, self._theirs, whole=not self.git.place.shallow)
        except Unrelated:
            folded = self._fold_deeper()
        self.problems += folded.problems
        self._folded = folded.inboxes
        self.received |= run_changes(self.git, before, branch.head(self.git))
        self.models |= dict.fromkeys(changed_models(self.git, before, branch.head(self.git)), "received")
        self.problems += settle(self.git, before, self._theirs.get(RUNS))

    def _fold_deeper(self) -> Folded:
        try:
            if not self.git.place.shallow:
                raise unrelated(self.remote)
            self._fetch(deepen=True)
            return fold(self.git, self.remote, self._theirs, whole=True)
        except Unrelated as error:
            raise unrelated(self.remote) from error

    def _push(self, policy: str, theirs: Mapping[str, str]) -> None:
        courier = Courier(self.git, self.remote, self.writer, self.progress)
        runs = self._runs_item() if self.runs else None
        try:
            code, fresh = self._code_item(policy, theirs)
        except GitFailed as error:
            self.problems.append(f"code snapshots cannot be pushed: {said(error.stderr)}")
            code, fresh, policy = None, 0, "none"  # and what others left in inboxes stays there
        items = [item for item in (runs, code) if item is not None]
        on_topics = self._push_topics()
        try:
            courier.deliver(items)
        except RemoteError:
            if runs is None or not self._is_on(runs.oid, on_topics):
                raise
        self.attempts += courier.attempts
        self.problems += undelivered(self.remote, items)
        self.snapshots += fresh if code is None or code.done else 0
        self._note_runs(runs)
        refs = self._folded if _arrived(runs) else {}
        if _arrived(code) and policy != "none":
            refs |= {ref: oid for ref, oid in theirs.items() if "/inbox/" in ref}
        courier.remove(refs)
        if runs is not None and runs.inboxed and "inboxed" in self.models.values() and self._patience:
            self._patience -= 1  # who loses a race about a model is to be told now, not at the next pull
            self.run(policy)

    def _push_topics(self) -> list[str]:
        """Push topics; their tips. Before the runs branch, which a host may keep for reviewed runs."""
        if self.topics is None:
            return []
        return self.topics.push(self._theirs, self.ready)

    def _is_on(self, oid: str, tips: list[str]) -> bool:
        return any(
            self.git.run("merge-base", "--is-ancestor", oid, tip, check=False).status == 0 for tip in tips
        )

    def _runs_item(self) -> Item | None:
        tip = branch.head(self.git)
        self.base, self.tip = self._theirs.get(RUNS), tip
        if tip is not None and self.ready is not None:
            self.ready(tip)  # and exactly this tip is pushed, whatever comes meanwhile
        return Item("runs", tip, RUNS) if tip is not None and tip != self.base else None

    def _code_item(self, policy: str, theirs: Mapping[str, str]) -> tuple[Item | None, int]:
        found = code_chain.publication(self.git, theirs, policy)
        if found.oid is None:
            return None, 0
        if self.git.place.shallow:  # the chain there is not known here, so it cannot be added to
            ref = inbox(self.writer, "code")
        else:
            # A host that has it as a branch did not take the other ref.
            ref = code_chain.CODE_HEAD if code_chain.CODE_HEAD in theirs and CODE not in theirs else CODE
        return Item("code", found.oid, ref), found.uncommitted

    def _note_runs(self, runs: Item | None) -> None:
        if runs is None or not runs.done:
            return
        changed = run_changes(self.git, self._theirs.get(RUNS), runs.oid)
        self.sent = dict.fromkeys(changed, "inboxed") if runs.inboxed else changed
        models = changed_models(self.git, self._theirs.get(RUNS), runs.oid)
        self.models |= dict.fromkeys(models, "inboxed" if runs.inboxed else "sent")


def _arrived(item: Item | None) -> bool:
    return item is None or (item.done and not item.inboxed)
