"""Throw-away work trees: whole, and gone afterwards."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.core.files import locked
from gittrack.core.records import Run, Source
from gittrack.launch.reproduction.worktree import PREFIX, Code, code_of, fetch, sweep, work_tree
from gittrack.store.plumbing.git import discover
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore


@pytest.fixture
def git(repo: Path) -> Git:
    """Git in a repository with one file."""
    (repo / "a.txt").write_text("a\n")
    git_run("add", ".", cwd=repo)
    git_run("commit", "-q", "-m", "a", cwd=repo)
    return discover(repo)


def head(git: Git) -> str:
    """The commit."""
    return str(git.resolve("HEAD"))


def test_files_of_the_commit(git: Git, repo: Path) -> None:
    """It has the files of the commit, not those of the user's tree, and goes with the block."""
    (repo / "a.txt").write_text("changed\n")
    with work_tree(git, head(git)) as tree:
        assert (tree / "a.txt").read_text() == "a\n"
        assert PREFIX in tree.name
    assert not tree.parent.exists()
    assert not (repo / ".git" / "worktrees").exists()


def test_gone_although_it_was_removed(git: Git, repo: Path) -> None:
    """A command that removes its own folder leaves no entry behind, and those of others stay."""
    other = repo.parent / "other"
    git_run("worktree", "add", "-q", "--detach", str(other), cwd=repo)
    other.rename(repo.parent / "unplugged")
    with work_tree(git, head(git)) as tree:
        for path in sorted(tree.parent.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert [path.name for path in (repo / ".git" / "worktrees").iterdir()] == ["other"]


def test_gone_after_an_exception(git: Git, repo: Path) -> None:
    """An exception goes through, and the work tree goes."""
    with pytest.raises(KeyboardInterrupt), work_tree(git, head(git)) as tree:
        raise KeyboardInterrupt
    assert not tree.parent.exists()
    assert not (repo / ".git" / "worktrees").exists()


def test_what_a_killed_process_left(git: Git, repo: Path) -> None:
    """The next one removes it; one that is in use stays."""
    body = (
        "import os, sys\nfrom pathlib import Path\n"
        "from gittrack.launch.reproduction.worktree import work_tree\n"
        "from gittrack.store.plumbing.git import discover\ngit = discover(Path.cwd())\n"
        "with work_tree(git, git.resolve('HEAD')) as tree:\n"
        "    print(tree, flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, "-c", body], cwd=repo, env=env, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = Path(done.stdout.decode().strip())
    assert left.is_dir()
    with locked(left.parent / "lock"):
        sweep(git)
        assert left.is_dir()
    sweep(git)
    assert not left.parent.exists()
    assert not (repo / ".git" / "worktrees").exists()


def _with_submodule(repo: Path) -> None:
    library = make_repo(repo.parent / "library")
    (library / "lib.py").write_text("x = 1\n")
    git_run("add", ".", cwd=library)
    git_run("commit", "-q", "-m", "lib", cwd=library)
    git_run("submodule", "--quiet", "add", library.as_uri(), "lib", cwd=repo)
    git_run("commit", "-q", "-m", "lib", cwd=repo)
    git_run("submodule", "deinit", "-f", "lib", cwd=repo)


def test_submodules(git: Git, repo: Path) -> None:
    """Submodules are there, although the user never initialised them; the configuration stays as it is."""
    _with_submodule(repo)
    before = (repo / ".git" / "config").read_bytes()
    with work_tree(git, head(git)) as tree:
        assert (tree / "lib" / "lib.py").read_text() == "x = 1\n"
    assert (repo / ".git" / "config").read_bytes() == before
    assert not (repo / ".git" / "worktrees").exists()


def test_submodules_that_are_gone(git: Git, repo: Path) -> None:
    """A submodule that cannot be fetched is an error that says so."""
    _with_submodule(repo)
    (repo.parent / "library").rename(repo.parent / "away")
    (repo / ".git" / "modules" / "lib").rename(repo.parent / "module")
    with (
        pytest.raises(RemoteError, match="submodules of the code cannot be fetched"),
        work_tree(git, head(git)),
    ):
        pass
    assert not (repo / ".git" / "worktrees").exists()


def _run(**source: object) -> Run:
    return Run("20261124-000000-abcdefgh", source=dataclasses.replace(Source(), **source))  # type: ignore[arg-type]  # any fields


def test_where_the_code_is(store: RunStore) -> None:
    """The snapshot, else the commit of a clean tree; what is no commit is said to be none."""
    commit = str(store.git.resolve("HEAD"))
    assert code_of(store, _run(snapshot=commit)) == Code(store.code, commit, here=True)
    assert code_of(store, _run(commit=commit)) == Code(store.code, commit, here=True)
    assert code_of(store, _run(snapshot="f" * 40)) == Code(store.code, "f" * 40)
    assert "not a commit" in str(code_of(store, _run(snapshot="--upload-pack=x")).missing)
    assert "dirty" in str(code_of(store, _run(commit=commit, dirty=True, missing="disabled")).missing)


def test_nothing_to_fetch(store: RunStore) -> None:
    """Code that is here, or that nobody captured, needs no network."""
    here, none = code_of(store, _run(commit=store.git.resolve("HEAD"))), code_of(store, _run())
    assert fetch(here, _run(), None) is here
    assert fetch(none, _run(), None) is none


@pytest.mark.parametrize("remote", [None, "ext::sh -c true", "/etc", "file:///etc", "--upload-pack=x"])
def test_remotes_of_records_are_not_trusted(store: RunStore, remote: str | None) -> None:
    """Only network addresses are taken from a record."""
    run = _run(snapshot="f" * 40, remote=remote)
    found = fetch(code_of(store, run), run, None)
    assert "has no remote" in str(found.missing)
    assert "ext" not in str(found.missing)


def test_a_sparse_tree(git: Git, repo: Path) -> None:
    """The work tree is whole although the user's is not, which stays so."""
    (repo / "sub").mkdir()
    (repo / "sub" / "b.txt").write_text("b\n")
    git_run("add", ".", cwd=repo)
    git_run("commit", "-q", "-m", "b", cwd=repo)
    git_run("sparse-checkout", "set", "--cone", "other", cwd=repo)
    assert not (repo / "sub").exists()
    with work_tree(discover(repo), head(git)) as tree:
        assert (tree / "sub" / "b.txt").read_text() == "b\n"
    assert not (repo / "sub").exists()
