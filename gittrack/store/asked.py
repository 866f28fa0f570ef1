"""What programs in other languages asked to keep, taken by whoever finds their run abandoned."""

from __future__ import annotations

import dataclasses
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.events import ArtifactLogged, InputLogged, apply
from gittrack.core.records import Artifact, Input

if TYPE_CHECKING:
    from gittrack.artifacts.objects import Objects
    from gittrack.store.journal.lines import FileToLog
    from gittrack.store.journal.live import Live

_GRACE = 60_000  # ms after the last sign of a run, from which on a file is another run's


def with_asked(live: Live, objects: Objects, last: int) -> Live:
    """The run with the files and inputs that its journals name and the regular end would have taken.

    A file that is gone, or was written since, is a warning. Of an input only its place is known: what
    it held when the run used it cannot be told any more.

    Args:
        live: an abandoned run.
        objects: the local artifact store.
        last: when it was last heard of, milliseconds since the epoch.
    """
    run = live.run
    known = {one.path for one in run.artifacts}
    for wanted in live.files:
        try:
            kept = _kept(wanted, live.folder, objects, known, last)
        except (OSError, ValueError, GitTrackError) as error:
            reason = error.message if isinstance(error, GitTrackError) else str(error)
            what = f"artifact {wanted.file} of {run.id} is not saved: {reason}"
            warnings.warn(what, GitTrackWarning, stacklevel=2)
            continue
        if kept is not None:
            run = apply(run, ArtifactLogged(kept))
    names = {one.name for one in run.inputs}
    for used in live.inputs:
        name = used.name or Path(used.file).as_posix()
        if name not in names:
            run = apply(run, InputLogged(Input(name, used.file, context=used.context)))
    return dataclasses.replace(live, run=run)


def _kept(
    wanted: FileToLog, folder: str | None, objects: Objects, known: set[str], last: int
) -> Artifact | None:
    source = Path(wanted.file)
    if folder is None:  # in a container: its paths are not those of this machine
        msg = "where the command ran is not known"
        raise ValueError(msg)
    source = Path(os.path.normpath(Path(folder, source)))
    name = (wanted.path or source.name).replace(os.sep, "/").strip("/")
    if not is_safe(name):
        msg = f"not a name for an artifact: {name[:80]!r}"
        raise ValueError(msg)
    if name in known:
        return None
    if source.stat().st_mtime * 1000 > last + _GRACE:
        msg = "it was written after the run"
        raise ValueError(msg)
    if source.is_dir():
        return Artifact(name, *objects.put_directory(source), "directory")
    return Artifact(name, *objects.put_file(source))
