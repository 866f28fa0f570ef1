"""Reads what a job appends to a file."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PIECE = 1 << 16


def tail(path: Path) -> Iterator[str]:
    """What is appended to a file since the last time; empty where nothing is, or there is no file yet."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    at = 0
    while True:
        try:
            with path.open(
                "rb"
            ) as file:  # anew each time: a network file system shows what is new on opening
                file.seek(at)
                data = file.read(_PIECE)
        except OSError:
            data = b""
        at += len(data)
        yield decoder.decode(data)


def pass_on(reader: Iterator[str], write: Callable[[str], None]) -> bool:
    """Write what there is; whether there was anything."""
    printed = False
    for text in reader:
        if not text:
            break
        write(text)
        printed = True
    return printed
