"""All that differs between two runs of a store, as one value."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.query.changes.code import changed_files
from gittrack.query.changes.diff import RunDiff, diff
from gittrack.query.changes.files import file_changes
from gittrack.query.changes.output import OutputDiff, first_difference
from gittrack.query.changes.why import reasons
from gittrack.query.verdict.rules import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gittrack.artifacts.manifest import Member
    from gittrack.core.records import Artifact, Run
    from gittrack.query.changes.code import ChangedFile
    from gittrack.query.changes.diff import Section
    from gittrack.query.changes.files import FileChange
    from gittrack.query.changes.why import Reason
    from gittrack.store.kept.places import Kept
    from gittrack.store.runs import RunStore

Part = Literal[
    "run", "command", "params", "metrics", "tags", "inputs", "artifacts", "packages", "hardware",
    "environment", "code", "output",
]  # fmt: skip
PARTS: tuple[Part, ...] = get_args(Part)
"""What a diff can be cut down to."""
_HARDWARE = "hardware."
_LARGEST_OUTPUT = 20_000_000
Environments = tuple["Mapping[str, Any] | None", "Mapping[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class Differences:
    """Two runs and all that differs between them.

    Attributes:
        records: what their records say.
        parts: what was looked at.
        code: the files that differ, None where that cannot be told or was not asked for.
        output: where their output differs for the first time, None where it does not or was not asked for.
        files: the artifacts that differ.
        reasons: what may explain the metrics that changed.
    """

    records: RunDiff
    parts: frozenset[Part] = frozenset(PARTS)
    code: tuple[ChangedFile, ...] | None = None
    output: OutputDiff | None = None
    files: tuple[FileChange, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def before(self) -> Run:
        """The first run."""
        return self.records.before

    @property
    def after(self) -> Run:
        """The second run."""
        return self.records.after

    @property
    def code_differs(self) -> bool:
        """Whether the code differs; where that cannot be told, whether it is of other commits."""
        if "code" not in self.parts:
            return False
        return self.records.code_differs if self.code is None else bool(self.code)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.records.differing().sections or self.code_differs or self.output or self.files)

    def as_json(self) -> dict[str, Any]:
        """`RunDiff.as_json()` with `files` in its code, and `output`, `files` and `reasons`."""
        body = self.records.as_json()
        if "code" in self.parts:
            body["code"]["files"] = None if self.code is None else [one.as_json() for one in self.code]
        else:
            del body["code"]
        body["output"] = None if self.output is None else self.output.as_json()
        body["files"] = [one.as_json() for one in self.files]
        body["reasons"] = [one.as_json() for one in self.reasons]
        return body


def differences(
    store: RunStore,
    before: Run,
    after: Run,
    *,
    only: Collection[Part] = (),
    everything: bool = False,
    environments: Environments | None = None,
) -> Differences:
    """Look at all that may differ between two runs. Nothing is fetched.

    Args:
        store: of both.
        before: the first run.
        after: the second; may be one that is not in the store.
        only: these parts, all when empty.
        everything: what is the same, too.
        environments: the documents of their `environment.yaml`, those of the store when None.

    Raises:
        InvalidValue: there is no such part.
    """
    parts = checked(only)
    documents = environments or (store.environment(before.id), store.environment(after.id))
    whole = diff(before, after, environments=documents, rules=store.config.get("metrics"))
    code = changed_files(store, before, after) if parts & {"code", "metrics"} else None
    lines = None if code is None else [f"{one.path} +{one.added} -{one.removed}" for one in code]
    told = reasons(whole.sections["metrics"], (before, after), documents, lines) if "metrics" in parts else ()
    reader = Here(store)
    return Differences(
        _cut(whole if everything else whole.differing(), parts),
        parts,
        tuple(code) if code is not None and "code" in parts else None,
        output_diff(before, after, reader) if "output" in parts else None,
        file_changes(before, after, reader) if "artifacts" in parts else (),
        told,
    )


def checked(only: Collection[str]) -> frozenset[Part]:
    """The parts that are named, all when none is.

    Raises:
        InvalidValue: there is no such part.
    """
    for name in only:
        if name not in PARTS:
            msg = f"no part of a diff is named {name[:80]!r}"
            raise InvalidValue(msg, hint=f"parts are {', '.join(PARTS)}")
    return frozenset(part for part in PARTS if not only or part in only)


def _cut(found: RunDiff, parts: frozenset[Part]) -> RunDiff:
    """Only the sections that were asked for; hardware is a part of the environment."""
    sections: dict[Section, Any] = {}
    for name, changes in found.sections.items():
        if name == "environment":
            kept = tuple(
                one
                for one in changes
                if ("hardware" if one.key.startswith(_HARDWARE) else "environment") in parts
            )
            if kept or parts & {"hardware", "environment"}:
                sections[name] = kept
        elif name in parts:
            sections[name] = changes
    return RunDiff(found.before, found.after, {name: rows for name, rows in sections.items() if rows})


def output_diff(before: Run, after: Run, reader: Here) -> OutputDiff | None:
    """Where two outputs differ for the first time, None where they do not or neither was captured."""
    old, new = (next((one for one in run.artifacts if one.path == OUTPUT), None) for run in (before, after))
    if old is None or new is None:
        if old is new:
            return None
        return OutputDiff(missing=f"the output of {(before if old is None else after).id} was not captured")
    if old.sha256 == new.sha256:
        return None
    if max(old.size, new.size) > _LARGEST_OUTPUT:
        return OutputDiff(missing="too long to compare")
    left, right = reader.read(before, OUTPUT, old.sha256), reader.read(after, OUTPUT, new.sha256)
    if left is None or right is None:
        run = before if left is None else after
        return OutputDiff(missing=f"the output of {run.id} is not in this clone")
    return first_difference(left, right)


class Here:
    """Contents that are in this clone: in the local store, the cache, or beside the run on its branch."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._beside: dict[str, dict[str, str]] = {}

    @cached_property
    def _kept(self) -> Kept:
        from gittrack.store.kept.places import Kept  # with the drivers of artifact stores: 15 ms

        return Kept(self._store)

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:
        """The bytes of a file, None where they are not here."""
        with contextlib.suppress(GitTrackError, OSError):
            if self._store.objects.has(sha256):
                return self._store.objects.read(sha256)
            found = self._kept.find(sha256)
            if found is not None:
                return found.read_bytes()
            if run.id not in self._beside:
                self._beside[run.id] = self._kept.beside(run.id)
            oid = self._beside[run.id].get(path)
            data = None if oid is None else self._kept.store.git.read(oid)
            if data is not None and hashlib.sha256(data).hexdigest() == sha256:
                return data
        return None

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:  # noqa: ARG002  see Reader
        """The files of a directory artifact, None where its manifest is not here."""
        with contextlib.suppress(GitTrackError, OSError):
            return self._kept.manifest(artifact.sha256)
        return None
