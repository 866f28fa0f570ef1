from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gittrack.query.changes.code import ChangedFile
from gittrack.query.changes.diff import diff
from gittrack.query.changes.files import FileChange, FileSide
from gittrack.query.changes.output import OutputDiff
from gittrack.query.changes.whole import Differences
from gittrack.query.changes.why import Reason, reasons
from gittrack.terminal.differences_page import page, summary
from gittrack.terminal.page import plain_page
from tests.golden.samples import ENVIRONMENT, OTHER_ENVIRONMENT, RULES, hostile, run

BOTH = (ENVIRONMENT, OTHER_ENVIRONMENT)


def differences(before: int = 0, after: int = 1, **fields: Any) -> Differences:
    """Two of the sample runs."""
    found = diff(run(before), run(after), environments=BOTH, rules=RULES)
    told = reasons(found.sections["metrics"], (run(before), run(after)), BOTH, ["train.py +1 -2"])
    fields = {"code": (ChangedFile("train.py", 1, 2),), "reasons": told, **fields}
    return Differences(found.differing(), **fields)


def text(*found: Differences) -> str:
    """The page as plain text."""
    return "\n".join(plain_page(page(found)))


def test_order() -> None:
    """What was wanted, what came of it, what may have changed it, then files, output and code."""
    found = differences(output=OutputDiff(1, ("a",), ("b",), 1), files=(FileChange("x", "file", None, None),))
    titles = [line for line in text(found).split("\n") if line and line[0] not in " -+"]
    assert titles == [
        *("Run", "Params", "Metrics", "May be why", "Data", "Packages", "Environment", "Tags"),
        *("Artifacts", "Output", "Code"),
    ]


def test_artifacts() -> None:
    """Sizes, digests, and what differs within."""
    files = (
        FileChange(
            "a.csv", "numbers", FileSide("ab" * 32, 10), FileSide("cd" * 32, 2000), ("[1]: 1 → 2",), 7
        ),
        FileChange("long name", "file", None, FileSide("ef" * 32, 1)),
    )
    lines = text(differences(files=files)).split("\n")
    start = lines.index("Artifacts")
    assert lines[start + 1 : start + 5] == [
        "  a.csv      10 B (abababab) → 2 kB (cdcdcdcd)",
        "    [1]: 1 → 2",
        "    and 7 more",
        "  long name  none → 1 B (efefefef)",
    ]


def test_output() -> None:
    """The first lines that differ; or why they cannot be compared."""
    assert "1 line differs, from line 3 on\n  - a\n  + b" in text(
        differences(output=OutputDiff(3, ("a",), ("b",), 1))
    )
    assert "is not here" in text(differences(output=OutputDiff(missing="it is not here")))


def test_reasons_of_several_kinds() -> None:
    """Metrics with other reasons stand apart, and the table names the kind beside each."""
    found = differences()
    (told,) = found.reasons
    two = (
        Reason(("loss",), "rounding", told.suspects),
        Reason(("a", "b", "c", "d"), "speed", told.suspects[::-1]),
    )
    shown = text(replace(found, reasons=two))
    assert "loss, by next to nothing" in shown
    assert "a, b, c and 1 more, of speed" in shown
    assert "code, " in shown


def test_all_metrics_for_one_reason() -> None:
    """Many metrics are counted, not listed."""
    found = differences()
    (told,) = found.reasons
    assert "all 9 metrics" in text(replace(found, reasons=(replace(told, metrics=tuple("abcdefghi")),)))


@pytest.mark.parametrize("many", [False, True])
def test_nothing_differs(*, many: bool) -> None:
    """Only the head stands."""
    same = Differences(diff(run(0), run(0)).differing())
    assert len(text(*[same] * (1 + many)).split("\n")) == 2 + many


def test_several_runs() -> None:
    """A column a run; what is as in the first is `=`."""
    found = [differences(0, 1, output=OutputDiff(1, ("a",), ("b",), 1)), differences(0, 2)]
    shown = text(*found)
    assert "May be why, A and C" in shown
    assert "Output, A and B" in shown
    assert "Code, A and C" in shown
    (row,) = [line.split() for line in shown.split("\n") if line.strip().startswith("lr ")]
    assert row == ["lr", "0.1", "=", "0.01"]
    assert any(line.endswith("none") for line in shown.split("\n"))


def test_hostile_text_is_inert() -> None:
    """No control character of a run comes out, whichever way it is shown."""
    bad = hostile()
    sides = (FileChange(bad.name, "file", FileSide(bad.name, 1), None, (bad.name,)),)
    found = Differences(diff(bad, run(0)).differing(), files=sides, output=OutputDiff(1, (bad.name,), (), 1))
    for shown in (text(found), text(found, found)):
        assert all(line.isprintable() for line in shown.split("\n"))


def test_summary() -> None:
    """Files and lines; binary files have no lines."""
    assert summary([ChangedFile("a", 1, 2), ChangedFile("b", None, None)]) == "2 files, +1 -2"
