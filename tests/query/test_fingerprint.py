"""The fingerprint of a run: what changes it and what does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gittrack.core.records import Source
from gittrack.query.fingerprint import fingerprint
from tests.support.evidence import COMMIT, evidence

if TYPE_CHECKING:
    from gittrack.query.verdict.values import Evidence


def _of(one: Evidence) -> str | None:
    return fingerprint(one.run, one.environment)


@pytest.mark.parametrize(
    "other",
    [
        evidence(source=Source("2" * 40, snapshot="2" * 40, directory=".")),
        evidence(source=Source(COMMIT, snapshot=COMMIT, directory="sub")),
        evidence(command=("python", "other.py")),
        evidence(params={"lr": 1}),
        evidence(inputs={"a.csv": "a" * 64}),
        evidence(environment={"packages": {"torch": "2.4"}}),
        evidence(environment={"python": {"version": "3.12"}}),
        evidence(environment={"hardware": {"cpu": "EPYC"}}),
        evidence(environment={"variables": {"OMP_NUM_THREADS": "4"}}),
        evidence(environment={"variables": {"PYTHONHASHSEED": "4"}}),
    ],
)
def test_what_changes_it(other: Evidence) -> None:
    """Code, command, params, data, packages, Python, processor, threads and seeds."""
    assert _of(evidence()) != _of(other)


def test_what_does_not() -> None:
    """Results, names, times, memory and other variables are no part of it."""
    other = evidence(
        {"loss": [1.0]},
        name="again",
        files={"m.bin": b"1"},
        environment={"hardware": {"memory": 1}, "variables": {"LANG": "C"}, "platform": {"release": "7"}},
    )
    assert _of(evidence()) == _of(other) is not None


def test_no_environment() -> None:
    """A run without a recorded environment has a fingerprint."""
    assert fingerprint(evidence().run, {"packages": []}) is not None


@pytest.mark.parametrize(
    "unknown",
    [
        evidence(source=Source(COMMIT, missing="disabled")),
        evidence(source=Source(COMMIT, snapshot=COMMIT, left_out={"a": "too large"})),
        evidence(inputs={"a.csv": None}),
        evidence(command=()),
    ],
)
def test_none(unknown: Evidence) -> None:
    """Where code or data are not known there is none."""
    assert _of(unknown) is None


def test_the_tree_stands_for_the_commit() -> None:
    """Two commits of one tree give one fingerprint."""
    one = evidence().run
    two = dataclasses.replace(one, source=Source("2" * 40, snapshot="2" * 40, directory="."))
    assert fingerprint(one, {}, "3" * 40) == fingerprint(two, {}, "3" * 40)
