"""What has to be run again: the recorded command, where, and with which variables."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.redact import REDACTED
from gittrack.core.text import load_json
from gittrack.tracking import environment
from gittrack.tracking.capture_options import CAPTURE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

_OF_THE_MACHINE = re.compile(
    r"CONDA_.*|LD_PRELOAD|CUDA_VISIBLE_DEVICES|HIP_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES", re.ASCII
)


class Again(NamedTuple):
    """A command that can be run again.

    Attributes:
        words: of the command.
        missing: why it cannot be run again, one sentence each.
        notes: what a person should know.
        rewritten: whether a path in it was changed to the throw-away work tree.
    """

    words: tuple[str, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rewritten: bool = False


def again(store: RunStore, run: Run, tree: Path) -> Again:
    """The command of a run, as it is run in a work tree.

    Args:
        store: of the run.
        run: the run.
        tree: the top of the work tree.
    """
    if not run.command:
        return Again((), ("the command was not recorded",))
    if any(REDACTED in word for word in run.command):
        return Again(run.command, ("the command holds a secret, which was not recorded",))
    top = store.code.place.work_tree if store.code is not None else None
    words = tuple(_moved(word, top, tree) for word in run.command) if top is not None else run.command
    changed = words != run.command
    notes = (f"paths below {top} are read from the snapshot",) if changed else ()
    return Again(words, (), notes, changed)


def _moved(word: str, top: Path, tree: Path) -> str:
    """A word with the user's work tree replaced by the throw-away one, where it is a whole path."""
    return re.sub(rf"(?<![\w./-]){re.escape(str(top))}(?=/|$)", lambda _: str(tree), word)


def part_of(store: RunStore, run: Run) -> str | None:
    """The run whose command made this one as a part of its own, None where there is none."""
    if run.parent_id is None or not run.command:
        return None
    if not (store.knows(run.parent_id) or store.is_live(run.parent_id)):
        return None
    parent = store.get(run.parent_id)
    return parent.id if parent.command == run.command else None


def capture_options(run: Run) -> dict[str, Any]:
    """The options of `gittrack run` of the original, by their names in `tracking.wrap.Wish`."""
    try:
        found = load_json(run.tags.get(CAPTURE, "{}").encode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def variables(store: RunStore, document: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The recorded variables that the command gets, and those of now that it must not have.

    Seeds, numbers of threads and the like; not what names devices, Conda environments or libraries.

    Args:
        store: of the run.
        document: `environment.yaml`.
    """
    found = document.get("variables")
    kept = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    globs, redactor = store.config.get("environment.variables"), store.redactor
    wanted = environment.variables(kept, globs, redactor)
    now = environment.variables(os.environ, globs, redactor)
    settable = {
        name: value
        for name, value in wanted.items()
        if not _OF_THE_MACHINE.fullmatch(name) and REDACTED not in value and "\0" not in value
    }
    gone = tuple(name for name in now if name not in wanted and not _OF_THE_MACHINE.fullmatch(name))
    return settable, gone
