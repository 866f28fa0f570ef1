"""`gittrack hook`, by itself and from the real pre-commit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.text import dump
from gittrack.store.format import layout
from gittrack.store.format.run_document import document_of
from tests.support.git import git_run
from tests.support.hooks import configure, environment, hooks_repo, pre_commit
from tests.support.runs import run as make_run

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run

Capture = pytest.CaptureFixture[str]
ALL = [
    "gittrack-validate",
    "gittrack-format",
    "gittrack-secrets",
    "gittrack-finished",
    "gittrack-artifacts",
    "gittrack-project",
    "gittrack-model",
    "gittrack-config",
]


def _write_run(repo: Path, run: Run) -> Path:
    path = repo / layout.run_directory(run) / "run.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(dump(document_of(run)))
    return path


@pytest.mark.parametrize(
    ("hook", "name", "content", "line"),
    [
        ("config", "gittrack.yaml", "tpoic: x\n", "gittrack.yaml:1: error: unknown key tpoic"),
        ("model", "MLmodel", "flavors: {}\n", "MLmodel: error: flavors is missing"),
        ("project", "MLproject", "nmae: x\n", "MLproject:1: error: unknown key 'nmae'"),
        ("artifacts", "x.npy", "", "x.npy: error: a model or data file"),
        ("format", "run.yaml", "a:   1\n", "run.yaml: error: not in the canonical form"),
        ("validate", "run.yaml", "a: 1\n", "run.yaml"),
        ("secrets", "run.yaml", 'password: "hunter2hunter2"\n', "run.yaml:1: error: looks like a secret"),
    ],
)
def test_a_problem(repo: Path, capsys: Capture, hook: str, name: str, content: str, line: str) -> None:
    """It is said with its place, and the exit status is 1."""
    (repo / name).write_text(content)
    assert invoke(["hook", hook, name]) == 1
    assert capsys.readouterr().out.startswith(line)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    "hook", ["validate", "format", "secrets", "finished", "artifacts", "project", "model", "config"]
)
def test_nothing_to_look_at(capsys: Capture, hook: str) -> None:
    """No files, no problem, no word."""
    assert invoke(["hook", hook]) == 0
    assert capsys.readouterr().out == ""


def test_as_json(repo: Path, capsys: Capture) -> None:
    """`--json` prints the problems."""
    (repo / "x.npy").touch()
    assert invoke(["hook", "artifacts", "--json", "x.npy"]) == 1
    assert [one["path"] for one in json.loads(capsys.readouterr().out)] == ["x.npy"]


@pytest.mark.usefixtures("repo")
def test_a_size_that_is_none(capsys: Capture) -> None:
    """It is wrong usage."""
    assert invoke(["hook", "artifacts", "--max-size", "lots"]) == 2
    assert "not a size" in capsys.readouterr().err


def test_two_commits_in_ci(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """pre-commit names the commits of a push in variables, CI in options."""
    path = _write_run(repo, make_run())
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "run", cwd=repo)
    path.write_bytes(path.read_bytes() + b'note: "better"\n')
    git_run("commit", "-q", "-a", "-m", "rewritten", cwd=repo)
    assert invoke(["hook", "finished", "--from", "HEAD~1", "--to", "HEAD"]) == 1
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~2")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD~1")
    assert invoke(["hook", "finished"]) == 0
    assert "is rewritten: what a run has recorded is final" in capsys.readouterr().out


def test_hooks_load_little() -> None:
    """None of what takes time to load is loaded."""
    heavy = ["pandas", "rich", "fsspec", "git", "psutil", "textual", "sqlite3", "asyncio"]
    modules = "run_files, committed_files, written_files, project_files"
    code = (
        "import sys; before = set(sys.modules); "  # coverage has some loaded
        f"from gittrack.cli import hook, main; from gittrack.checks import {modules}; "
        f"print([name for name in {heavy} if name in sys.modules.keys() - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ---- the real pre-commit


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps its environments."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def guarded(repo: Path, tmp_path: Path, home: Path) -> Path:
    """A repository whose commits go through all hooks."""
    configure(repo, hooks_repo(tmp_path / "hooks"), *ALL, language="system")
    assert pre_commit("install", repo=repo, home=home).returncode == 0
    return repo


def _commit(repo: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-q", "-m", "x", *words],
        cwd=repo,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )


def test_commit_what_is_right(guarded: Path, home: Path) -> None:
    """A commit of a run, a project and settings goes through all hooks."""
    _write_run(guarded, make_run(params={"lr": 0.1}))
    (guarded / "gittrack.yaml").write_text("experiment: digits\n")
    (guarded / "MLproject").write_text("name: digits\n")
    git_run("add", "-A", cwd=guarded)
    done = _commit(guarded, home)
    assert done.returncode == 0, done.stderr
    assert git_run("status", "--porcelain", cwd=guarded) == ""


def test_commit_what_is_wrong(guarded: Path, home: Path) -> None:
    """Each hook stops the commit for its reason, with the way out."""
    _write_run(guarded, make_run(params={"password": "hunter2hunter2"}))
    (guarded / "gittrack.yaml").write_text("experimnt: digits\n")
    (guarded / "MLproject").write_text("nmae: digits\n")
    (guarded / "MLmodel").write_text("flavors: {}\n")
    (guarded / "model.pt").write_bytes(b"weights")
    git_run("add", "-A", cwd=guarded)
    done = _commit(guarded, home)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    for text in (
        "looks like a secret under password",
        "gittrack.log_artifact('model.pt')",
        "unknown key experimnt, did you mean experiment?",
        "unknown key 'nmae'",
        "flavors is missing",
    ):
        assert text in said


def test_format_modifies(guarded: Path, home: Path) -> None:
    """A file edited by hand is written anew, and the second commit goes through."""
    path = _write_run(guarded, make_run())
    canonical = path.read_bytes()
    path.write_bytes(canonical.replace(b'"finished"', b"finished"))
    git_run("add", "-A", cwd=guarded)
    assert _commit(guarded, home).returncode == 1
    assert path.read_bytes() == canonical
    git_run("add", "-A", cwd=guarded)
    done = _commit(guarded, home)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [[], ["-a"], ["."]])
def test_rewriting_a_run(guarded: Path, home: Path, words: list[str]) -> None:
    """However it is committed: Git's variables point at the index of this commit, which is looked at."""
    path = _write_run(guarded, make_run())
    git_run("add", "-A", cwd=guarded)
    assert _commit(guarded, home).returncode == 0
    path.write_bytes(path.read_bytes() + b'note: "better"\n')
    if not words:
        git_run("add", "-A", cwd=guarded)
    done = _commit(guarded, home, *words)
    assert done.returncode == 1
    assert "is rewritten" in done.stdout + done.stderr


