"""Who runs a program, and which run is around it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

WRAPPED_IN = "GITTRACK_RUN_ID"
"""Set by `gittrack run` for its command."""
NESTED_IN = "GITTRACK_PARENT_RUN_ID"
"""Set by a run in Python for its child processes."""


def user() -> str | None:
    """The name of who runs this process, None where the machine does not tell."""
    import getpass  # termios and all

    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return None


def enclosing_run(store: RunStore) -> str | None:
    """The id of the live run that this process was started in, None without one."""
    for name in (WRAPPED_IN, NESTED_IN):
        run_id = os.environ.get(name)
        if run_id and store.is_live(run_id):
            return run_id
    return None
