"""Which runs are under review and what they are held against, in a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RunNotFound, SelectionError
from gittrack.core.records import Source
from gittrack.query.review.baseline import baseline_of
from gittrack.query.review.commits import default_target, range_of
from gittrack.query.review.selection import NoBaseline, NoRuns, head_of, is_filter
from gittrack.store.runs import RunStore
from tests.support.git import git_run
from tests.support.reviews import commit, record, seeds

if TYPE_CHECKING:
    from pathlib import Path


def head(repo: Path) -> str:
    """The commit of HEAD."""
    return git_run("rev-parse", "HEAD", cwd=repo)


@pytest.fixture
def branch(repo: Path, store: RunStore) -> str:
    """A branch with one commit and a run of it; the run of main is of two seeds."""
    seeds(store, head(repo), "acc", [0.8, 0.81])
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    return commit(repo, "wider = True\n")


def test_a_range(store: RunStore, branch: str) -> None:
    """The runs of the newest commit, against those of the merge base."""
    runs = seeds(store, branch, "acc", [0.9, 0.91])
    found = head_of(store)
    assert {run.id for run in found.group.runs} == {run.id for run in runs}
    assert found.group.label == f"wider@{branch[:10]}"
    base = baseline_of(store, found)
    assert [run.metrics["acc"].last for run in base.runs] == [0.81, 0.8]
    assert (base.label.partition("@")[0], base.how) == ("main", "its latest finished runs")


@pytest.mark.parametrize("word", ["main..HEAD", "main...wider", "..wider", "main..", ".."])
def test_ways_to_write_it(store: RunStore, branch: str, word: str) -> None:
    """Ends that are left out are the default branch and HEAD."""
    run = record(store, branch, {"acc": 0.9})
    assert [one.id for one in head_of(store, [word]).group.runs] == [run.id]


def test_older_commits_are_left_out(repo: Path, store: RunStore, branch: str) -> None:
    """Of a branch only the newest commit with runs counts."""
    old = record(store, branch, {"acc": 0.9})
    new = record(store, commit(repo, "wider = 2\n"), {"acc": 0.95})
    commit(repo, "no run of this\n")
    found = head_of(store).group
    assert [run.id for run in found.runs] == [new.id]
    assert found.left_out == {old.id: f"of the older commit {branch[:10]}"}


def test_unfinished_runs_are_told(store: RunStore, branch: str) -> None:
    """A failed run of the same commit is no sample."""
    record(store, branch, {"acc": 0.9})
    failed = record(store, branch, {"acc": 0.1}, status="failed")
    assert [run.id for run in head_of(store).unfinished] == [failed.id]


def test_committed_after_the_run(repo: Path, store: RunStore) -> None:
    """Run first, commit then: where the commit has the tree of the snapshot, the run is one of it."""
    start = head(repo)
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    kept = commit(repo, "wider\n")
    other = git_run("commit-tree", "-p", start, "-m", "snapshot", f"{kept}^{{tree}}", cwd=repo)
    run = record(store, start, {"acc": 0.9}, source=Source(start, dirty=True, snapshot=other))
    record(store, start, {"acc": 0.1}, source=Source(start, dirty=True, snapshot=start))
    record(store, start, {"acc": 0.1}, source=Source(start, dirty=True, snapshot="9" * 40))
    record(store, start, {"acc": 0.1}, source=Source(start, dirty=True))
    (found,) = head_of(store).group.runs
    assert (found.id, found.source.commit, found.source.dirty) == (run.id, kept, False)


def test_repetitions_of_reproduce_are_no_samples(store: RunStore, branch: str) -> None:
    """They repeat a seed."""
    run = record(store, branch, {"acc": 0.9})
    record(store, branch, {"acc": 0.9}, tags={"gittrack.reproduces": run.id})
    assert [one.id for one in head_of(store).group.runs] == [run.id]


def test_no_run_of_the_branch(store: RunStore, branch: str) -> None:
    """Says so; the baseline's runs are not taken for it."""
    with pytest.raises(NoRuns, match="no run is of its commits"):
        head_of(store)
    record(store, branch, {"acc": 0.9}, status="failed")
    with pytest.raises(NoRuns, match="none of its 1 runs finished"):
        head_of(store)


def test_an_empty_range(store: RunStore) -> None:
    """On the default branch itself there is nothing to review."""
    with pytest.raises(NoRuns, match=r"main\.\.HEAD has no commit"):
        head_of(store)


def test_an_unknown_end(store: RunStore) -> None:
    """A revision that is not here."""
    with pytest.raises(SelectionError, match="no commit 'nope'") as error:
        head_of(store, ["nope..HEAD"])
    assert "git fetch" in str(error.value.hint)


def test_a_revision_is_no_option(store: RunStore) -> None:
    """What begins with a dash is looked up like any other name."""
    with pytest.raises(SelectionError, match="no commit '--all'"):
        head_of(store, ["--all..HEAD"])