def test_removing_a_run(guarded: Path, home: Path) -> None:
    """pre-commit passes no files that are removed; the hook looks by itself."""
    path = _write_run(guarded, make_run())
    git_run("add", "-A", cwd=guarded)
    assert _commit(guarded, home).returncode == 0
    git_run("rm", "-q", str(path), cwd=guarded)
    done = _commit(guarded, home)
    assert done.returncode == 1
    assert "is removed" in done.stdout + done.stderr


def test_in_a_linked_work_tree_of_the_runs_branch(guarded: Path, home: Path) -> None:
    """Where the runs branch is checked out, a hand that corrects a run is stopped."""
    from gittrack.store.runs import RunStore
    from tests.support.remotes import record

    record(RunStore.open(start=guarded))
    tree = guarded.with_name("runs")
    git_run("worktree", "add", "-q", str(tree), "gittrack/runs", cwd=guarded)
    (tree / ".pre-commit-config.yaml").write_text((guarded / ".pre-commit-config.yaml").read_text())
    git_run("add", "-A", cwd=tree)
    done = _commit(tree, home)
    assert done.returncode == 0, done.stderr
    (path,) = tree.glob(".runs/**/run.yaml")
    path.write_bytes(path.read_bytes() + b'note: "better"\n')
    git_run("add", "-A", cwd=tree)
    assert _commit(tree, home).returncode == 1


def test_installed_by_pre_commit(repo: Path, tmp_path: Path, home: Path) -> None:
    """`language: python` works: pre-commit installs the package into an environment of its own."""
    hooks = hooks_repo(tmp_path / "whole", whole=True)
    configure(repo, hooks, "gittrack-config")
    (repo / "gittrack.yaml").write_text("experimnt: x\n")
    git_run("add", "-A", cwd=repo)
    done = pre_commit("run", "--all-files", repo=repo, home=home)
    assert done.returncode == 1, done.stderr
    assert "unknown key experimnt" in done.stdout
