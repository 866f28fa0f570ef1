"""A verdict as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from gittrack.query.verdict.judge import Verdict, judge, not_comparable
from gittrack.query.verdict.junit import junit_of
from tests.support.evidence import evidence


def suite(verdict: Verdict) -> ET.Element:
    """The test suite that a reader of JUnit XML finds."""
    root = ET.fromstring(junit_of(verdict))  # noqa: S314  our own text
    found = root.find("testsuite")
    assert found is not None
    return found


def test_counts() -> None:
    """A failure for what differs, skipped for what does not count."""
    before = evidence({"a": [1.0], "b": [1.0], "system/x": [1.0]}, files={"m.bin": b"1", "p": b"1"})
    after = evidence({"a": [1.0], "b": [2.0]}, files={"m.bin": b"2", "p": b"1"})
    found = suite(judge(before, [after]))
    assert [found.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "3", "0", "1"]
    cases = {case.get("name"): [child.tag for child in case] for case in found}
    assert cases == {
        "verdict": ["failure"],
        "a": [],
        "b": ["failure"],
        "system/x": ["skipped"],
        "m.bin": ["failure"],
        "p": [],
    }


@pytest.mark.parametrize(
    "verdict",
    [
        not_comparable(evidence().run, ["the code is gone"]),
        judge(evidence({"a": [1.0]}), [evidence(status="failed", exit_code=1)]),
    ],
)
def test_errors(verdict: Verdict) -> None:
    """A run that failed or cannot be compared is an error."""
    assert suite(verdict).get("errors") == "1"


def test_text_of_others() -> None:
    """Markup and control characters in names stay text."""
    name = '<x a="1">&\x00\x1b]'
    found = suite(judge(evidence({name: [1.0]}), [evidence({name: [2.0]})]))
    assert found[1].get("name") == '<x a="1">&??]'


def test_identical() -> None:
    """Nothing fails."""
    found = suite(judge(evidence({"a": [1.0]}), [evidence({"a": [1.0]})]))
    assert (found.get("tests"), found.get("failures")) == ("2", "0")
