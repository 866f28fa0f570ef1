from __future__ import annotations

import json
import os

import pytest

from gittrack.cli.main import invoke
from gittrack.launch.environments.cache import MARKER, Cache, default_folder

A, B = "a" * 40, "b" * 40
ABOUT = {"tool": "uv", "asked": {"source": "requirements.txt", "dependencies": ["six==1"]}}


@pytest.fixture
def cache() -> Cache:
    """Two environments in the user's cache; `a` was used in 1970."""
    found = Cache(default_folder(os.environ))
    for digest in (A, B):
        with found.alone(digest), found.beside(digest) as folder:
            (folder / "env").mkdir()
            found.put(digest, folder, ABOUT)
    os.utime(found.folder / A / MARKER, (0, 0))
    return found


@pytest.mark.usefixtures("cache")
def test_ls(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, the most recently used first; JSON has everything."""
    assert invoke(["env", "ls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["name", B, A]
    assert lines[2].endswith("1970-01-01T00:00:00.000Z  requirements.txt: six==1")
    assert invoke(["env", "ls", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(one["digest"], one["in_use"]) for one in said] == [(B, False), (A, False)]


def test_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said."""
    assert invoke(["env", "ls"]) == 0
    assert capsys.readouterr().err == "no environments\n"


def test_rm(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    """By the first digits; one in use is refused."""
    assert invoke(["env", "rm", "aaaa"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("a" * 12)
    assert said.err.startswith("removed 1 environment (")
    cache.hold(B)
    assert invoke(["env", "rm", B]) == 1
    assert "is in use" in capsys.readouterr().err


def test_prune(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an option what was not used for 30 days; JSON says what went."""
    assert invoke(["env", "prune", "--json"]) == 0
    assert [one["digest"] for one in json.loads(capsys.readouterr().out)] == [A]
    assert invoke(["env", "prune", "--unused-for", "1h", "--max-size", "1GB"]) == 0
    assert [one.digest for one in cache.all()] == [B]
    assert invoke(["env", "prune", "--keep", "0"]) == 0
    assert cache.all() == []


@pytest.mark.parametrize("words", [["--unused-for", "soon"], ["--max-size", "much"], ["--keep", "-1"]])
def test_no_value(words: list[str]) -> None:
    """Times and sizes that are none."""
    assert invoke(["env", "prune", *words]) == 2
