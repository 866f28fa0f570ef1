"""Versions, for people and for logs of defects."""

from __future__ import annotations

import platform
import sys


def own_version() -> str:
    """The version of gittrack, `unknown` when it is not installed."""
    from importlib import metadata  # 10 ms, and only asked for here

    try:
        return metadata.version("gittrack")
    except metadata.PackageNotFoundError:
        return "unknown"


def all_versions() -> list[str]:
    """What matters for a defect, one line each."""
    from gittrack.core.errors import GitTrackError
    from gittrack.store.plumbing.place import version

    try:
        git_version = ".".join(map(str, version()))
    except (GitTrackError, OSError) as error:
        git_version = f"none ({error})"
    return [
        f"gittrack {own_version()}",
        f"python {sys.version.split()[0]} ({sys.executable})",
        f"git {git_version}",
        f"platform {platform.platform()}",
    ]