def test_a_range_stands_alone(store: RunStore) -> None:
    """Not beside runs."""
    with pytest.raises(SelectionError, match="stands alone"):
        head_of(store, ["main..HEAD", "other"])


def test_named_runs(store: RunStore, branch: str) -> None:
    """By RUN, each once; against the merge base of their code."""
    run = record(store, branch, {"acc": 0.9}, name="best")
    found = head_of(store, ["best", run.id])
    assert (found.group.label, [one.id for one in found.group.runs]) == ("best", [run.id])
    assert len(baseline_of(store, found).runs) == 2


def test_a_named_run_of_the_default_branch(repo: Path, store: RunStore) -> None:
    """Is held against the commits before it, not against itself."""
    first = record(store, head(repo), {"acc": 0.8})
    second = record(store, commit(repo, "x = 1\n"), {"acc": 0.9})
    assert [run.id for run in baseline_of(store, head_of(store, [second.id])).runs] == [first.id]
    with pytest.raises(NoBaseline):
        baseline_of(store, head_of(store, [first.id]))


def test_a_group(store: RunStore, branch: str) -> None:
    """All finished runs that match."""
    runs = seeds(store, branch, "acc", [0.9, 0.91], tags={"sweep": "a"})
    record(store, branch, {"acc": 0.1}, status="failed", tags={"sweep": "a"})
    found = head_of(store, group="tags.sweep = 'a'").group
    assert {run.id for run in found.runs} == {run.id for run in runs}
    with pytest.raises(NoRuns, match="no finished run matches"):
        head_of(store, group="tags.sweep = 'b'")


def test_an_experiment(store: RunStore, branch: str) -> None:
    """Runs of others are not looked at."""
    record(store, branch, {"acc": 0.9}, experiment="other")
    run = record(store, branch, {"acc": 0.9})
    record(store, branch, {"acc": 0.9}, experiment="third")
    assert [one.id for one in head_of(store, experiments=["default"]).group.runs] == [run.id]


@pytest.mark.usefixtures("branch")
def test_the_nearest_ancestor(repo: Path, store: RunStore) -> None:
    """A merge base without runs: the nearest one before it that has some."""
    git_run("checkout", "-q", "main", cwd=repo)
    commit(repo, "no run here\n", "other.py")
    git_run("checkout", "-q", "-b", "second", cwd=repo)
    record(store, commit(repo, "second\n"), {"acc": 0.9})
    base = baseline_of(store, head_of(store))
    assert (len(base.runs), base.how) == (2, "nearest ancestor with finished runs")


def test_an_ancestor_off_the_first_parents(repo: Path, store: RunStore) -> None:
    """Runs of a branch that was merged are found, too."""
    git_run("checkout", "-q", "-b", "topic", cwd=repo)
    merged = record(store, commit(repo, "topic\n", "topic.py"), {"acc": 0.8})
    git_run("checkout", "-q", "main", cwd=repo)
    git_run("merge", "-q", "--no-ff", "-m", "merge", "topic", cwd=repo)
    git_run("checkout", "-q", "-b", "next", cwd=repo)
    record(store, commit(repo, "next\n"), {"acc": 0.9})
    assert [run.id for run in baseline_of(store, head_of(store)).runs] == [merged.id]


@pytest.mark.usefixtures("branch")
def test_uncommitted_code_is_no_baseline(repo: Path, store: RunStore) -> None:
    """A run of somebody's changes on the merge base is not what the branch started from."""
    git_run("checkout", "-q", "main", cwd=repo)
    oid = commit(repo, "newer\n", "other.py")
    record(store, oid, {"acc": 0.99}, source=Source(oid, dirty=True, snapshot="2" * 40))
    git_run("checkout", "-q", "-b", "third", cwd=repo)
    record(store, commit(repo, "third\n"), {"acc": 0.9})
    assert len(baseline_of(store, head_of(store)).runs) == 2


def test_the_same_configuration_is_preferred(repo: Path, store: RunStore) -> None:
    """Of several at the merge base, the one that the branch has."""
    wanted = record(store, head(repo), {"acc": 0.8}, params={"lr": 0.1})
    other = record(store, head(repo), {"acc": 0.7}, params={"lr": 0.2})
    git_run("checkout", "-q", "-b", "wider", cwd=repo)
    oid = commit(repo, "wider\n")
    record(store, oid, {"acc": 0.9}, params={"lr": 0.1})
    found = baseline_of(store, head_of(store))
    assert ([run.id for run in found.runs], list(found.left_out)) == ([wanted.id], [other.id])


def test_a_baseline_by_run(store: RunStore, branch: str) -> None:
    """Named runs, in any number."""
    record(store, branch, {"acc": 0.9})
    first, second = (record(store, branch, {"acc": 0.5}, status="failed", name=name) for name in "pq")
    found = baseline_of(store, head_of(store), ["p", second.id])
    assert {run.id for run in found.runs} == {first.id, second.id}
    assert found.how == "asked for"
    assert baseline_of(store, head_of(store), ["p"]).label == "p"


