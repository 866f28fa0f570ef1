"""What Git says of its progress, passed on as numbers; GitPython reads the lines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Progress = Callable[[str, int, "int | None"], None]
"""Called with the stage (`Receiving objects`), how much of it is done, and how much there is, if known."""

_BREAK = re.compile(rb"[\r\n]")


def relay(stream: IO[bytes], progress: Progress) -> str:
    """Read the standard error of `git fetch --progress` or `git push --progress` to its end.

    Args:
        stream: of the running command.
        progress: called for each step.

    Returns:
        The lines that are not about progress.
    """
    from git import RemoteProgress

    class Relay(RemoteProgress):
        def update(
            self,
            op_code: int,
            cur_count: str | float,
            max_count: str | float | None = None,
            message: str = "",  # noqa: ARG002  what GitPython passes
        ) -> None:
            stage = _stages(RemoteProgress).get(op_code & self.OP_MASK)
            if stage is not None:
                progress(stage, int(cur_count or 0), int(max_count) if max_count else None)

    relay_ = Relay()
    handle = relay_.new_message_handler()
    for line in _lines(stream):
        handle(line)
    return "\n".join(line for line in [*relay_.other_lines, *relay_.error_lines] if line)


def _stages(parser: type) -> dict[int, str]:
    names = ("COUNTING", "COMPRESSING", "WRITING", "RECEIVING", "RESOLVING", "FINDING_SOURCES")
    stages = ("Counting", "Compressing", "Sending", "Receiving", "Resolving deltas", "Finding sources")
    return {getattr(parser, name): stage for name, stage in zip(names, stages, strict=True)}


def _lines(stream: IO[bytes]) -> Iterator[str]:
    rest = b""
    while chunk := os.read(stream.fileno(), 4096):
        *whole, rest = _BREAK.split(rest + chunk)
        for line in whole:
            yield line.decode(errors="replace")
    yield rest.decode(errors="replace")
