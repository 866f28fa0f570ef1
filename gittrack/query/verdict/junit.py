"""A verdict as JUnit XML, which GitHub, GitLab and Jenkins show: a test case a metric and artifact; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.query.verdict.judge import Verdict
    from gittrack.query.verdict.values import ArtifactResult, MetricResult

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def junit_of(verdict: Verdict) -> str:
    """The XML; text of runs is escaped.

    A metric or artifact that differs is a failure, one that does not count is skipped, and a run that
    failed or is not comparable is an error.
    """
    cases = list(_cases(verdict))
    counts = {kind: sum(f"<{kind} " in one for one in cases) for kind in ("failure", "error", "skipped")}
    head = (
        f'<testsuite name={_attribute(f"gittrack reproduce {verdict.original}")} tests="{len(cases)}" '
        f'failures="{counts["failure"]}" errors="{counts["error"]}" skipped="{counts["skipped"]}">'
    )
    lines = ('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head, *cases)
    return "\n".join((*lines, "</testsuite>", "</testsuites>", ""))


def _cases(verdict: Verdict) -> Iterator[str]:
    yield _case("reproduce", "verdict", _of_verdict(verdict))
    for metric in verdict.metrics:
        yield _case("metrics", metric.name, _of_result(metric, _of_metric(metric)))
    for artifact in verdict.artifacts:
        yield _case("artifacts", artifact.path, _of_result(artifact, artifact.note))


def _of_verdict(verdict: Verdict) -> str:
    text = "; ".join((*verdict.reasons, *(one.text for one in verdict.suspects)))
    if verdict.level in {"failed", "not comparable"}:
        return _element("error", verdict.level, text)
    return _element("failure", verdict.level, text) if verdict.exit_code else ""


def _of_result(result: MetricResult | ArtifactResult, text: str) -> str:
    if not result.gate:
        return _element("skipped", f"{result.outcome}, does not count", "")
    if result.outcome in {"differs", "unknown"}:
        return _element("failure", result.outcome, text)
    return ""


def _of_metric(metric: MetricResult) -> str:
    first = metric.first
    values = ", ".join("none" if one is None else repr(one) for one in metric.after)
    old = "none" if metric.before is None else repr(metric.before)
    step = f"; first at step {first.step}" if first is not None else ""
    return f"{old} → {values}{step}"


def _case(group: str, name: str, inside: str) -> str:
    head = f"<testcase classname={_attribute(group)} name={_attribute(name)}"
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"


def _element(kind: str, message: str, text: str) -> str:
    return f"<{kind} message={_attribute(message)}>{escape(_clean(text))}</{kind}>"


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
