"""A run read back from its files on the branch; pure.

See `layout` for where they are and why nothing is ever rewritten.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, cast, get_args

from gittrack.artifacts.manifest import is_safe
from gittrack.core import events
from gittrack.core.errors import MalformedFile
from gittrack.core.series import Series, join
from gittrack.core.text import load
from gittrack.core.times import from_iso
from gittrack.core.value import dataclass
from gittrack.store.format.layout import Edited, Stamp, is_listed, parse_stamp
from gittrack.store.format.run_document import run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.core.records import Artifact, Run

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A resumed stretch of a run."""

    stamp: Stamp
    run: Run


@dataclass(frozen=True, slots=True)
class Assembled:
    """A run read from its files.

    Attributes:
        run: the fold of all of them.
        first: the run as its first attempt left it.
        attempts: later attempts, in order.
        edits: later changes, in order.
        problems: files that could not be read and were left out, as `path: reason`.
    """

    run: Run
    first: Run
    attempts: tuple[Attempt, ...] = ()
    edits: tuple[Edited, ...] = ()
    problems: tuple[str, ...] = ()


def assemble(directory: str, files: Mapping[str, bytes]) -> Assembled:
    """The run in a directory.

    Args:
        directory: its path on the branch.
        files: path within the directory to content, of the files that :func:`is_listed`; others are
            passed over.

    Raises:
        MalformedFile: `run.yaml` is missing or cannot be read. Anything else that cannot be read is
            left out and named in `problems`, and so is an artifact whose path would leave its folder.
    """
    run_id = directory.rsplit("/", 1)[-1]
    if "run.yaml" not in files:
        missing = f"{directory}/run.yaml"
        raise MalformedFile(missing, "missing", hint="`gittrack doctor` looks closer")
    problems: list[str] = []
    first = _safe(run_of(files["run.yaml"], f"{directory}/run.yaml", run_id), directory, problems)
    if len(files) == 1:
        return Assembled(first, first, problems=tuple(problems))
    attempts: list[Attempt] = []
    edits: list[Edited] = []
    for within in sorted(files):
        where = f"{directory}/{within}"
        try:
            if within.startswith("attempts/") and is_listed(within):
                attempts.append(_attempt(files[within], where, run_id, problems))
            elif within.startswith("edits/") and is_listed(within):
                edits.append(parse_edit(files[within], where, run_id))
        except MalformedFile as error:
            problems.append(error.message)
    later: list[Attempt | Edited] = [*attempts, *edits]
    ordered = sorted(later, key=lambda item: item.stamp)
    return Assembled(
        _fold(first, ordered),
        first,
        tuple(item for item in ordered if isinstance(item, Attempt)),
        tuple(item for item in ordered if isinstance(item, Edited)),
        tuple(problems),
    )


def parse_edit(data: bytes, where: str, run_id: str) -> Edited:
    """The later change in an `edits/…yaml`.

    Raises:
        MalformedFile: it is none, or belongs to another run.
    """
    stamp = parse_stamp(where.rsplit("/", 1)[-1].removesuffix(".yaml"))
    document = load(data, where=where)
    if stamp is None:
        raise MalformedFile(where, "the name is not <clock>-<writer>.yaml")
    if document.get("run_id") != run_id:
        raise MalformedFile(where, f"belongs to another run: {document.get('run_id')!r}")
    try:
        decoded = [events.decode(body) for body in document.get("edits", ())]
        time = from_iso(str(document["time"]))
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise MalformedFile(where, f"not an edit: {error}") from error
    known = tuple(cast("events.Edit", edit) for edit in decoded if isinstance(edit, get_args(events.Edit)))
    return Edited(stamp, time, str(document.get("author", "")), known)


def next_stamp(assembled: Assembled, writer: str, now: int) -> Stamp:
    """A stamp after everything known of the run, at `now` (milliseconds) or later."""
    later: list[Attempt | Edited] = [*assembled.attempts, *assembled.edits]
    known = [item.stamp.clock for item in later]
    return Stamp(max([now, *(clock + 1 for clock in known)]), writer)


def join_series(parts: Sequence[Iterable[Series]]) -> list[Series]:
    """The series of a run from those of its attempts, in order."""
    joined: list[Series] = []
    for part in parts:
        joined = join(joined, part)
    return joined


def _attempt(data: bytes, where: str, run_id: str, problems: list[str]) -> Attempt:
    folder = where.rpartition("/")[0]
    stamp = parse_stamp(folder.rpartition("/")[2])
    if stamp is None:
        raise MalformedFile(where, "the folder is not named <clock>-<writer>")
    return Attempt(stamp, _safe(run_of(data, where, run_id), folder, problems))


def _safe(run: Run, folder: str, problems: list[str]) -> Run:
    """The run without artifacts that could do harm when they are fetched."""
    if all(map(_is_usable, run.artifacts)):
        return run
    kept = tuple(one for one in run.artifacts if _is_usable(one))
    bad = [one for one in run.artifacts if not _is_usable(one)]
    problems += [f"{folder}/run.yaml: {_fault(one)}: left out" for one in bad]
    return dataclasses.replace(run, artifacts=kept)


def _is_usable(artifact: Artifact) -> bool:
    return _DIGEST.fullmatch(artifact.sha256) is not None and is_safe(artifact.path)


def _fault(artifact: Artifact) -> str:
    shown = ascii(artifact.path[:80])
    return (
        f"artifact {shown} has no SHA-256 digest"
        if is_safe(artifact.path)
        else f"unsafe artifact path {shown}"
    )


def _fold(first: Run, ordered: Iterable[Attempt | Edited]) -> Run:
    run = first
    for item in ordered:
        run = events.fold(run, item.edits) if isinstance(item, Edited) else resume(run, item.run)
    return run


def resume(run: Run, attempt: Run) -> Run:
    """The run after a later attempt."""
    paths = {artifact.path for artifact in attempt.artifacts}
    names = {used.name for used in attempt.inputs}
    return dataclasses.replace(
        attempt,
        experiment=run.experiment,
        start_time=run.start_time,
        name=attempt.name or run.name,
        note=attempt.note or run.note,
        parent_id=attempt.parent_id or run.parent_id,
        params={**run.params, **attempt.params},
        metrics={**run.metrics, **attempt.metrics},
        tags={**run.tags, **attempt.tags},
        inputs=(*(used for used in run.inputs if used.name not in names), *attempt.inputs),
        artifacts=(*(one for one in run.artifacts if one.path not in paths), *attempt.artifacts),
        peak_memory=max(run.peak_memory or 0, attempt.peak_memory or 0) or None,
        attempt=max(run.attempt + 1, attempt.attempt),
        deleted=run.deleted,
        extra={**run.extra, **attempt.extra},
    )
