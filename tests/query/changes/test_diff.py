from __future__ import annotations

import json
import math

import pytest

from gittrack.core.records import Run, Source
from gittrack.query.changes.diff import Change, diff
from gittrack.query.compare.side_by_side import ABSENT
from tests.golden.samples import ENVIRONMENT, OTHER_ENVIRONMENT, RULES, hostile, run


def test_same_run_has_no_difference() -> None:
    """A run differs from itself in nothing."""
    found = diff(run(0), run(0), environments=(ENVIRONMENT, ENVIRONMENT), rules=RULES)
    assert not found.differing().sections
    assert not found.code_differs


def test_only_what_differs() -> None:
    """Params that are the same are left out."""
    found = diff(run(0), run(2)).differing()
    assert [one.key for one in found.sections["params"]] == ["lr"]


@pytest.mark.parametrize(
    ("before", "after", "goal", "better"),
    [(0.5, 0.6, "max", True), (0.5, 0.6, "min", False), (0.5, 0.5, "max", None), (0.5, 0.6, None, None),
     (0.5, math.nan, "max", None)],
)  # fmt: skip
def test_better(before: float, after: float, goal: str | None, better: bool | None) -> None:  # noqa: FBT001
    """A direction is only told where a goal is known."""
    assert Change("m", before, after, goal).better is better  # type: ignore[arg-type]  # text of the table


@pytest.mark.parametrize(
    ("before", "after", "delta", "ratio"),
    [(2.0, 3.0, 1.0, 0.5), (-2.0, -1.0, 1.0, 0.5), (0.0, 1.0, 1.0, None),
     ("a", 1, None, None), (True, 2, None, None), (math.inf, 1.0, -math.inf, None),
     (1, 10**400, None, None)],
)  # fmt: skip
def test_delta(before: object, after: object, delta: float | None, ratio: float | None) -> None:
    """Numbers have a delta, and a share of what they were where that means something."""
    change = Change("m", before, after)
    assert (change.delta, change.ratio) == (delta, ratio)


def test_packages() -> None:
    """Packages added, removed and changed."""
    found = diff(run(0), run(0), environments=(ENVIRONMENT, OTHER_ENVIRONMENT)).differing()
    assert [(one.key, one.before, one.after) for one in found.sections["packages"]] == [
        ("numpy", "2.1.0", "2.2.0"),
        ("scipy", ABSENT, "1.14"),
        ("torch", "2.5.0", ABSENT),
    ]


def test_packages_as_a_list() -> None:
    """A list of requirements is read as well."""
    found = diff(
        run(0), run(0), environments=({"packages": ["a==1", "b"]}, {"packages": {"a": {"version": "2"}}})
    )
    assert [(one.key, one.after) for one in found.sections["packages"]] == [("a", "2"), ("b", ABSENT)]


def test_environment_by_leaf() -> None:
    """The environment differs by its smallest parts."""
    found = diff(run(0), run(0), environments=(ENVIRONMENT, OTHER_ENVIRONMENT)).differing()
    assert [one.key for one in found.sections["environment"]] == ["python.version"]


def test_without_environments() -> None:
    """A run without an environment can still be compared."""
    assert not diff(run(0), run(1)).sections["packages"]


def test_note_and_command() -> None:
    """Note and command are among what may differ."""
    found = diff(run(0), run(2)).differing()
    assert "note" in {one.key for one in found.sections["tags"]}
    assert "command" in {one.key for one in found.sections["command"]}


def test_artifacts_by_digest() -> None:
    """An artifact differs when its digest does."""
    assert "artifacts" not in diff(run(0), run(1)).differing().sections
    assert "artifacts" in diff(run(0), run(1, artifacts=())).differing().sections


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (Source("a", snapshot="a"), Source("a", snapshot="b", dirty=True), True),
        (Source("a", snapshot="a"), Source("a"), False),
        (Source(), Source(), False),
        (Source("a"), Source(), True),
    ],
)
def test_code(before: Source, after: Source, differs: bool) -> None:  # noqa: FBT001  a case of the table
    """Code differs by its snapshots, else by commits."""
    assert diff(Run("a", source=before), Run("b", source=after)).code_differs is differs


def test_json() -> None:
    """As JSON, whatever is in the runs."""
    body = diff(run(0), hostile(), environments=(ENVIRONMENT, None), rules=RULES).as_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    loss = next(one for one in diff(run(0), run(1), rules=RULES).as_json()["metrics"] if one["key"] == "loss")
    assert loss["better"] is True
    assert loss["delta"] < 0
