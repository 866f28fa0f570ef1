"""The documented lines of a CI job: a shallow checkout, and a remote that may only be read."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from gittrack.cli.main import invoke
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push
from gittrack.tracking import wrap
from tests.support.git import git_run, make_repo
from tests.support.web import git_served

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = "echo '{\"loss\": 0.%d}' > metrics.json\n"


def _train(repo: Path, value: int) -> str:
    (repo / "train.sh").write_text(_PROGRAM % value)
    wish = wrap.Wish(metrics_files=[Path("metrics.json")])
    return wrap.run(["sh", "train.sh"], RunStore.open(start=repo), wish).run_id


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Runs of an old commit and of code that was not committed, pushed; commits by their names."""
    repo, remote = make_repo(tmp_path / "repo"), tmp_path / "served" / "digits.git"
    git_run("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git_run("remote", "add", "origin", remote.as_uri(), cwd=repo)
    monkeypatch.chdir(repo)
    (repo / ".gitignore").write_text("metrics.json\n")
    found = {}
    for number, name in enumerate(("first", "second", "third"), 1):
        (repo / "train.sh").write_text(_PROGRAM % number)
        git_run("add", "-A", cwd=repo)
        git_run("commit", "-q", "-m", name, cwd=repo)
        found[name] = git_run("rev-parse", "HEAD", cwd=repo)
        if name == "first":
            found["old"] = _train(repo, number)
    found["uncommitted"] = _train(repo, 7)
    git_run("push", "-q", "origin", "main", cwd=repo)
    push(RunStore.open(start=repo))
    return found


@pytest.fixture(params=["file", "http"])
def checkout(
    request: pytest.FixtureRequest,
    runs: dict[str, str],  # noqa: ARG001  there is something to clone
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """What a job begins with: one commit of the branch."""
    with git_served(tmp_path / "served") as address:
        base = (tmp_path / "served").as_uri() if request.param == "file" else address
        words = ["clone", "-q", "--depth=1", "--single-branch", f"{base}/digits.git", str(tmp_path / "job")]
        subprocess.run(["git", *words], check=True)
        monkeypatch.chdir(tmp_path / "job")
        yield tmp_path / "job"


@pytest.mark.parametrize("run", ["old", "uncommitted"])
def test_the_documented_lines(checkout: Path, runs: dict[str, str], tmp_path: Path, run: str) -> None:
    """They find the same again, and fetch the commit that they need alone."""
    assert invoke(["pull"]) == 0
    report, summary = tmp_path / "reproduce.xml", tmp_path / "summary.md"
    words = ["reproduce", runs[run], "--junit", str(report), "--markdown", str(summary)]
    assert invoke(words) == 0
    assert ET.parse(report).getroot() is not None  # noqa: S314  we wrote it
    assert "identical" in summary.read_text()
    assert git_run("rev-parse", "--is-shallow-repository", cwd=checkout) == "true"
    words = ["git", "cat-file", "-e", f"{runs['second']}^{{commit}}"]
    between = subprocess.run(words, cwd=checkout, check=False, capture_output=True)
    assert between.returncode, "a commit that nobody needs was fetched"


@pytest.mark.parametrize("checkout", ["http"], indirect=True)
def test_nothing_can_be_written(checkout: Path) -> None:
    """The remote of this test refuses a push."""
    words = ["git", "push", "-q", "origin", "HEAD:refs/heads/new"]
    done = subprocess.run(words, cwd=checkout, check=False, capture_output=True)
    assert done.returncode