def test_a_baseline_by_filter(store: RunStore, branch: str) -> None:
    """Finished runs that match, those under review apart."""
    record(store, branch, {"acc": 0.9})
    assert len(baseline_of(store, head_of(store), ["metrics.acc > 0"]).runs) == 2
    with pytest.raises(NoBaseline, match="no finished run besides"):
        baseline_of(store, head_of(store), ["metrics.acc > 0.85"])


def test_a_baseline_by_revision(repo: Path, store: RunStore, branch: str) -> None:
    """A tag, a branch or a commit, or the nearest ancestor of it with runs."""
    git_run("tag", "v1", "main", cwd=repo)
    record(store, branch, {"acc": 0.9})
    assert baseline_of(store, head_of(store), ["v1"]).label.startswith("v1@")
    git_run("checkout", "-q", "--orphan", "alone", cwd=repo)
    commit(repo, "alone\n")
    with pytest.raises(NoBaseline, match="neither alone nor an ancestor"):
        baseline_of(store, head_of(store, ["main..wider"]), ["alone"])


def test_an_unknown_baseline(store: RunStore, branch: str) -> None:
    """Neither a run nor a commit; of several each must be a run."""
    record(store, branch, {"acc": 0.9})
    with pytest.raises(SelectionError, match="no run and no commit 'nope'"):
        baseline_of(store, head_of(store), ["nope"])
    with pytest.raises(SelectionError, match="no run 'main'"):
        baseline_of(store, head_of(store), ["main", "wider"])


def test_no_common_ancestor(repo: Path, store: RunStore) -> None:
    """Unrelated histories: no baseline, and why."""
    git_run("checkout", "-q", "--orphan", "alone", cwd=repo)
    record(store, commit(repo, "alone\n"), {"acc": 0.9})
    with pytest.raises(NoBaseline, match="no common ancestor"):
        baseline_of(store, head_of(store))


def test_a_shallow_clone(repo: Path, store: RunStore, branch: str, tmp_path: Path) -> None:
    """Its history ends too early; the hint says how to get more."""
    record(store, branch, {"acc": 0.9})
    git_run("clone", "-q", "--depth=1", f"file://{repo}", str(tmp_path / "clone"), cwd=tmp_path)
    clone = tmp_path / "clone"
    git_run("fetch", "-q", "origin", "gittrack/runs:gittrack/runs", cwd=clone)
    shallow = RunStore.open(start=clone)
    git_run("fetch", "-q", "--depth=1", "origin", "main:main", cwd=clone)
    with pytest.raises(NoBaseline) as error:
        baseline_of(shallow, head_of(shallow, ["main..HEAD"]))
    assert "--unshallow" in str(error.value.hint)
    with pytest.raises(SelectionError) as missing:
        head_of(shallow, ["v9..HEAD"])
    assert "--unshallow" in str(missing.value.hint)


def test_code_that_is_not_here(store: RunStore) -> None:
    """A run of a commit of another clone has no history here."""
    run = record(store, "9" * 40, {"acc": 0.9})
    with pytest.raises(NoBaseline):
        baseline_of(store, head_of(store, [run.id]))
    nowhere = record(store, None, {"acc": 0.9})
    with pytest.raises(NoBaseline):
        baseline_of(store, head_of(store, [nowhere.id]))


def test_targets(repo: Path, store: RunStore) -> None:
    """The default branch by its usual names; none of them is an error with a hint."""
    git = store.git
    assert default_target(git) == "main"
    git_run("branch", "-m", "main", "trunk", cwd=repo)
    with pytest.raises(SelectionError, match="no branch to compare with"):
        default_target(git)
    assert range_of(git, "..", "trunk").left == "trunk"
    run = record(store, head(repo), {"acc": 0.9})
    with pytest.raises(NoBaseline):
        baseline_of(store, head_of(store, [run.id]))


def test_a_given_target(repo: Path, store: RunStore, branch: str) -> None:
    """The branch of the pull request instead of the default one."""
    run = record(store, branch, {"acc": 0.9})
    git_run("branch", "release", "main", cwd=repo)
    found = head_of(store, target="release")
    assert ([one.id for one in found.group.runs], found.span and found.span.left) == ([run.id], "release")


def test_a_run_that_is_not_there(store: RunStore) -> None:
    """As everywhere."""
    with pytest.raises(RunNotFound):
        head_of(store, ["nope"])


@pytest.mark.parametrize(("word", "wanted"), [("metrics.a > 1", True), ("a in ('x')", True), ("v1.0", False)])
def test_filters(word: str, wanted: bool) -> None:  # noqa: FBT001  a parameter
    """A word with an operator reads like a filter."""
    assert is_filter(word) is wanted
