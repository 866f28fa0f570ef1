"""`gittrack ci` and `gittrack readme`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push
from tests.cli.recorded import record
from tests.support.git import git_run
from tests.support.host_api import TOKEN, host_api
from tests.support.remotes import clone, make_remote

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


def test_init(repo: Path, capsys: Capture) -> None:
    """The files are written into the work tree, and each is named."""
    assert invoke(["ci", "init"]) == 0
    assert "written: .github/workflows/gittrack-report.yml\n" in capsys.readouterr().err
    assert (repo / ".github/workflows/gittrack-comment.yml").exists()
    assert invoke(["ci", "init", "gitlab"]) == 0
    assert (repo / ".gitlab/gittrack.gitlab-ci.yml").exists()
    assert git_run("status", "--porcelain", "--untracked-files=no", cwd=repo) == ""


def test_init_does_not_overwrite(repo: Path, capsys: Capture) -> None:
    """A file that differs stops it; --force goes on; a second time all is there."""
    path = repo / ".github/workflows/gittrack-report.yml"
    path.parent.mkdir(parents=True)
    path.write_text("mine\n")
    assert invoke(["ci", "init"]) == 1
    assert "--force overwrites it" in capsys.readouterr().err
    assert invoke(["ci", "init", "--force"]) == 0
    assert invoke(["ci", "init"]) == 0
    assert "there already: .github/workflows/gittrack-report.yml" in capsys.readouterr().err


def test_init_prints(repo: Path, capsys: Capture) -> None:
    """--print writes nothing."""
    for words in ([], ["gitlab"], ["--runs-branch", "--owner", "@org/ml"]):
        assert invoke(["ci", "init", "--print", *words]) == 0
    said = capsys.readouterr().out
    for path in (
        ".github/workflows/gittrack-report.yml",
        ".github/CODEOWNERS",
        ".gitlab/gittrack.gitlab-ci.yml",
    ):
        assert f"==> {path} <==\n" in said
    assert not (repo / ".github").exists()


def test_init_on_the_runs_branch(repo: Path, capsys: Capture) -> None:
    """The files are committed to it, and the work tree stays as it is."""
    assert invoke(["ci", "init", "--runs-branch"]) == 0
    said = capsys.readouterr().err
    assert "committed to gittrack/runs: .github/workflows/gittrack-runs.yml\n" in said
    assert "--owner @org/team" in said
    assert not (repo / ".github").exists()
    assert git_run("show", "gittrack/runs:.github/workflows/gittrack-runs.yml", cwd=repo)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("words", [["gitlab", "--runs-branch"], ["--owner", "@x"], ["bitbucket"]])
def test_init_usage(words: list[str]) -> None:
    """What does not go together is wrong usage."""
    assert invoke(["ci", "init", *words]) == 2


def test_init_without_a_work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare repository has no place for them."""
    bare = make_remote(tmp_path / "bare.git")
    monkeypatch.chdir(bare)
    assert invoke(["ci", "init"]) == 2


def test_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """It says what reports read now."""
    remote = make_remote(tmp_path / "remote.git")
    job = clone(remote, tmp_path / "job")
    monkeypatch.chdir(tmp_path / "job")
    assert invoke(["ci", "fetch", "--fork", (tmp_path / "gone").as_uri()]) == 0
    said = capsys.readouterr().err
    assert "warning: runs of the fork" in said
    assert "warning: the remote has no branch gittrack/runs" in said
    ada = clone(remote, tmp_path / "ada")
    record(ada.on("lr"))
    push(ada)
    assert invoke(["ci", "fetch", "--topic", "lr"]) == 0
    assert "gittrack/runs and of the topic lr." in capsys.readouterr().err
    assert RunStore.open(start=tmp_path / "job").topic == "lr"
    del job


@pytest.mark.usefixtures("repo")
def test_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """It says what became of the comment."""
    (tmp_path / "report.md").write_text("hello\n")
    with host_api() as api:
        monkeypatch.setenv("GITHUB_API_URL", api.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "ada/digits")
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.delenv("GITLAB_CI", raising=False)
        words = ["ci", "comment", str(tmp_path / "report.md"), "--pull-request", "7"]
        assert invoke(words) == 0
        assert invoke(words) == 0
        assert invoke([*words, "--head", "b" * 40]) == 0
        monkeypatch.setenv("GITHUB_TOKEN", "wrong")
        assert invoke(words) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[:3] == [
        "The report is posted as a comment.",
        "The comment says this already.",
        "The pull request is closed or has another head by now: nothing is posted.",
    ]
    assert said[3].startswith("error: GET /repos/ada/digits/issues/7/comments?per_page=100&page=1: 401")


def test_readme(store: RunStore, repo: Path, capsys: Capture) -> None:
    """It is printed or written on request."""
    run = record(store)
    assert invoke(["readme", "--print", "--columns", "metrics.acc", "--sort", "metrics.acc DESC"]) == 0
    assert run.id in capsys.readouterr().out
    assert git_run("ls-tree", "--name-only", "gittrack/runs", "README.md", cwd=repo) == ""
    assert invoke(["readme"]) == 0
    assert run.id in git_run("show", "gittrack/runs:README.md", cwd=repo)
    assert "is written; `gittrack push` shares it." in capsys.readouterr().err
