"""The runs that a topic brings, to be read before they are merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.store.finish import topic_of
from gittrack.store.topics import find

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def brought(store: RunStore, name: str) -> tuple[RunStore, frozenset[str]]:
    """The store of a topic and the runs that it has and the runs branch has not, running ones among them.

    A run that the topic changed (a tag, a note) is one of them; when it is merged there are none.

    Raises:
        GitTrackError: there is no such topic, or it is only on a remote.
    """
    one = find(store, name)
    if not one.here:
        msg = f"topic {name} is only on {', '.join(one.remotes)}"
        raise GitTrackError(msg, hint=f"`gittrack branch --switch {name}` brings it here")
    live = (path.name for path in store.live_directories() if topic_of(path) == name)
    return store.on(name), frozenset((*one.runs, *live))
