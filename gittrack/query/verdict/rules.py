"""The settings `metrics` and `artifacts.compare`: what a verdict makes of each metric and artifact; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.errors import InvalidValue
from gittrack.query.compare.side_by_side import Goal, goal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OUTPUT = "output.log"
_INFORMATIONAL = ("system/*",)  # of the machine, never the same twice
_NUMERIC = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_COMPARE = ("digest", "numeric", "ignore")
_METRIC_KEYS = frozenset({"goal", "atol", "rtol", "gate"})
_ARTIFACT_KEYS = frozenset({"compare", "atol", "rtol", "gate"})


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How a metric is held against another.

    Attributes:
        atol: absolute tolerance, None when none is set.
        rtol: relative tolerance, None when none is set.
        gate: whether it counts for the verdict.
        goal: whether more or less is better, None when nobody said.
    """

    atol: float | None = None
    rtol: float | None = None
    gate: bool = True
    goal: Goal | None = None

    @property
    def tolerant(self) -> bool:
        """Whether a tolerance is set."""
        return self.atol is not None or self.rtol is not None

    def close(self, before: float, after: float) -> bool:
        """Whether `after` is as near to `before` as the tolerances allow: |a - b| ≤ atol + rtol·|b|."""
        return near(before, after, self.atol or 0.0, self.rtol or 0.0)


@dataclass(frozen=True, slots=True)
class ArtifactRule:
    """How an artifact is held against another.

    Attributes:
        compare: byte by byte, or number by number.
        atol: absolute tolerance of numbers.
        rtol: relative tolerance of numbers.
        gate: whether it counts for the verdict.
    """

    compare: Literal["digest", "numeric"] = "digest"
    atol: float = 0.0
    rtol: float = 0.0
    gate: bool = True


def near(before: float, after: float, atol: float, rtol: float) -> bool:
    """Whether two numbers are equal or |after - before| ≤ atol + rtol·|before|; NaN equals NaN."""
    if before == after or (math.isnan(before) and math.isnan(after)):
        return True
    if not (math.isfinite(before) and math.isfinite(after)):
        return False
    return abs(after - before) <= atol + rtol * abs(before)


def metric_rule(key: str, rules: Mapping[str, Any]) -> MetricRule:
    """The rule of a metric.

    An exact name wins over a glob, an earlier glob over a later one; a rule that says nothing of tolerances
    leaves them to the next one, and one that says nothing of `gate` does. `system/*` does not count unless
    a rule says `gate: true`.

    Args:
        key: name of the metric.
        rules: the setting `metrics`.

    Raises:
        InvalidValue: a rule is none.
    """
    atol = rtol = gate = None
    for glob, rule in _matching(key, rules):
        checked = _checked("metrics", glob, {"goal": rule} if isinstance(rule, str) else rule, _METRIC_KEYS)
        if atol is None and rtol is None:
            atol, rtol = checked.get("atol"), checked.get("rtol")
        gate = checked.get("gate") if gate is None else gate
    informational = any(fnmatchcase(key, glob) for glob in _INFORMATIONAL)
    return MetricRule(atol, rtol, not informational if gate is None else gate, goal_of(key, rules))


def artifact_rule(path: str, rules: Mapping[str, Any]) -> ArtifactRule:
    """The rule of an artifact: the exact path, else the first glob that matches.

    CSV, TSV, JSON and JSON lines are compared number by number, all else byte by byte. `output.log` does
    not count unless a rule says `gate: true`.

    Args:
        path: of the artifact, or of a file in a directory artifact.
        rules: the setting `artifacts.compare`; a text stands for `{compare: text}`.

    Raises:
        InvalidValue: a rule is none.
    """
    default = "numeric" if path.lower().endswith(_NUMERIC) else "digest"
    for glob, rule in _matching(path, rules):
        body = {"compare": rule} if isinstance(rule, str) else rule
        checked = _checked("artifacts.compare", glob, body, _ARTIFACT_KEYS)
        how = checked.get("compare", default)
        gate = checked.get("gate", path != OUTPUT) and how != "ignore"
        numeric = how == "numeric"
        return ArtifactRule(
            "numeric" if numeric else "digest", checked.get("atol", 0.0), checked.get("rtol", 0.0), gate
        )
    return ArtifactRule("numeric" if default == "numeric" else "digest", gate=path != OUTPUT)


def check_rules(metrics: Mapping[str, Any], artifacts: Mapping[str, Any]) -> None:
    """Look at every rule before anything is run.

    Raises:
        InvalidValue: one is none.
    """
    for glob, rule in metrics.items():
        _checked("metrics", glob, {"goal": rule} if isinstance(rule, str) else rule, _METRIC_KEYS)
    for glob, rule in artifacts.items():
        body = {"compare": rule} if isinstance(rule, str) else rule
        _checked("artifacts.compare", glob, body, _ARTIFACT_KEYS)


def _matching(name: str, rules: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if name in rules:
        yield name, rules[name]
    for glob, rule in rules.items():
        if glob != name and fnmatchcase(name, glob):
            yield glob, rule


def _checked(setting: str, glob: str, rule: object, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(rule, dict):
        raise _wrong(setting, glob, "is no mapping", f"write {glob!r}: {{{', '.join(sorted(known))}}}")
    for key, value in rule.items():
        if key not in known:
            raise _wrong(setting, glob, f"has no {key!r}", f"there are {', '.join(sorted(known))}")
        if not _fits(key, value):
            raise _wrong(setting, glob, f"{key} cannot be {value!r:.60}", _EXPECTED[key])
    return {key: float(value) if key in {"atol", "rtol"} else value for key, value in rule.items()}


_EXPECTED = {
    "goal": "write max or min",
    "compare": "write digest, numeric or ignore",
    "gate": "write true or false",
    "atol": "write a number, 0 or more",
    "rtol": "write a number, 0 or more",
}


def _fits(key: str, value: object) -> bool:
    if key == "gate":
        return isinstance(value, bool)
    if key == "goal":
        return value in {"max", "min"}
    if key == "compare":
        return value in _COMPARE
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _wrong(setting: str, glob: str, what: str, hint: str) -> InvalidValue:
    return InvalidValue(f"{setting}: the rule {glob!r} {what}", hint=hint)
