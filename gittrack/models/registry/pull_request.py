"""A change of the registry on a branch of its own, for a pull request into the runs branch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from gittrack.core.errors import RemoteError
from gittrack.store import topics
from gittrack.store.commit.topic import check_topic
from gittrack.store.sync.remote import resolve

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

_HOST = re.compile(
    r"(?:https?://(?:[^/@\s]*@)?|ssh://(?:[^/@\s]*@)?|[^/@:\s]+@)([^/:\s]+)(?::\d+)?[:/](.+?)(?:\.git)?/?"
)
RUNS_BRANCH = "gittrack/runs"


def on_branch(store: RunStore, name: str) -> RunStore:
    """The store on a topic of that name, which is forked from the runs branch where it is new.

    Raises:
        InvalidValue: it is no name for a topic.
        GitTrackError: it cannot be made.
    """
    check_topic(name)
    if name not in {one.name for one in topics.topics(store) if one.here}:
        topics.fork(store, name)
    return store.on(name)


def how_to_open(store: RunStore, name: str) -> list[str]:
    """What to do for a pull request from a topic: commands, and the address of the form where it is known.

    Args:
        store: of the runs.
        name: of the topic.
    """
    steps = ["gittrack push"]
    try:
        url = resolve(store.git, store.config.get("runs.remote")).url
    except RemoteError:
        return ["git remote add origin URL", *steps]
    return [
        *steps,
        form(url, f"gittrack/{name}") or f"open a pull request: gittrack/{name} into {RUNS_BRANCH}",
    ]


def form(url: str, head: str) -> str | None:
    """The page of a host where a pull request into the runs branch is opened, None where it is not known.

    Args:
        url: of the repository.
        head: the branch with the change.
    """
    match = _HOST.fullmatch(url)
    if match is None:
        return None
    host, path = match[1], quote(match[2], safe="/-_.~")
    source, target = quote(head, safe=""), quote(RUNS_BRANCH, safe="")
    if "gitlab" in host:
        words = f"merge_request[source_branch]={source}&merge_request[target_branch]={target}"
        return f"https://{host}/{path}/-/merge_requests/new?{words}"
    if "github" in host or "gitea" in host or "codeberg" in host or "forgejo" in host:
        return f"https://{host}/{path}/compare/{RUNS_BRANCH}...{quote(head, safe='/')}?expand=1"
    return None
