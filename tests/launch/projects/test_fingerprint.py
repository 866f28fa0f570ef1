from __future__ import annotations

from dataclasses import replace

import pytest

from gittrack.launch.projects.fingerprint import Step, changes

STEP = Step("prepare", "c" * 40, "e" * 64, {"rows": 3, "mode": "fast"}, {"data": "d" * 64})


def test_same() -> None:
    """Equal parts give equal fingerprints, whatever the order."""
    other = replace(STEP, params={"mode": "fast", "rows": "3"})
    assert STEP.fingerprint == other.fingerprint
    assert len(STEP.fingerprint or "") == 64
    assert changes(STEP, other) == []


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (replace(STEP, code="0" * 40), ["the code"]),
        (replace(STEP, environment="0" * 64), ["the environment"]),
        (replace(STEP, params={"rows": 4, "mode": "fast"}), ["param rows from 3 to 4"]),
        (replace(STEP, params={"rows": 3}), ["param mode from fast to nothing"]),
        (replace(STEP, inputs={"data": "0" * 64}), ["the content of data"]),
        (
            replace(STEP, params={"rows": "x" * 99, "mode": "fast"}),
            ["param rows from 3 to " + "x" * 59 + "…"],
        ),
    ],
)
def test_changed(other: Step, words: list[str]) -> None:
    """Each part counts, and is named."""
    assert other.fingerprint != STEP.fingerprint
    assert changes(STEP, other) == words


def test_entry_point_counts() -> None:
    """Two entry points are two steps."""
    assert replace(STEP, entry_point="train").fingerprint != STEP.fingerprint


@pytest.mark.parametrize(
    "other", [replace(STEP, code=None), replace(STEP, environment=None), replace(STEP, inputs={"data": None})]
)
def test_unknown(other: Step) -> None:
    """Where a part is not known, nothing can be told."""
    assert other.fingerprint is None
