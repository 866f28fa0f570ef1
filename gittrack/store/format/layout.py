"""How a run is laid out in files on the runs branch, and read back; pure.

::

    .runs/<experiment>/<yyyy-mm>/<dd>/<run id>/
        run.yaml  metrics.jsonl  environment.yaml
        attempts/<clock>-<writer>/run.yaml  metrics.jsonl  environment.yaml
        edits/<clock>-<writer>.yaml

No file is ever rewritten: a resumed run adds an attempt, a later change adds an edit. Two branches
therefore merge by the union of their files, in any order, to the same tree. What a run *is* follows
from all its files, folded in the order of their clocks (milliseconds, made to rise within a run) and
writers; the reading does not depend on who merged what first.

An attempt's `run.yaml` says what that attempt knew by itself: its own params, tags, artifacts and
times; only its metric summaries cover the whole run, as far as its writer had it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args
from urllib.parse import quote

from gittrack.core import events
from gittrack.core.errors import MalformedFile
from gittrack.core.ids import day_of, is_run_id, is_writer
from gittrack.core.series import Series, encode, join
from gittrack.core.text import dump, load
from gittrack.core.times import from_iso, iso
from gittrack.store.format.run_document import document_of, run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.core.records import Run

ROOT = ".runs"
EDIT_SCHEMA = "gittrack.edit/1"
_SAFE = " -_.()[]{}@,;=+!~'^$&"
_STAMP = re.compile(r"(\d{1,15})-([0-9a-z]{4,32})", re.ASCII)
_LONGEST = 150  # bytes of a directory name: file systems allow 255, archives and Windows less


class Stamp(NamedTuple):
    """When and by whom something was added to a run; the order of everything that is."""

    clock: int
    writer: str

    @property
    def name(self) -> str:
        """`000001795492993-k3f9a2x01b`: sorts as the stamp does."""
        return f"{self.clock:015d}-{self.writer}"


@dataclass(frozen=True, slots=True)
class Edited:
    """One later change of a run.

    Attributes:
        stamp: its place in the order.
        time: milliseconds since the epoch, by the clock of its author's machine.
        author: `Name <mail>`.
        edits: what changed.
    """

    stamp: Stamp
    time: int
    author: str
    edits: tuple[events.Edit, ...]


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


def experiment_directory(name: str) -> str:
    """The name of an experiment as one component of a path.

    Letters, digits and harmless signs stay, everything else is percent-encoded; a long name is cut
    and ends in its digest.
    """
    encoded = quote(name, safe=_SAFE)
    if encoded.startswith((".", " ", "-", "~")):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    if encoded.endswith((".", " ")) or encoded.lower().endswith(".lock"):
        encoded = f"{encoded[:-1]}%{ord(encoded[-1]):02X}"
    if len(encoded) > _LONGEST:
        encoded = f"{encoded[:120]}~{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:16]}"
    return encoded.replace("..", ".%2E")


def run_directory(run: Run) -> str:
    """The directory of a run on the runs branch."""
    month, day = day_of(run.id, run.start_time)
    return f"{ROOT}/{experiment_directory(run.experiment)}/{month}/{day}/{run.id}"


def run_files(
    run: Run,
    series: Iterable[Series],
    environment: Mapping[str, Any] | None,
    stamp: Stamp | None = None,
    directory: str | None = None,
) -> dict[str, bytes]:
    """Path to content of the files that record a run, or one later attempt of it.

    Args:
        run: as it ended.
        series: the points of this attempt.
        environment: the document of `environment.yaml`, None when it was not captured.
        stamp: of a later attempt, None for the first.
        directory: of the run, where that is known already.
    """
    folder = directory or run_directory(run)
    if stamp is not None:
        folder = f"{folder}/attempts/{stamp.name}"
    files = {f"{folder}/run.yaml": dump(document_of(run))}
    if points := encode(series):
        files[f"{folder}/metrics.jsonl"] = points
    if environment:
        files[f"{folder}/environment.yaml"] = dump(environment)
    return files


def edit_file(directory: str, run_id: str, edited: Edited) -> tuple[str, bytes]:
    """Path and content of the file that records a later change of a run."""
    document = {
        "schema": EDIT_SCHEMA,
        "run_id": run_id,
        "time": iso(edited.time),
        "author": edited.author,
        "edits": [events.encode(edit) for edit in edited.edits],
    }
    return f"{directory}/edits/{edited.stamp.name}.yaml", dump(document)


def split_path(path: str) -> tuple[str, str] | None:
    """Directory of the run and the path within it, None where the path belongs to no run.

    `.runs/digits/2026-11/24/<id>/edits/x.yaml` → `(".runs/digits/2026-11/24/<id>", "edits/x.yaml")`.
    """
    parts = path.split("/")
    if len(parts) < 6 or parts[0] != ROOT or not is_run_id(parts[4]):  # noqa: PLR2004  see the example
        return None
    return "/".join(parts[:5]), "/".join(parts[5:])


def parse_stamp(name: str) -> Stamp | None:
    """The stamp that `Stamp.name` wrote."""
    match = _STAMP.fullmatch(name)
    return Stamp(int(match[1]), match[2]) if match and is_writer(match[2]) else None


def is_listed(within: str) -> bool:
    """Whether a file of a run is read to list it: `run.yaml`s and edits, not points or artifacts."""
    return (
        within == "run.yaml"
        or (within.startswith("edits/") and within.endswith(".yaml"))
        or (within.startswith("attempts/") and within.endswith("/run.yaml"))
    )


def assemble(directory: str, files: Mapping[str, bytes]) -> Assembled:
    """The run in a directory.

    Args:
        directory: its path on the branch.
        files: path within the directory to content, of the files that :func:`is_listed`; others are
            passed over.

    Raises:
        MalformedFile: `run.yaml` is missing or cannot be read. Anything else that cannot be read is
            left out and named in `problems`.
    """
    run_id = directory.rsplit("/", 1)[-1]
    if "run.yaml" not in files:
        missing = f"{directory}/run.yaml"
        raise MalformedFile(missing, "missing", hint="`gittrack doctor` looks closer")
    first = run_of(files["run.yaml"], f"{directory}/run.yaml", run_id)
    if len(files) == 1:
        return Assembled(first, first)
    attempts: list[Attempt] = []
    edits: list[Edited] = []
    problems: list[str] = []
    for within in sorted(files):
        where = f"{directory}/{within}"
        try:
            if within.startswith("attempts/") and is_listed(within):
                attempts.append(_attempt(files[within], where, run_id))
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


def _attempt(data: bytes, where: str, run_id: str) -> Attempt:
    stamp = parse_stamp(where.split("/")[-2])
    if stamp is None:
        raise MalformedFile(where, "the folder is not named <clock>-<writer>")
    return Attempt(stamp, run_of(data, where, run_id))


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
