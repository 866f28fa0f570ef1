"""SHA-256 digests in lower-case hexadecimal: the names of contents."""

from __future__ import annotations

import re

from gittrack.core.errors import InvalidValue

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_digest(text: object) -> bool:
    """Whether that is a digest; such a text is safe as a part of a path."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def sharded(sha256: str) -> str:
    """`<first two digits>/<digest>`: 256 folders keep a listing short at a million objects.

    Raises:
        InvalidValue: that is no digest.
    """
    if not is_digest(sha256):
        msg = f"not a SHA-256 digest: {str(sha256)[:80]!r}"
        raise InvalidValue(msg)
    return f"{sha256[:2]}/{sha256}"
