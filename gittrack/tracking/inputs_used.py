"""The inputs that `gittrack run --input` names: read beside the command, which does not wait for them."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.events import InputLogged
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gittrack.core.events import Event
    from gittrack.store.runs import RunStore


class InputsUsed:
    """Records inputs in a thread of its own.

    A missing one, and one that changes before it has been read, is a warning, which the output of the
    run has as well.

    Args:
        inputs: paths and URLs, as the user named them.
        store: of the run.
        here: what relative paths start at.
        say: adds a line to the output that is kept.
    """

    def __init__(
        self, inputs: Sequence[str], store: RunStore, here: Path, say: Callable[[str], None]
    ) -> None:
        self._before = {name: _mark(here / name) for name in inputs}
        self._store = store
        self._here = here
        self._say = say
        self._thread: threading.Thread | None = None

    def start(self, log: Callable[[Event], None]) -> None:
        """Begin to read them; `log` takes the events of the run."""
        self._thread = threading.Thread(target=self._run, args=(log,), name="gittrack-inputs", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until all are read."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, log: Callable[[Event], None]) -> None:
        for name, before in self._before.items():
            try:
                used = input_of(Wanted(name), self._store, self._here)
                if _mark(self._here / name) != before:
                    self._warn(f"input {name} changed while the command ran; what is recorded may be later")
                log(InputLogged(used))
            except Exception as error:  # noqa: BLE001  whatever it is, the command must not suffer
                reason = error.message if isinstance(error, GitTrackError) else str(error)
                self._warn(f"input {name} is not recorded: {reason}")

    def _warn(self, text: str) -> None:
        text = self._store.redactor.text(text)
        self._say(f"gittrack: {text}")
        warnings.warn(text, GitTrackWarning, stacklevel=2)


def _mark(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is written; None for what is no file here."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
