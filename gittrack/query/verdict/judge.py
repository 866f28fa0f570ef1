"""Whether repeats of a run came to the same; pure, draws nothing and asks nobody.

==========================  ==================================================================================
identical                   every series that counts is equal point by point, every artifact by digest
within tolerance            what is not identical is as near as the rules of `gittrack.yaml` allow
statistically consistent    what is not near enough lies where other runs of its fingerprint let it expect
differs                     something else came out
failed                      the command ended otherwise than that of the original
not comparable              something was missing; the reasons say what
==========================  ==================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from gittrack.query.suspects import suspects
from gittrack.query.verdict.artifacts import judge_artifacts, same_output, unsteady_artifacts
from gittrack.query.verdict.metrics import judge_metrics, unsteady_metrics, worst
from gittrack.query.verdict.statistics import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.verdict.artifacts import Reader
    from gittrack.query.verdict.values import (
        ArtifactResult,
        Evidence,
        Level,
        MetricResult,
        Outcome,
        Suspect,
    )

    Code = Callable[[Run, Run], "Sequence[str] | None"]

EXIT_CODES: Mapping[Level, int] = {
    "identical": 0,
    "within tolerance": 0,
    "statistically consistent": 0,
    "differs": 1,
    "failed": 4,
    "not comparable": 5,
}
"""What `gittrack reproduce` ends with."""
_NOT_RANKED = {"identical", "within tolerance"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What repeats of a run came to.

    Attributes:
        level: the verdict.
        original: id of the run.
        repeats: ids of the new runs.
        earlier: ids of stored repeats that were looked at besides.
        reasons: why it failed, is not comparable, or cannot be judged statistically; one sentence each.
        metrics: the metrics, those of the original first.
        artifacts: the artifacts, by path.
        suspects: what may be why, the most likely first; empty when all is identical.
        unsteady: what differs between two runs of one fingerprint: proof that the program is not
            deterministic.
    """

    level: Level
    original: str
    repeats: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    metrics: tuple[MetricResult, ...] = ()
    artifacts: tuple[ArtifactResult, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    unsteady: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """See `EXIT_CODES`."""
        return EXIT_CODES[self.level]

    def as_json(self) -> dict[str, Any]:
        """All fields, and the exit code."""
        return {
            "verdict": self.level,
            "exit_code": self.exit_code,
            "original": self.original,
            "repeats": list(self.repeats),
            "earlier": list(self.earlier),
            "reasons": list(self.reasons),
            "metrics": [one.as_json() for one in self.metrics],
            "artifacts": [one.as_json() for one in self.artifacts],
            "suspects": [one.as_json() for one in self.suspects],
            "unsteady": list(self.unsteady),
        }


def judge(
    original: Evidence,
    repeats: Sequence[Evidence],
    earlier: Sequence[Evidence] = (),
    *,
    metrics: Mapping[str, Any] | None = None,
    artifacts: Mapping[str, Any] | None = None,
    reader: Reader | None = None,
    code: Code | None = None,
) -> Verdict:
    """The verdict on repeats of a run.

    Args:
        original: the run.
        repeats: the new runs, at least one.
        earlier: stored runs with the fingerprint of the original, for statistics.
        metrics: the setting `metrics`: tolerances, goals and what counts.
        artifacts: the setting `artifacts.compare`.
        reader: gives contents of artifacts, for numbers in CSV and JSON; digests decide when None.
        code: names the files in which the code of two runs differs; None where that is not known.

    Raises:
        InvalidValue: a rule is none.
    """
    ids = (original.run.id, tuple(one.run.id for one in repeats), tuple(one.run.id for one in earlier))
    failures = tuple(_failures(original.run, repeats))
    judged = judge_metrics(original, repeats, earlier, metrics)
    files = judge_artifacts(original, repeats, earlier, artifacts, reader)
    same_kind = [original, *earlier] if len(earlier) else []
    news = list(repeats) if len(repeats) > 1 else []
    unsteady = _unsteady(same_kind, metrics, artifacts) + _unsteady(news, metrics, artifacts)
    unsteady = tuple(dict.fromkeys(unsteady))
    level, reasons = ("failed", failures) if failures else _level(original, repeats, judged, files)
    if level == "differs":
        reasons += _why_no_statistics(judged, len(earlier) + 1, len(repeats))
    nothing = level == "not comparable" and not (judged or files)  # then nothing differs that has a cause
    ranked = level not in _NOT_RANKED and not nothing
    found = _suspects(original, repeats, judged, files, unsteady, code) if ranked else ()
    return Verdict(cast("Level", level), *ids, reasons, judged, files, found, unsteady)


def not_comparable(original: Run, reasons: Sequence[str]) -> Verdict:
    """The verdict on a run that cannot be repeated.

    Args:
        original: the run.
        reasons: what is missing, one sentence each.
    """
    return Verdict("not comparable", original.id, reasons=tuple(reasons))


def _failures(original: Run, repeats: Sequence[Evidence]) -> list[str]:
    """The repeats whose command did not end as that of the original did."""
    how = (original.status, original.exit_code, original.signal)
    ends = [(one.run, (one.run.status, one.run.exit_code, one.run.signal)) for one in repeats]
    return [f"run {run.id} {_ended(run)}" for run, end in ends if run.status != "finished" and end != how]


def _ended(run: Run) -> str:
    how = f" by {run.signal}" if run.signal else f" with exit code {run.exit_code}" if run.exit_code else ""
    return f"{run.status}{how}"


def _unsteady(
    runs: Sequence[Evidence], metrics: Mapping[str, Any] | None, artifacts: Mapping[str, Any] | None
) -> tuple[str, ...]:
    return unsteady_metrics(runs, metrics) + unsteady_artifacts(runs, artifacts) if runs else ()


def _level(
    original: Evidence,
    repeats: Sequence[Evidence],
    metrics: Sequence[MetricResult],
    artifacts: Sequence[ArtifactResult],
) -> tuple[Outcome | Level, tuple[str, ...]]:
    ends = {one.run.status for one in repeats}
    if original.run.status != "finished" and ends == {"finished"}:
        return "differs", (f"the original {_ended(original.run)}, the repeat finished",)
    outcomes = [one.outcome for one in metrics if one.gate]
    outcomes += [one.outcome for one in artifacts if one.gate]
    if not outcomes:
        if same_output([original.run, *(one.run for one in repeats)]):
            return "identical", ("there is no metric or artifact to compare; the output is the same",)
        return "not comparable", ("there is no metric or artifact to compare",)
    outcome = worst(outcomes)
    if outcome == "unknown":
        lines = [f"{one.path}: {one.note}" for one in artifacts if one.gate and one.outcome == "unknown"]
        return "not comparable", tuple(lines)
    return outcome, ()


def _why_no_statistics(metrics: Sequence[MetricResult], known: int, new: int) -> tuple[str, ...]:
    if any(one.interval for one in metrics) or max(known, new) >= ENOUGH:
        return ()
    if not any(one.gate and one.outcome == "differs" for one in metrics):
        return ()
    text = f"a statistical verdict needs {ENOUGH} runs with this fingerprint, there are {known + new}"
    return (f"{text}: --repeat {ENOUGH} makes them",)


def _suspects(
    original: Evidence,
    repeats: Sequence[Evidence],
    metrics: Sequence[MetricResult],
    artifacts: Sequence[ArtifactResult],
    unsteady: Sequence[str],
    code: Code | None,
) -> tuple[Suspect, ...]:
    """Of all repeats, each suspect once."""
    found: dict[tuple[str, tuple[str, ...]], Suspect] = {}
    for one in repeats:
        files = code(original.run, one.run) if code else None
        ranked = suspects(original, one, metrics=metrics, artifacts=artifacts, unsteady=unsteady, code=files)
        for suspect in ranked:
            found.setdefault((suspect.cause, suspect.details), suspect)
    return tuple(sorted(found.values(), key=lambda one: -one.weight))
