"""The artifacts of a run and its repeats, file by file; pure, the bytes come from callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gittrack.query.verdict.metrics import worst
from gittrack.query.verdict.numbers import LARGEST, difference
from gittrack.query.verdict.rules import OUTPUT, artifact_rule
from gittrack.query.verdict.values import ArtifactResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.artifacts.manifest import Member
    from gittrack.core.records import Artifact, Run
    from gittrack.query.verdict.rules import ArtifactRule
    from gittrack.query.verdict.values import Evidence, Outcome


class Reader(Protocol):
    """Gives contents of artifacts."""

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:
        """The bytes of a file, None where they cannot be had."""

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:
        """The files of a directory artifact, None where its manifest cannot be had."""


class Nothing:
    """Reads nothing: digests decide."""

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:  # noqa: ARG002  see Reader
        """None."""
        return None

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:  # noqa: ARG002
        """None."""
        return None


@dataclass(frozen=True, slots=True)
class _File:
    sha256: str
    size: int
    directory: bool = False


@dataclass(frozen=True, slots=True)
class _Files:
    run: Run
    files: Mapping[str, _File] = field(default_factory=dict)


def judge_artifacts(
    original: Evidence,
    repeats: Sequence[Evidence],
    earlier: Sequence[Evidence] = (),
    rules: Mapping[str, Any] | None = None,
    reader: Reader | None = None,
) -> tuple[ArtifactResult, ...]:
    """Hold the artifacts of repeats against those of the original.

    A directory whose digest differs is compared file by file where both manifests can be had. What differs
    and is known to vary among three or more runs of one fingerprint is statistically consistent.

    Args:
        original: the run.
        repeats: the new ones.
        earlier: stored repeats of it, for statistics.
        rules: the setting `artifacts.compare`.
        reader: gives contents; digests decide when None.

    Raises:
        InvalidValue: a rule is none.
    """
    reader = reader or Nothing()
    every = [one.run for one in (original, *repeats, *earlier)]
    opened = _to_open(every)
    files = [_files(run, opened, reader) for run in every]
    old, new, known = files[0], files[1 : 1 + len(repeats)], files[1 + len(repeats) :]
    paths = sorted({path for one in (old, *new) for path in one.files})
    judged = (_judged(path, old, new, artifact_rule(path, rules or {}), reader) for path in paths)
    return tuple(_varying(one, old, new, known) if one.outcome == "differs" else one for one in judged)


def unsteady_artifacts(runs: Sequence[Evidence], rules: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The artifacts that count and in which runs of one fingerprint disagree."""
    digests = [{one.path: one.sha256 for one in evidence.run.artifacts} for evidence in runs]
    paths = sorted({path for one in digests for path in one})
    return tuple(
        path
        for path in paths
        if any(one.get(path) != digests[0].get(path) for one in digests[1:])
        and artifact_rule(path, rules or {}).gate
    )


def same_output(runs: Sequence[Run]) -> bool:
    """Whether all printed the same, and something."""
    digests = {next((one.sha256 for one in run.artifacts if one.path == OUTPUT), None) for run in runs}
    return len(digests) == 1 and None not in digests


def _to_open(runs: Sequence[Run]) -> frozenset[str]:
    """The directory artifacts that are not the same everywhere."""
    digests: dict[str, set[str]] = {}
    for run in runs:
        for one in run.artifacts:
            if one.kind == "directory":
                digests.setdefault(one.path, set()).add(one.sha256)
    return frozenset(path for path, found in digests.items() if len(found) > 1)


def _files(run: Run, opened: frozenset[str], reader: Reader) -> _Files:
    files: dict[str, _File] = {}
    for one in run.artifacts:
        members = reader.members(run, one) if one.path in opened and one.kind == "directory" else None
        if members is None:
            files[one.path] = _File(one.sha256, one.size, one.kind == "directory")
        else:
            files |= {f"{one.path}/{file.path}": _File(file.sha256, file.size) for file in members}
    return _Files(run, files)


def _judged(
    path: str, old: _Files, new: Sequence[_Files], rule: ArtifactRule, reader: Reader
) -> ArtifactResult:
    before = old.files.get(path)
    found = [_outcome(path, (old.run, before), (one.run, one.files.get(path)), rule, reader) for one in new]
    outcome = worst(one for one, _ in found)
    after = tuple(_digest(one.files.get(path)) for one in new)
    note = next((note for one, note in found if one == outcome), "")
    return ArtifactResult(path, _digest(before), after, outcome, rule.gate, rule.compare, note)


def _outcome(
    path: str,
    before: tuple[Run, _File | None],
    after: tuple[Run, _File | None],
    rule: ArtifactRule,
    reader: Reader,
) -> tuple[Outcome, str]:
    (old_run, old), (new_run, new) = before, after
    if old is None or new is None:
        return "differs", "not made by the original" if old is None else "not made by the repeat"
    if old.sha256 == new.sha256:
        return "identical", ""
    if rule.compare == "digest" or old.directory or new.directory:
        sizes = f", {old.size:,} → {new.size:,} bytes" if old.size != new.size else ""
        return "differs", f"other content{sizes}"
    if max(old.size, new.size) > LARGEST:
        return "differs", "other content, too large to compare number by number"
    left, right = reader.read(old_run, path, old.sha256), reader.read(new_run, path, new.sha256)
    if left is None or right is None:
        return "unknown", f"the content of the {'original' if left is None else 'repeat'} cannot be had"
    where = difference(path, left, right, rule)
    return ("differs", where) if where else ("within tolerance", "")


def _varying(
    result: ArtifactResult, old: _Files, new: Sequence[_Files], known: Sequence[_Files]
) -> ArtifactResult:
    """The same, consistent where runs of the fingerprint have this file and never agree on it."""
    earlier, repeats = [old, *known], list(new)
    sample = earlier if len(earlier) >= 3 else repeats  # noqa: PLR2004  as for metrics
    digests = [_digest(one.files.get(result.path)) for one in sample]
    everywhere = all(result.path in one.files for one in (*earlier, *repeats))
    if len(sample) < 3 or not everywhere or len(set(digests)) < 2:  # noqa: PLR2004
        return result
    note = f"varies: {len(set(digests))} contents in {len(digests)} runs"
    return ArtifactResult(
        result.path,
        result.before,
        result.after,
        "statistically consistent",
        result.gate,
        result.compare,
        note,
    )


def _digest(file: _File | None) -> str | None:
    return None if file is None else file.sha256
