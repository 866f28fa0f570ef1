"""Steps that need not run again: finds the run that a step would repeat."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitTrackError
from gittrack.core.events import TagsSet
from gittrack.core.text import dump_json
from gittrack.launch.projects import fingerprint
from gittrack.launch.projects.fingerprint import CODE, ENTRY_POINT, ENVIRONMENT, FINGERPRINT, PREFIX, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gittrack.core.records import Run, Source
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

_CANDIDATES = 5  # runs of the same step that are looked at: what they made may be gone
CONTEXT = "param"
"""The context of inputs that `path` params name."""


class Reuse(NamedTuple):
    """What `--needed` found.

    Attributes:
        run: the finished run of the same step, None where there is none.
        reason: why that run, or why a new one, in one line.
    """

    run: Run | None
    reason: str


def code_of(git: Git | None, source: Source) -> tuple[str | None, str | None]:
    """The tree of the project in a snapshot, and why it is not known."""
    if git is None or source.snapshot is None or source.directory is None:
        return None, f"the code is not captured ({source.missing or 'it is outside of the repository'})"
    if source.left_out:
        return None, f"the snapshot leaves out {len(source.left_out)} files"
    place = source.snapshot + ("^{tree}" if source.directory == "." else f":{source.directory}")
    tree = git.resolve(place)
    return tree, None if tree else "the project is not in the snapshot"


def local_environment(python: Path | None) -> str | None:
    """A digest of a Python and its packages, from the names of files; None where there is no Python."""
    from gittrack.tracking import interpreter

    if python is None:
        return None
    found = interpreter.own() if interpreter.is_own(python) else interpreter.other(python)
    names = {path.name for folder in found.paths if not _vendored(folder) for path in _metadata(folder)}
    return hashlib.sha256(dump_json([found.version, sorted(names)])).hexdigest()


def _vendored(folder: Path) -> bool:
    """Whether a package brought it (setuptools, when it is imported): another process may not have it."""
    return any(above.name in {"site-packages", "dist-packages"} for above in folder.parents)


def _metadata(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [one for one in folder.iterdir() if one.name.endswith((".dist-info", ".egg-info"))]
    return []


def look(store: RunStore, step: Step, *, uri: str) -> Reuse:
    """The finished run of a step, or why there is none.

    Args:
        store: where runs are.
        step: what is wanted.
        uri: of its project, to tell what changed since its last run.
    """
    wanted = step.fingerprint
    if wanted is None:
        return Reuse(None, f"it cannot be told whether it is unchanged: {'; '.join(step.unknown)}")
    gone = ""
    for same in _newest(store, {FINGERPRINT: wanted}, finished=True, limit=_CANDIDATES):
        why = _unusable(store, same)
        if why is None:
            return Reuse(same, "code, params, inputs and environment are unchanged")
        gone = gone or why
    if gone:
        return Reuse(None, gone)
    for last in _newest(store, {ENTRY_POINT: step.entry_point, f"{PREFIX}uri": uri}, finished=True):
        changed = fingerprint.changes(_step_of(last, step), step)
        what = "; ".join(changed) or "something"
        return Reuse(None, f"changed since run {last.id}: {what}")
    for failed in _newest(store, {FINGERPRINT: wanted}):
        return Reuse(None, f"run {failed.id} of it {failed.status}")
    return Reuse(None, "no run of it has finished yet")


def _unusable(store: RunStore, run: Run) -> str | None:
    """Why a run cannot stand for another: what it made cannot be had any more."""
    from gittrack.store.kept.listing import lacking
    from gittrack.store.kept.places import Kept

    try:
        gone = lacking(Kept(store), run)
    except GitTrackError as error:
        return f"it cannot be told whether what run {run.id} made can be had: {error}"
    if not gone:
        return None
    more = f" and {len(gone) - 1} more files" if len(gone) > 1 else ""
    return f"{gone[0]}{more} of run {run.id}, which did the same, cannot be had any more"


def _newest(
    store: RunStore, tags: Mapping[str, str], *, finished: bool = False, limit: int = 1
) -> Sequence[Run]:
    """The newest runs with these tags, the newest first."""
    from gittrack.query.filter.nodes import And, Compare, Field
    from gittrack.query.search import find

    nodes = [Compare(Field("tags", name), "=", text) for name, text in tags.items()]
    nodes += [Compare(Field("attributes", "status"), "=", "finished")] if finished else []
    return list(find(store, And(tuple(nodes)), limit=limit))


def _step_of(run: Run, wanted: Step) -> Step:
    """What is known of a run as a step; the program may have logged more params than it was given."""
    inputs = {one.name: one.sha256 for one in run.inputs if one.context == CONTEXT}
    params = {name: value for name, value in run.params.items() if name in wanted.params}
    return Step(run.tags.get(ENTRY_POINT, ""), run.tags.get(CODE), run.tags.get(ENVIRONMENT), params, inputs)


def tags(step: Step) -> dict[str, str]:
    """What a run keeps of itself as a step."""
    known = {FINGERPRINT: step.fingerprint, CODE: step.code, ENVIRONMENT: step.environment}
    return {ENTRY_POINT: step.entry_point} | {name: text for name, text in known.items() if text}


def tell_parent(store: RunStore, parent: str | None, step: Step, run: Run) -> None:
    """Note in the run around us which run stands for a step: it has no child for it."""
    if parent is None:
        return
    with contextlib.suppress(GitTrackError, OSError):  # it ended meanwhile: nobody is left to tell
        journal = store.join(parent)
        try:
            journal.event(TagsSet({f"gittrack.reused.{step.entry_point}": run.id}))
        finally:
            journal.close()
