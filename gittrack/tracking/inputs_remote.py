"""URLs as inputs: recorded by what their store says of them, without a download unless they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from gittrack.core.records import Input
    from gittrack.store.runs import RunStore
    from gittrack.tracking.inputs import Wanted


def remote_input(url: str, wanted: Wanted, store: RunStore) -> Input:
    """What is recorded of a URL.

    Raises:
        GitTrackError: its store cannot be reached, or says that there is nothing.
    """
    msg = f"{store.redactor.url(url)} cannot be looked at: {wanted.name or ''} no driver"
    raise GitTrackError(msg)
