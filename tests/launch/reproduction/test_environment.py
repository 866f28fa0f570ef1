"""Which environment is taken."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from gittrack.core.errors import UsageError
from gittrack.core.redact import Redactor
from gittrack.launch.reproduction.environment import Choice, choose
from gittrack.tracking import interpreter, packages


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The environment that runs the tests, as a record; PATH leads to it."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    own = interpreter.own()
    found = packages.installed(own.paths, Redactor())
    return {
        "python": {"version": own.version},
        "packages": dict(found.versions),
        "direct_urls": dict(found.urls),
    }


def of(document: dict[str, Any], asked: str | None = None, *words: str) -> Choice:
    """What is chosen."""
    return choose(document, words or ("python", "x.py"), asked, directory=Path.cwd(), redactor=Redactor())


def test_the_same(recorded: dict[str, Any]) -> None:
    """The local environment is taken where it is the recorded one."""
    found = of(recorded)
    assert (found.kind, found.reason, found.plan) == ("local", "it has the recorded packages", None)


def test_tools_may_differ(recorded: dict[str, Any]) -> None:
    """Another pip, uv or gittrack makes no other environment."""
    recorded["packages"] |= {"pip": "1", "uv": "1", "gittrack": "9"}
    assert of(recorded).kind == "local"


def test_another_package(recorded: dict[str, Any]) -> None:
    """Where a package differs, the recorded environment is made; the reason names it."""
    recorded["packages"]["click"] = "7.0"
    found = of(recorded)
    assert (found.kind, found.plan is not None) == ("recorded", True)
    assert found.reason.startswith("the local one differs in click 7.0 → ")


def test_asked_for(recorded: dict[str, Any]) -> None:
    """`local` and `recorded` decide."""
    local = of(recorded, "local")
    assert (local.kind, local.reason, local.as_asked) == ("local", "as asked for; it is as recorded", True)
    assert of(recorded, "recorded").plan is not None
    recorded["python"]["version"] = "3.1.1"
    assert "it differs in Python 3.1.1 → " in of(recorded, "local").reason
    with pytest.raises(UsageError, match="no such environment"):
        of(recorded, "docker")


def test_many_differences(recorded: dict[str, Any]) -> None:
    """The reason names three, and how many more."""
    recorded["packages"] = {f"p{number}": "1" for number in range(9)}
    recorded["direct_urls"] = []
    assert " more" in of(recorded).reason


def test_nothing_recorded() -> None:
    """Without a record the local one is taken."""
    assert of({}) == Choice("local", "no environment was recorded")


def test_our_own_python(recorded: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where PATH leads to another Python, the one that runs this is taken if it is the recorded one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert of(recorded).path == (str(Path(sys.executable).parent),)
    (tmp_path / "python").write_text("#!/bin/sh\n")
    (tmp_path / "python").chmod(0o755)
    assert of(recorded, None, "sh", "x.sh").path == (str(Path(sys.executable).parent),)
