"""JUnit, OpenMetrics, github-action-benchmark, JSON, annotations; forms by suffix."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from gittrack.core.errors import UsageError
from gittrack.query.review.gates import all_gates, parse
from gittrack.query.review.metrics import rows_of
from gittrack.query.review.review import Review
from gittrack.query.review.values import GateResult, Group, Warned
from gittrack.report.annotations import annotations_of
from gittrack.report.benchmark import benchmark_of
from gittrack.report.formats import format_of, rendered
from tests.support.reviews import made

BEFORE = [made({"acc": 0.8 + n / 100, "loss": 0.5, "n": 1.0}) for n in range(4)]
AFTER = [made({"acc": 0.7 + n / 100, "loss": 0.5, "n": 1.0}) for n in range(4)]
RULES = {"acc": "max", "loss": "min"}


@pytest.fixture
def review() -> Review:
    """`acc` got worse, `loss` did not, `nope` is missing."""
    rows = rows_of(BEFORE, AFTER, RULES)
    gates = all_gates(rows, [parse("nope >= 1")], compared=True)
    sides = Group("new", "named", tuple(AFTER)), Group("old", "named", tuple(BEFORE))
    warned = (Warned("not the same hardware", "cpu a → b", invalidates=True), Warned("mixed group", "x"))
    return Review(*sides, warnings=warned, metrics=rows, gates=gates, reproduce="gittrack reproduce x")


def suite(review: Review) -> ET.Element:
    """The test suite that a reader finds."""
    found = ET.fromstring(rendered(review, "junit")).find("testsuite")  # noqa: S314  our own text
    assert found is not None
    return found


def test_junit(review: Review) -> None:
    """A case a gate and a metric; failed gates are failures."""
    found = suite(review)
    assert [found.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["7", "2", "0", "1"]
    cases = {(case.get("classname"), case.get("name")): [child.tag for child in case] for case in found}
    assert cases[("gittrack.gates", "acc must not get worse")] == ["failure"]
    assert cases[("gittrack.gates", "loss must not get worse")] == []
    assert cases[("gittrack.metrics", "acc")] == ["system-out"]
    assert cases[("gittrack.review", "not the same hardware")] == ["skipped"]


def test_junit_without_a_baseline(review: Review) -> None:
    """Is an error."""
    found = suite(replace(review, base=None, no_base="nothing there"))
    assert found.get("errors") == "1"


def test_junit_undecided(review: Review) -> None:
    """Is skipped."""
    gate = GateResult("a must not get worse", "a", "undecided", "1 seed, no test")
    assert suite(replace(review, gates=(gate,), warnings=())).get("skipped") == "1"


def test_openmetrics(review: Review) -> None:
    """A family a fact, one sample a metric, the end."""
    lines = rendered(review, "openmetrics").split("\n")
    assert 'gittrack_metric{metric="acc"} 0.715' in lines
    assert 'gittrack_metric_baseline{metric="loss"} 0.5' in lines
    assert "gittrack_gates_failed 2" in lines
    assert lines[-2:] == ["# EOF", ""]


def test_openmetrics_has_a_sample_once(review: Review) -> None:
    """Names that look the same once escaped are told once."""
    rows = tuple(replace(review.metrics[0], key=name) for name in ("a\x00", "a\\x00", 'q"'))
    text = rendered(replace(review, metrics=rows), "openmetrics")
    assert text.count("gittrack_metric{") == 2
    assert 'metric="q\\""' in text


def test_benchmark(review: Review) -> None:
    """Metrics of one direction: that of the first goal, or the one that is asked for."""
    (entry,) = json.loads(rendered(review, "benchmark"))
    assert (entry["name"], entry["value"], entry["range"]) == ("acc", 0.715, "± 0.013")
    assert [one["name"] for one in json.loads(benchmark_of(review, "min"))] == ["loss"]
    assert json.loads(rendered(replace(review, metrics=()), "benchmark")) == []


def test_benchmark_without_goals(review: Review) -> None:
    """All metrics."""
    rows = rows_of(BEFORE, AFTER, {})
    names = [one["name"] for one in json.loads(rendered(replace(review, metrics=rows), "benchmark"))]
    assert sorted(names) == ["acc", "loss", "n"]


def test_json(review: Review) -> None:
    """What the function returns."""
    assert json.loads(rendered(review, "json")) == json.loads(json.dumps(review.as_json()))


def test_annotations(review: Review) -> None:
    """One a failed gate."""
    lines = annotations_of(review)
    assert len(lines) == 2
    assert lines[0] == "::error title=nope%3A gate failed::nope >= 1: the metric is missing"


def test_at_most_ten_annotations(review: Review) -> None:
    """The last one says how many more there are."""
    gates = tuple(GateResult(f"g{n}", "m", "failed", "100% off") for n in range(30))
    lines = annotations_of(replace(review, gates=gates))
    assert len(lines) == 10
    assert lines[-1] == "::error title=more gates failed::21 more gates failed"
    assert "100%25 off" in lines[0]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.md", "md"),
        ("a.HTML", "html"),
        ("junit.xml", "junit"),
        ("a.json", "json"),
        ("a.benchmark.json", "benchmark"),
        ("metrics.txt", "openmetrics"),
        ("x/y.prom", "openmetrics"),
    ],
)
def test_suffixes(path: str, form: str) -> None:
    """The suffix of a file names its form."""
    assert format_of(path) == form


def test_unknown_forms(review: Review) -> None:
    """Neither a suffix nor a name that there is."""
    with pytest.raises(UsageError):
        format_of("report.pdf")
    with pytest.raises(UsageError):
        rendered(review, "pdf")


@pytest.mark.parametrize("form", ["md", "html"])
def test_documents(review: Review, form: str) -> None:
    """The verdict, the warning above the metrics, the command at the end."""
    text = rendered(review, form)
    assert review.headline in text
    assert text.index("not the same hardware") < text.index(">goal</th>" if form == "html" else "| goal |")
    assert "gittrack reproduce x" in text


def test_without_a_baseline(review: Review) -> None:
    """Values alone, and why there is nothing to hold them against."""
    rows = rows_of([], AFTER, {})
    text = rendered(replace(review, base=None, no_base="nothing there", metrics=rows, gates=()), "md")
    assert "### ⚪ no baseline to compare with" in text
    assert "nothing there" in text
    assert "| metric | goal | value (n=4) |" in text
