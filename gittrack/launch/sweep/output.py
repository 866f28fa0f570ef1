"""What a trial prints, kept with its run instead of on the screen."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from gittrack.core.redact import OutputRedactor
from gittrack.store.finish import OUTPUT
from gittrack.tracking.output import KeptOutput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

RAW = "output.raw"
"""What is printed, in the live directory, before secrets are hidden in it."""
_BLOCK = 1 << 20
_END = 4096


class Output(contextlib.AbstractContextManager["Output"]):
    """Sends standard output and error of this process into a file for each trial.

    Between trials, and after an error of ours, what is printed goes nowhere.
    """

    def __init__(self) -> None:
        self._kept = [(stream, _duplicate(stream)) for stream in (1, 2)]
        self._streams: tuple[Any, Any] = (sys.stdout, sys.stderr)
        self._directory: Path | None = None

    def __enter__(self) -> Output:  # noqa: PYI034  `Self` needs Python 3.11
        self._into(os.devnull)
        sys.stdout = open(1, "w", buffering=1, closefd=False, errors="replace")
        sys.stderr = open(2, "w", buffering=1, closefd=False, errors="replace")
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        sys.stdout, sys.stderr = self._streams
        for stream, copy in self._kept:
            if copy is not None:
                os.dup2(copy, stream)
                os.close(copy)

    def begin(self, directory: Path) -> None:
        """A trial begins; its live directory gets what is printed."""
        self._directory = directory
        self._into(directory / RAW)

    def say(self, text: str) -> None:
        """Add a line of our own."""
        self._flush()
        os.write(2, text.rstrip("\n").encode(errors="replace") + b"\n")

    def end(self, store: RunStore) -> Path | None:
        """The trial has ended; gives the file with what it printed, None where that is nothing."""
        self._flush()
        self._into(os.devnull)
        return keep(store, self._directory) if self._directory is not None else None

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()

    def _into(self, path: str | Path) -> None:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream in (1, 2):
            os.dup2(target, stream)
        os.close(target)


def _duplicate(stream: int) -> int | None:
    try:
        return os.dup(stream)
    except OSError:  # closed before we came
        return None


def keep(store: RunStore, directory: Path) -> Path | None:
    """Write what a trial printed into the file that the store keeps, secrets hidden.

    Args:
        store: of the run.
        directory: its live directory.

    Returns:
        The file, None where nothing was printed or nothing is to be kept.
    """
    raw = directory / RAW
    limit: int = store.config.get("output.max_size")
    if not limit or not raw.exists() or not raw.stat().st_size:
        raw.unlink(missing_ok=True)
        return None
    kept = KeptOutput(directory / OUTPUT, limit, OutputRedactor(store.redactor))
    channel = kept.channel()
    for block in _blocks(raw):
        channel.write(block)
    channel.close()
    kept.close()
    raw.unlink(missing_ok=True)
    return directory / OUTPUT


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def last_line(store: RunStore, run: Run) -> str:
    """The last line that a run printed, empty where it printed none or it is not here."""
    for artifact in run.artifacts:
        if artifact.path == OUTPUT:
            with contextlib.suppress(OSError), store.objects.path_of(artifact.sha256).open("rb") as file:
                file.seek(max(0, artifact.size - _END))
                lines = file.read().decode(errors="replace").strip().splitlines()
                return lines[-1].strip()[:300] if lines else ""
    return ""
