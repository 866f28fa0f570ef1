"""Which rule holds for a metric or an artifact."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gittrack.query.verdict.rules import (
    ArtifactRule,
    MetricRule,
    artifact_rule,
    check_rules,
    metric_rule,
    near,
)

RULES: dict[str, Any] = {
    "val/*": {"goal": "max", "atol": 0.1},
    "val/acc": {"gate": False},
    "lr": "min",
    "*": {"rtol": 1e-6, "atol": 1e-9},
}


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("val/acc", MetricRule(0.1, None, gate=False)),
        ("val/loss", MetricRule(0.1, None, goal="max")),
        ("lr", MetricRule(1e-9, 1e-6, goal="min")),
        ("system/cpu", MetricRule(1e-9, 1e-6, gate=False)),
    ],
)
def test_metrics(key: str, rule: MetricRule) -> None:
    """The exact name first, then the globs in their order; tolerances come as a pair."""
    assert metric_rule(key, RULES) == rule


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("m.bin", ArtifactRule()),
        ("output.log", ArtifactRule(gate=False)),
        ("a/p.CSV", ArtifactRule("numeric")),
        ("x/raw.json", ArtifactRule("digest")),
        ("x/p.json", ArtifactRule("numeric", 0.1, 0.0)),
        ("x/m.bin", ArtifactRule(gate=False)),
    ],
)
def test_artifacts(path: str, rule: ArtifactRule) -> None:
    """Tables and JSON go by number unless a rule says otherwise; the first glob decides."""
    rules: dict[str, Any] = {
        "x/raw.json": "digest",
        "x/*.json": {"atol": 0.1},
        "x/**": {"compare": "ignore"},
    }
    assert artifact_rule(path, rules) == rule


def test_rules_are_checked_before() -> None:
    """Rules that are right pass."""
    check_rules(RULES, {"*": "digest", "a": {"compare": "numeric", "rtol": 1}})


@pytest.mark.parametrize(
    ("before", "after", "close"),
    [
        *((1.0, 1.0, True), (1.0, 1.1, True), (1.0, 1.3, False), (math.nan, math.nan, True)),
        *((math.inf, math.inf, True), (math.inf, 1.0, False), (1.0, math.nan, False), (0.0, 0.1, True)),
    ],
)
def test_near(before: float, after: float, close: bool) -> None:  # noqa: FBT001  a case
    """|after - before| ≤ atol + rtol·|before|, NaN equals NaN."""
    assert near(before, after, 0.1, 0.1) is close
