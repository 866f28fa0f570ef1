"""Whether anybody listens at an address, before a client begins to try again and again."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

_PATIENCE = 10.0  # seconds
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def reach(url: str | None) -> None:
    """Connect once to the host of a URL and hang up; nothing where there is none, or proxies are set.

    The clients of the clouds take half a minute and more to say that nobody listens.

    Raises:
        OSError: nobody listens there, or the name is unknown.
    """
    if not url or any(os.environ.get(name) or os.environ.get(name.lower()) for name in _PROXIES):
        return
    parts = urlsplit(url if "//" in url else f"//{url}")
    if parts.hostname:
        port = parts.port or (80 if parts.scheme == "http" else 443)
        socket.create_connection((parts.hostname, port), timeout=_PATIENCE).close()
