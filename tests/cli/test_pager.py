from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.pager import pager_of
from gittrack.store.plumbing.git import discover
from tests.cli.recorded import record
from tests.support.git import git_run
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore

SHOW = [sys.executable, "-m", "gittrack", "diff"]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pager is set but by the test."""
    for name in ("PAGER", "GIT_PAGER", "LESS"):
        monkeypatch.delenv(name, raising=False)


def test_whose_setting_counts(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`GIT_PAGER`, then `core.pager`, then `PAGER`; `cat` and nothing are none."""
    monkeypatch.setenv("PAGER", "one")
    assert pager_of(discover(repo)) == "one"
    git_run("config", "core.pager", "two --x", cwd=repo)
    assert pager_of(discover(repo)) == "two --x"
    monkeypatch.setenv("GIT_PAGER", "three")
    assert pager_of(discover(repo)) == "three"
    monkeypatch.setenv("GIT_PAGER", "cat")
    assert pager_of(discover(repo)) is None


def test_without_any(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Then it is `less`, where there is one."""
    less = tmp_path / "less"
    less.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pager_of(None) == "less"
    less.unlink()
    assert pager_of(None) is None


@pytest.mark.parametrize(
    ("pager", "said"),
    [("sed s/^/paged:/", True), ("true", False), ("/nonexistent/pager", False)],
    ids=["reads", "ends at once", "missing"],
)
def test_on_a_terminal(store: RunStore, monkeypatch: pytest.MonkeyPatch, pager: str, *, said: bool) -> None:
    """All goes through the pager; one that ends early, or is not there, is no failure of ours."""
    one, two = record(store, params={"lr": 1}), record(store, params={"lr": 2})
    monkeypatch.setenv("GIT_PAGER", pager)
    terminal = Terminal([*SHOW, one.id, two.id])
    status = terminal.end()
    assert status == 0, terminal.text
    assert ("paged:" in terminal.text) == said
    assert "Traceback" not in terminal.text
    assert ("lr" in terminal.text) == (pager != "true")


def test_no_pager(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--no-pager` writes to the terminal."""
    one, two = record(store, params={"lr": 1}), record(store, params={"lr": 2})
    monkeypatch.setenv("GIT_PAGER", "sed s/^/paged:/")
    terminal = Terminal([*SHOW, one.id, two.id, "--no-pager"])
    assert terminal.end() == 0
    assert "paged:" not in terminal.text
    assert "lr" in terminal.text
