"""Names and passwords from `~/.netrc`, where `curl`, `ftp` and Git look for them, too."""

from __future__ import annotations

import netrc


def login(host: str, user: str | None) -> tuple[str, str] | None:
    """Name and password for a host, None when there are none (or only for another user)."""
    try:
        found = netrc.netrc().authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    if found is None or (user is not None and found[0] not in {user, ""}):
        return None
    return found[0] or user or "", found[2] or ""
