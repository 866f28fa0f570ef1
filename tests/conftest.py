"""Fixtures for all tests: a home of their own, a known identity, real repositories."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.git import make_repo

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


settings.register_profile("gittrack", deadline=None)  # how fast a machine is, is no property of the code
settings.load_profile("gittrack")


def pytest_configure() -> None:
    """A shell starts what it puts into the background deaf to ^C, which tests and their children need."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_HIDDEN = ("GITTRACK_", "GIT_", "SLURM_", "OMPI_", "PMI_", "TORCHELASTIC_")


@pytest.fixture(autouse=True)
def _isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's home, Git configuration or gittrack settings."""
    home = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(_HIDDEN) and name != "GITTRACK_TEST_REQUIRE":
            monkeypatch.delenv(name)
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n'
    )


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and the current folder in it."""
    path = make_repo(tmp_path / "repo")
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def store(repo: Path) -> RunStore:
    """The store of a repository with one commit."""
    from gittrack.store.runs import RunStore

    return RunStore.open(start=repo)
