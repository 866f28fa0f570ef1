"""The patch that `git diff` writes, file by file; pure.

Lines of a file begin with a space, `+` or `-` there, so a line that begins with `diff --git` begins a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gittrack.report.document import Patch

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 3000
"""Of one file that are shown."""
WHOLE = 1_000_000
"""Characters of all files that are shown."""
_BEGIN = re.compile(r"^diff --git ", re.MULTILINE)


def patches(text: str) -> tuple[Patch, ...]:
    """One a file, in their order; what is beyond the limits is counted.

    Args:
        text: what `git diff --patch` wrote; what stands before the first file is left out.
    """
    return tuple(_patches(_BEGIN.split(text)[1:]))


def _patches(files: list[str]) -> Iterator[Patch]:
    left = WHOLE
    for one in files:
        lines = one.rstrip("\n").split("\n")
        body = next((place for place, line in enumerate(lines) if line.startswith("@@")), len(lines))
        kept = lines[body:] or [line for line in lines[1:] if not line.startswith("index ")]
        shown = []
        for line in kept[:MOST_LINES]:
            left -= len(line) + 1
            if left < 0:
                break
            shown.append(line)
        yield Patch(_title(lines[0], lines[1:body]), "\n".join(shown), len(kept) - len(shown))


def _title(first: str, head: list[str]) -> str:
    """The path: the new one, the old one of a file that is gone; what Git says where it quotes them."""
    named = {line[:4]: line[4:].rstrip("\t") for line in head if line.startswith(("+++ ", "--- "))}
    for sign in ("+++ ", "--- "):
        path = named.get(sign, "/dev/null")
        if path != "/dev/null":
            return path if path.startswith('"') else re.sub("^[a-z]/", "", path)
    return first
