"""What must not come into a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.checks.committed_files import check_artifacts, check_finished
from gittrack.core.errors import GitTrackError
from gittrack.store.plumbing.git import Git, discover
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

RUN = ".runs/default/2026-11/24/20261124-101010-abcd2345"


@pytest.fixture
def git(repo: Path) -> Git:
    """The door to a repository."""
    return discover(repo)


def _write(path: Path, size: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def _commit(repo: Path, message: str = "x") -> None:
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", message, cwd=repo)


@pytest.mark.parametrize("name", ["model.pt", "MODEL.PT", "a/b.safetensors", "events.out.tfevents.1.host"])
def test_artifact_like(git: Git, repo: Path, name: str) -> None:
    """Models and data are found whatever their size, with what to do instead."""
    (problem,) = check_artifacts(git, [_write(repo / name)])
    assert problem.path == name
    assert f"gittrack.log_artifact('{name}')" in problem.message
    assert f"git rm --cached -- {name}" in problem.message


def test_large(git: Git, repo: Path) -> None:
    """A file over the limit is found, one at the limit is not."""
    big, fits = _write(repo / "big.csv", 1001), _write(repo / "fits.csv", 1000)
    found = list(check_artifacts(git, [big, fits], limit=1000))
    assert [one.path for one in found] == ["big.csv"]
    assert found[0].message.startswith("1,001 bytes: ")


def test_names_for_a_shell(git: Git, repo: Path) -> None:
    """The command can be pasted whatever the name."""
    (problem,) = check_artifacts(git, [_write(repo / "my $(model).pt")])
    assert "-- 'my $(model).pt'" in problem.message


def test_allowed(git: Git, repo: Path) -> None:
    """Globs let files in, and so does being the file of a run."""
    paths = [_write(repo / "tests/data/x.npy"), _write(repo / RUN / "artifacts/x.npy")]
    assert list(check_artifacts(git, paths, allow=["tests/*"])) == []


def test_what_head_has(git: Git, repo: Path) -> None:
    """A file that was committed before is let through unless all are asked for."""
    path = _write(repo / "x.npy")
    _commit(repo)
    assert list(check_artifacts(git, [path])) == []
    assert len(list(check_artifacts(git, [path], every=True))) == 1


def test_lfs(git: Git, repo: Path) -> None:
    """What Git LFS keeps is a pointer in the commit."""
    (repo / ".gitattributes").write_text("*.npy filter=lfs\n")
    assert list(check_artifacts(git, [_write(repo / "x.npy")])) == []


def test_links_and_missing_files(git: Git, repo: Path) -> None:
    """A link is no content, and a file may be gone."""
    (repo / "link").symlink_to(_write(repo / "big", 5000))
    assert list(check_artifacts(git, [repo / "link", repo / "gone"], limit=10)) == []


def test_before_the_first_commit(tmp_path: Path) -> None:
    """There is no HEAD yet."""
    repo = make_repo(tmp_path / "new", commit=False)
    git = discover(repo)
    assert len(list(check_artifacts(git, [_write(repo / "x.npy")]))) == 1
    assert list(check_finished(git)) == []


def _finished(git: Git, *commits: str) -> dict[str, str]:
    return {one.path: one.message.partition(":")[0] for one in check_finished(git, *commits)}


def test_new_runs_may_come(git: Git, repo: Path) -> None:
    """Files that are added are no problem, edits among them."""
    _write(repo / RUN / "run.yaml")
    _commit(repo)
    _write(repo / RUN / "edits/000000000000001-abcd.yaml")
    _write(repo / "train.py")
    git_run("add", "-A", cwd=repo)
    assert _finished(git) == {}


def test_rewritten_and_removed(git: Git, repo: Path) -> None:
    """What a run has recorded stays."""
    _write(repo / RUN / "run.yaml")
    _write(repo / RUN / "metrics.jsonl")
    _commit(repo)
    _write(repo / RUN / "run.yaml", 9)
    (repo / RUN / "metrics.jsonl").unlink()
    assert _finished(git) == {}  # nothing is staged yet
    git_run("add", "-A", cwd=repo)
    assert _finished(git) == {f"{RUN}/metrics.jsonl": "is removed", f"{RUN}/run.yaml": "is rewritten"}


def test_between_commits(git: Git, repo: Path) -> None:
    """In CI two commits are compared."""
    _write(repo / RUN / "run.yaml")
    _commit(repo)
    _write(repo / RUN / "run.yaml", 9)
    _commit(repo)
    assert _finished(git, "HEAD~1", "HEAD") == {f"{RUN}/run.yaml": "is rewritten"}
    assert _finished(git, "HEAD", "HEAD") == {}
    with pytest.raises(GitTrackError, match="no such commit"):
        _finished(git, "absent", "HEAD")


def test_the_index_of_this_commit(git: Git, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git commit FILE` commits another index than the usual one, and says which."""
    _write(repo / RUN / "run.yaml")
    _commit(repo)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
    _write(repo / RUN / "run.yaml", 9)
    git_run("read-tree", "HEAD", cwd=repo)
    git_run("add", RUN, cwd=repo)
    assert _finished(git) == {f"{RUN}/run.yaml": "is rewritten"}
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert _finished(git) == {}


def test_registered_models_are_final(git: Git, repo: Path) -> None:
    """A version that a pull request rewrites is found; a new move of an alias is none."""
    stamp = "001795492993123-k3f9a2x01b"
    version = _write(repo / f".models/churn/versions/{stamp}.yaml")
    _write(repo / ".models/README")
    _commit(repo)
    _write(version, 5)
    _write(repo / ".models/README", 5)
    _write(repo / f".models/churn/aliases/champion/{stamp}.yaml")
    git_run("add", "-A", cwd=repo)
    (problem,) = check_finished(git)
    assert problem.path == f".models/churn/versions/{stamp}.yaml"
    assert problem.message.startswith("is rewritten: what is registered is final; `gittrack model promote`")
