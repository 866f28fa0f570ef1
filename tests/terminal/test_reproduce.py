"""Reproductions as pages and as Markdown."""

from __future__ import annotations

from gittrack.launch.reproduction.values import Preparation, Reproduction
from gittrack.query.verdict.judge import judge, not_comparable
from gittrack.terminal.page import plain_page
from gittrack.terminal.reproduce import page, plan_page
from gittrack.terminal.reproduce_markdown import markdown_of
from tests.support.evidence import evidence


def text(*arguments: object, **rules: object) -> str:
    """The page of a verdict, as plain text."""
    return "\n".join(plain_page(page(judge(*arguments, **rules))))  # type: ignore[arg-type]  # evidence


def test_identical() -> None:
    """The first line says it; there is no suspect."""
    found = text(evidence({"loss": [1.0]}, files={"m": b"1"}), [evidence({"loss": [1.0]}, files={"m": b"1"})])
    assert found.splitlines()[0].endswith(": identical")
    assert "Suspects" not in found


def test_differs() -> None:
    """The step, the size and the suspects with what they are about."""
    packages = {f"p{number}": "1" for number in range(9)}
    after = evidence({"loss": [1.0, 2.5], "system/x": [1.0]}, environment={"packages": packages})
    found = text(evidence({"loss": [1.0, 2.0], "acc": [1.0]}), [after])
    assert "step 1: 2 → 2.5, by +0.5" in found
    assert "step 0: only in the original" in found
    assert "1. other packages: p0, p1, p2 and 6 more" in found
    assert "… and 4 more" in found
    assert "system/x" not in found


def test_only_in_the_repeat() -> None:
    """A series that goes on longer is only in the repeat."""
    assert "only in the repeat" in text(evidence({"a": [1.0]}), [evidence({"a": [1.0, 2.0]})])


def test_statistics() -> None:
    """The interval and the number of runs are shown."""
    runs = [evidence({"loss": [value]}) for value in (1.0, 1.1, 0.9, 1.05)]
    found = text(runs[0], runs[1:])
    assert "(n=3)" in found
    assert "runs of one fingerprint disagree in loss" in found


def test_tolerances_and_what_does_not_count() -> None:
    """Tolerances stand beside their metric; what does not count says so."""
    rules = {"loss": {"rtol": 0.1, "atol": 0.5}, "time": {"gate": False}}
    before, after = evidence({"loss": [1.0], "time": [1.0]}), evidence({"loss": [1.1], "time": [2.0]})
    found = text(before, [after], metrics=rules)
    assert "atol 0.5, rtol 0.1" in found
    assert "differs, does not count" in found


def test_plan() -> None:
    """What would be done, and what is missing."""
    run = evidence(name="base").run
    found = "\n".join(plain_page(plan_page(Preparation(run, "1" * 40, missing=("input x is missing",)))))
    assert "commit 111111111111" in found
    assert "Missing\n  input x is missing" in found


def test_markdown() -> None:
    """Tables of what counts; text of runs is escaped."""
    before, after = evidence({"a|b": [1.0]}, files={"<m>": b"1"}), evidence({"a|b": [2.0]})
    verdict = judge(before, [after])
    found = markdown_of(Reproduction(before.run, (after.run,), verdict, Preparation(before.run)))
    assert found.startswith("### ❌ Reproduction: differs\n")
    assert "| a&#124;b | 1 | 2 | differs | step 0: 1 → 2, by +1 |" in found
    assert "| &#60;m&#62; | differs | not made by the repeat |" in found


def test_markdown_of_what_cannot_be() -> None:
    """The reasons are a list."""
    run = evidence().run
    verdict = not_comparable(run, ["the code is gone"])
    assert "- the code is gone" in markdown_of(Reproduction(run, (), verdict, Preparation(run)))


def test_markdown_is_not_too_long() -> None:
    """What does not fit is left out, and said so."""
    many = {f"{'x' * 900}{number}": [1.0] for number in range(100)}
    before, after = evidence(many), evidence(many)
    verdict = judge(before, [after])
    found = markdown_of(Reproduction(before.run, (after.run,), verdict, Preparation(before.run)))
    assert len(found) < 61_000
    assert found.endswith("… the rest is left out.\n")
