"""The one door to TOML."""

from __future__ import annotations

import sys
from typing import Any

from gittrack.core.errors import MalformedFile


def load_toml(text: str, *, where: str) -> dict[str, Any]:
    """The document in a TOML text.

    Args:
        text: the text.
        where: the path, for messages.

    Raises:
        MalformedFile: it is not TOML.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedFile(where, f"not TOML: {error}") from error
