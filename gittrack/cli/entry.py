"""Starts and ends the process of the command line, both without work that a short command has no use for."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

_OBJECTS = 100_000
"""Objects that are made before garbage is looked for: modules being loaded leave none (10 ms of 150)."""


def main() -> NoReturn:
    """Run the command line of this process, and end the process with its exit status."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    from gittrack.cli.main import invoke

    leave(invoke())


def leave(status: int) -> NoReturn:
    """End the process as `sys.exit` does, but leave memory to the system instead of taking it apart (15 ms).

    Where threads still run, the interpreter ends as ever and waits for them.
    """
    run_exit_functions = getattr(atexit, "_run_exitfuncs", None)  # what the interpreter itself calls
    if run_exit_functions is None or threading.active_count() > 1:
        sys.exit(status)
    run_exit_functions()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # a reader that went away, closed, or none
            stream.flush()
    os._exit(status)
