"""Which protocols somebody speaks, whether or not the package is installed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from gittrack.artifacts.urls import LIKE, NO_STORES, protocols
from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from gittrack.artifacts.urls import StoreUrl


def check_protocol(url: StoreUrl) -> None:
    """Raise unless somebody speaks the protocol of a URL.

    Raises:
        InvalidValue: nobody does; the hint names the nearest one.
    """
    if url.family != "other":
        return
    from fsspec.registry import available_protocols

    known = {*protocols(), *available_protocols()} - NO_STORES
    if url.scheme not in known:
        near = difflib.get_close_matches(url.scheme, sorted(known), n=1, cutoff=0.5)
        msg = f"no store is reached by {url.scheme}://"
        raise InvalidValue(msg, hint=f"did you mean {near[0]}://?" if near else LIKE)
