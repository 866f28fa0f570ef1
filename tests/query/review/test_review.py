"""Reviews of a real repository, from words to values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import InvalidValue, UsageError
from gittrack.core.records import Input
from gittrack.query.review.api import checked, review_runs
from gittrack.query.review.gates import GateError
from gittrack.query.review.review import Review
from gittrack.query.review.values import Group, moment
from gittrack.store.runs import RunStore
from tests.support.git import git_run
from tests.support.reviews import ENVIRONMENT, commit, configure, made, record, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any


def look(words: Sequence[str] = (), **asked: Any) -> Review:
    """The review of a store that has read no setting yet."""
    return review_runs(RunStore.open(), words, **asked)


RULES = "metrics:\n  acc: {goal: max, atol: 0.002}\n"


@pytest.fixture
def branch(repo: Path, store: RunStore) -> str:
    """A branch whose baseline has four seeds of `acc`; goals are set."""
    seeds(store, git_run("rev-parse", "HEAD", cwd=repo), "acc", [0.80, 0.81, 0.82, 0.83])
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    configure(repo, RULES)
    return commit(repo, "one\ntwo\n")


def test_worse(store: RunStore, branch: str) -> None:
    """All seeds are worse: the gate of the goal fails."""
    seeds(store, branch, "acc", [0.70, 0.71, 0.72, 0.73])
    found = look()
    assert (found.level, found.exit_code) == ("failed", 1)
    assert found.headline == "1 of 1 gate failed · 1 metric worse"
    assert found.reproduce == f"gittrack reproduce {found.head.runs[0].id}"


def test_better(store: RunStore, branch: str) -> None:
    """The gate holds."""
    seeds(store, branch, "acc", [0.90, 0.91, 0.92, 0.93])
    found = look()
    assert (found.level, found.exit_code, found.headline) == ("passed", 0, "1 gate passed · 1 metric better")


def test_one_seed(store: RunStore, branch: str) -> None:
    """Nothing is claimed, nothing fails."""
    record(store, branch, {"acc": 0.1})
    found = look()
    assert (found.level, found.exit_code) == ("passed", 0)
    assert found.headline == "1 metric with too few seeds to tell"
    assert found.gates[0].status == "undecided"


def test_a_gate_of_the_configuration_that_is_none(repo: Path, store: RunStore, branch: str) -> None:
    """Fails, and names its place: a gate that is misspelled must not go for one that holds."""
    record(store, branch, {"acc": 0.7})
    configure(repo, "gates: ['acc == 0.5']\n")
    with pytest.raises(InvalidValue, match=r"gittrack.yaml line 1: gates: not a requirement") as error:
        look()
    assert error.value.exit_code == 1


def test_a_run_that_was_repeated(store: RunStore, branch: str) -> None:
    """Is the one whose command is shown, with what came of it."""
    run = record(store, branch, {"acc": 0.9}, params={"seed": 1}, tags={"gittrack.verdict": "identical"})
    record(store, branch, {"acc": 0.9}, params={"seed": 2})
    found = look()
    assert (found.reproduce, found.verified) == (f"gittrack reproduce {run.id}", "identical")


def test_other_data(store: RunStore, branch: str) -> None:
    """A warning that invalidates is the level; the goal is not decided."""
    other = (Input("val.parquet", "data/val.parquet", "b" * 64),)
    seeds(store, branch, "acc", [0.70, 0.71, 0.72, 0.73], inputs=other)
    found = look()
    assert (found.level, found.exit_code, found.headline) == ("warning", 0, "1 metric not comparable")
    assert found.gates[0].status == "undecided"


def test_what_changed(store: RunStore, branch: str) -> None:
    """Params, code, environment and hardware."""
    other = {**ENVIRONMENT, "hardware": {"cpu": "EPYC"}, "packages": {"numpy": "2.1.0"}}
    seeds(store, branch, "acc", [0.82], params={"lr": 0.2}, environment=other)
    found = look()
    assert [one.key for one in found.params] == ["lr", "seed"]
    assert found.code is not None
    assert dict(found.code.files) == {"train.py": (2, 1)}
    assert (found.code.added, found.code.removed) == (2, 1)
    assert [one.key for one in found.environment] == ["cpu", "gpus", "logical cores", "numpy", "torch"]
    assert (found.level, [one.title for one in found.warnings]) == ("warning", ["not the same hardware"])


def test_gates_of_the_configuration(repo: Path, store: RunStore, branch: str) -> None:
    """`gates` in `gittrack.yaml`, and those of the caller besides."""
    configure(repo, "gates: ['acc >= 0.5']\n")
    record(store, branch, {"acc": 0.7})
    found = look(require=["acc >= 0.8"])
    assert [(one.text, one.status) for one in found.gates] == [
        ("acc >= 0.8", "failed"),
        ("acc >= 0.5", "passed"),
    ]


def test_no_baseline(repo: Path, store: RunStore) -> None:
    """A review all the same, that says why; a goal cannot be held."""
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    configure(repo, RULES)
    record(store, commit(repo, "x = 1\n"), {"acc": 0.7})
    found = look()
    assert (found.base, found.level, found.exit_code) == (None, "no baseline", 3)
    assert found.no_base.startswith("no finished run of the merge base with main")
    assert found.headline == "no baseline to compare with"


def test_absolute_requirements_need_no_baseline(repo: Path, store: RunStore) -> None:
    """They hold or fail."""
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    record(store, commit(repo, "x = 1\n"), {"acc": 0.7})
    assert look(require=["acc >= 0.5"]).exit_code == 0
    assert look(require=["acc >= 0.9"]).exit_code == 1
    assert look(require=["acc >= baseline"]).exit_code == 3


def test_nothing_to_check(repo: Path, store: RunStore, branch: str) -> None:
    """No goal and no requirement: wrong usage, not a silent success."""
    record(store, branch, {"acc": 0.7})
    configure(repo, "")
    with pytest.raises(UsageError, match="nothing to check"):
        gittrack.check()
    configure(repo, RULES)
    assert gittrack.check().exit_code == 0


def test_the_face(store: RunStore, branch: str) -> None:
    """`gittrack.review` takes one word or several for base and requirements."""
    record(store, branch, {"acc": 0.9}, name="new")
    old = record(store, branch, {"acc": 0.85}, name="old")
    found = gittrack.review("new", base="old", require="acc >= baseline")
    assert (found.base and found.base.runs[0].id, found.gates[0].status) == (old.id, "passed")
    with pytest.raises(GateError):
        gittrack.review("new", require=["acc"])


@pytest.mark.usefixtures("branch")
def test_a_rule_that_is_none(repo: Path) -> None:
    """Is found before anything is read."""
    configure(repo, "metrics: {acc: {gaol: max}}\n")
    with pytest.raises(InvalidValue):
        gittrack.review()


def test_json(store: RunStore, branch: str) -> None:
    """The whole review as JSON, twice the same."""
    seeds(store, branch, "acc", [0.7, float("nan")])
    first, second = (json.dumps(look().as_json()) for _ in range(2))
    assert first == second
    body = json.loads(first)
    assert body["schema"] == "gittrack.review/1"
    assert body["metrics"][0]["word"] == "not a number"
    assert body["code"]["files"] == [{"path": "train.py", "added": 2, "removed": 1}]


def test_code_that_is_not_here(store: RunStore, branch: str) -> None:
    """A snapshot of another clone, or none at all."""
    record(store, branch, {"acc": 0.9}, name="new")
    record(store, "9" * 40, {"acc": 0.9}, name="elsewhere")
    record(store, None, {"acc": 0.9}, name="nowhere")
    elsewhere = look(["new"], base=["elsewhere"]).code
    nowhere = look(["new"], base=["nowhere"]).code
    assert elsewhere is not None
    assert "not in this clone" in str(elsewhere.missing)
    assert nowhere is not None
    assert "was not recorded" in str(nowhere.missing)


@pytest.mark.usefixtures("branch")
def test_a_binary_file(repo: Path, store: RunStore) -> None:
    """Has no lines."""
    (repo / "data.bin").write_bytes(b"\0\1\2" * 100)
    git_run("add", "data.bin", cwd=repo)
    git_run("commit", "-q", "-m", "binary", cwd=repo)
    record(store, git_run("rev-parse", "HEAD", cwd=repo), {"acc": 0.9})
    code = look().code
    assert code is not None
    assert code.files["data.bin"] is None
    assert (code.added, code.as_json()["files"][0]["added"]) == (2, None)


def test_no_metric() -> None:
    """Runs that logged nothing."""
    group = Group("x", "named", (made({}),))
    assert Review(group, group).headline == "no metric to compare"
    assert checked_raises(Review(group, group))


def checked_raises(found: Review) -> bool:
    """Whether there is nothing to check."""
    try:
        checked(found)
    except UsageError:
        return True
    return False


def test_a_clock_far_off() -> None:
    """A time without a date is its number."""
    assert moment(10**18) == str(10**18)
    assert moment(0) == "1970-01-01T00:00:00.000Z"
