"""Runs a container as if it were a command: its output, its exit status, and signals that end it.

A program of its own, run by its path with the standard library only. An engine's own forwarding of signals
does not do: the first process of a container ignores those that it does not handle, and ^C would leave it
behind. A signal goes to the container; where that does not end it in ten seconds, it is killed.

    supervise.py NUMBER ENGINE… run OPTION… IMAGE COMMAND…

NUMBER says how many words ENGINE has. The folder of `GITTRACK_JOURNAL` is mounted where it is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

GRACE = 10.0  # seconds
_RETRY = 0.1
_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_OF_SIGNALS = 128


def bind(source: str, target: str, options: str = "") -> str:
    """The option that mounts a folder, a file or a volume.

    Raises:
        ValueError: an engine cannot be told such a path.
    """
    if not source:
        return f"--volume={target}"
    if ":" not in source.removeprefix(source[:2] if os.name == "nt" else "") and ":" not in target:
        return f"--volume={source}:{target}" + (f":{options}" if options else "")
    if "," in source + target or '"' in source + target:
        msg = f"a path with a colon and a comma cannot be mounted: {source}"
        raise ValueError(msg)
    read_only = ",readonly" if "ro" in options.split(",") else ""
    return f"--mount=type=bind,source={source},target={target}{read_only}"


class _Container:
    """The container while it runs."""

    def __init__(self, engine: Sequence[str], name: str) -> None:
        self._engine, self._name = engine, name
        self._over = threading.Event()
        self.ending: int | None = None

    def heard(self, number: int, _frame: FrameType | None) -> None:
        """Pass a signal on; a second one that ends does not wait."""
        again = self.ending is not None
        if signal.Signals(number).name in _ENDING:
            self.ending = self.ending or number
        threading.Thread(target=self._pass_on, args=(number, again), daemon=True).start()

    def _pass_on(self, number: int, again: bool) -> None:  # noqa: FBT001  a thread's arguments
        name = signal.Signals(number).name
        if name not in _ENDING:
            self._kill(name)
            return
        while not self._kill("SIGKILL" if again else name) and not self._over.wait(_RETRY):
            pass  # it has not been made yet
        if not self._over.wait(GRACE):
            self._kill("SIGKILL")

    def _kill(self, name: str) -> bool:
        words = [*self._engine, "kill", f"--signal={name.removeprefix('SIG')}", self._name]
        quiet = subprocess.DEVNULL
        done = subprocess.run(
            words, stdin=quiet, stdout=quiet, stderr=quiet, check=False, start_new_session=True
        )
        return done.returncode == 0

    def wait(self, words: Sequence[str]) -> int:
        """Start it, and wait for its end; gives its exit status."""
        process = subprocess.Popen([*self._engine, *words], start_new_session=True)
        code = process.wait()
        self._over.set()
        return code


def main(arguments: Sequence[str]) -> int:
    """Do what the words say; gives the exit status, or ends as the container did: by a signal."""
    count = int(arguments[0])
    engine, (verb, *rest) = arguments[1 : count + 1], arguments[count + 1 :]
    name = f"gittrack-{os.environ.get('GITTRACK_RUN_ID', 'run')}-{os.urandom(3).hex()}"
    options = [f"--name={name}", "--sig-proxy=false"]
    journal = os.environ.get("GITTRACK_JOURNAL")
    if journal:
        folder = os.path.dirname(journal)  # noqa: PTH120  starts faster without pathlib
        options.append(bind(folder, folder))
    container = _Container(engine, name)
    for one in _FORWARDED:
        number = getattr(signal, one, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, container.heard)
    code = container.wait([verb, *options, *rest])
    if container.ending is not None and code > _OF_SIGNALS:
        signal.signal(container.ending, signal.SIG_DFL)
        os.kill(os.getpid(), container.ending)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
