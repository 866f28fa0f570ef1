"""How a run is laid out in files on the runs branch; pure. `assemble` reads it back.

::

    .runs/<experiment>/<yyyy-mm>/<dd>/<run id>/
        run.yaml  metrics.jsonl  environment.yaml  artifacts/<path>
        attempts/<clock>-<writer>/run.yaml  metrics.jsonl  environment.yaml  artifacts/<path>
        edits/<clock>-<writer>.yaml

No file is ever rewritten: a resumed run adds an attempt, a later change adds an edit. Two branches
therefore merge by the union of their files, in any order, to the same tree. What a run *is* follows
from all its files, folded in the order of their clocks (milliseconds, made to rise within a run) and
writers; the reading does not depend on who merged what first.

An attempt's `run.yaml` says what that attempt knew by itself: its own params, tags, artifacts and
times; only its metric summaries cover the whole run, as far as its writer had it.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from gittrack.core import events
from gittrack.core.ids import day_of, is_run_id, is_writer
from gittrack.core.series import encode
from gittrack.core.text import dump, dump_json, load_json
from gittrack.core.times import iso
from gittrack.core.value import dataclass
from gittrack.store.format.run_document import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.core.records import Run
    from gittrack.core.series import Series

ROOT = ".runs"
ARTIFACTS = "artifacts"
"""The folder of a run, or of an attempt, that has its small reviewable artifacts."""
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
    small: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Path to content of the files that record a run, or one later attempt of it.

    Args:
        run: as it ended.
        series: the points of this attempt.
        environment: the document of `environment.yaml`, None when it was not captured.
        stamp: of a later attempt, None for the first.
        directory: of the run, where that is known already.
        small: path to content of its artifacts that go beside it, see `reviewable`.
    """
    folder = directory or run_directory(run)
    if stamp is not None:
        folder = f"{folder}/attempts/{stamp.name}"
    files = {f"{folder}/run.yaml": dump(document_of(run))}
    if points := encode(series):
        files[f"{folder}/metrics.jsonl"] = points
    if environment:
        files[f"{folder}/environment.yaml"] = _environment_file(dump_json(environment))
    return files | {f"{folder}/{ARTIFACTS}/{path}": content for path, content in (small or {}).items()}


@lru_cache(maxsize=4)
def _environment_file(document: bytes) -> bytes:
    """The file of an environment: hundreds of packages, and the runs of a process have the same."""
    return dump(load_json(document))


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
    if within == "run.yaml":
        return True
    folder, _, name = within.rpartition("/")
    if folder == "edits":
        return name.endswith(".yaml")
    return name == "run.yaml" and folder.startswith("attempts/") and folder.count("/") == 1


def artifact_within(within: str) -> str | None:
    """The path of an artifact that a file of a run is the content of, None for every other file.

    `artifacts/plots/loss.png`, `attempts/<stamp>/artifacts/plots/loss.png` → `plots/loss.png`.
    """
    parts = within.split("/")
    if parts[0] == "attempts":
        parts = parts[2:]
    return "/".join(parts[1:]) or None if parts[:1] == [ARTIFACTS] else None
