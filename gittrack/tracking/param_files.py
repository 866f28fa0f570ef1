"""Params from a file of settings."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile
from gittrack.tracking.user_files import flatten, parse, read
from gittrack.tracking.values import check_params

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 10_000  # more are data, not settings


def read_params(path: Path) -> dict[str, Any]:
    """The params in a YAML, JSON or TOML file, nested names joined by dots.

    Raises:
        UsageError: it cannot be read.
        MalformedFile: it is not what its suffix says, or no mapping.
        InvalidValue: a name or value cannot be a param.
    """
    document = parse(read(path), path)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise MalformedFile(str(path), "not a mapping of names to values", hint="`lr: 0.1`, one a line")
    found = dict(islice(flatten(document), _MOST + 1))
    if len(found) > _MOST:
        raise MalformedFile(str(path), f"more than {_MOST:,} params", hint="log_artifact keeps files of data")
    return check_params(found)
