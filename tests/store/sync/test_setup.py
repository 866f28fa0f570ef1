from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.store.commit import branch
from gittrack.store.plumbing.git import RUNS
from gittrack.store.runs import RunStore
from gittrack.store.sync.setup import deinitialise, initialise, remember_writer, writer_name
from gittrack.store.sync.share import push
from tests.support.git import git_run
from tests.support.remotes import clone, record, remote_refs, snapshot, where

if TYPE_CHECKING:
    from pathlib import Path


def test_says_what_it_writes(ada: RunStore) -> None:
    """Each thing that is written is said in a sentence."""
    said = initialise(ada.git)
    assert said[0] == "Created the branch gittrack/runs for runs."
    assert said[1].startswith("Told `git fetch origin` to bring runs: +refs/gittrack/code*:")
    assert said[2] == f"Named this clone {writer_name(ada.git)} among those that write runs."
    assert len(said) == 3
    assert branch.tip(ada.git) is not None


def test_second_time_there_is_nothing_to_do(ada: RunStore) -> None:
    """Once everything is there, nothing is written and nothing said."""
    initialise(ada.git)
    assert initialise(ada.git) == []


def test_writer_is_the_same_for_the_store(ada: RunStore) -> None:
    """The name given is the one that the store uses."""
    initialise(ada.git)
    assert ada.writer == writer_name(ada.git) == remember_writer(ada.git)


def test_plain_fetch_brings_runs(ada: RunStore, remote: Path, tmp_path: Path) -> None:
    """After it, `git fetch` brings runs and code of others."""
    initialise(ada.git)
    bob = clone(remote, tmp_path / "bob")
    record(bob, snapshots=(snapshot(bob),))
    push(bob)
    git_run("fetch", "-q", cwd=where(ada))
    refs = remote_refs(where(ada))
    assert "refs/remotes/origin/gittrack/runs" in refs
    assert "refs/gittrack/remotes/origin/code" in refs


def test_plain_fetch_of_a_remote_without_runs(ada: RunStore) -> None:
    """`git fetch` does not fail where no runs are yet."""
    initialise(ada.git)
    git_run("fetch", "-q", cwd=where(ada))


def test_single_branch_clone(remote: Path, tmp_path: Path) -> None:
    """A clone of one branch is told to fetch runs too."""
    bob = clone(remote, tmp_path / "bob", "--single-branch")
    assert any("+refs/heads/gittrack/*:" in line for line in initialise(bob.git))


def test_shallow_clone_leaves_code_out(remote: Path, tmp_path: Path) -> None:
    """Snapshots would bring back the history that a shallow clone left out."""
    bob = clone(remote, tmp_path / "bob", "--depth=1")
    assert not any("code" in line for line in initialise(bob.git))


def test_without_remote(repo: Path) -> None:
    """Without remotes there is only the branch and the name."""
    assert len(initialise(RunStore.open(start=repo).git)) == 2


def test_deinitialise(ada: RunStore) -> None:
    """What was written is taken back; runs stay."""
    before = (ada.git.place.git_dir / "config").read_text()
    initialise(ada.git)
    record(ada, snapshots=(snapshot(ada),))
    push(ada)
    git_run("fetch", "-q", cwd=where(ada))
    tip = branch.tip(ada.git)
    said = deinitialise(ada.git)
    assert (ada.git.place.git_dir / "config").read_text() == before
    assert branch.tip(ada.git) == tip
    assert len(said) == 3
    assert f"git branch -D {RUNS.removeprefix('refs/heads/')}" in said[-1]
    assert remote_refs(where(ada), "refs/gittrack/remotes") == {}


def test_deinitialise_of_nothing(repo: Path) -> None:
    """Where nothing was written, nothing is said."""
    assert deinitialise(RunStore.open(start=repo).git) == []


def test_broken_writer_file(ada: RunStore) -> None:
    """A name that cannot be one is replaced."""
    ada.git.directory.mkdir(exist_ok=True)
    (ada.git.directory / "writer").write_text("../evil")
    assert writer_name(ada.git) is None
    assert writer_name(ada.git) != remember_writer(ada.git) == writer_name(ada.git)
