"""What reads the descriptions of a model elsewhere, installed by `.ci/parts` in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.servers.base import PARTS

_BIN = PARTS / "deploying" / "bin"
_CHECK = Path(__file__).with_name("deploying_check.py")


def wrong(kind: str, path: Path) -> list[str]:
    """What is wrong with a document, by the published classes of what reads it.

    Args:
        kind: see `deploying_check.KINDS`.
        path: of the document.
    """
    said = run("python", "-I", str(_CHECK), kind, str(path))
    return [text for text in said.splitlines() if text]


def run(program: str, *words: str) -> str:
    """What a program of that environment says on standard output; it must end well."""
    if not (_BIN / program).exists():
        reason = f"{_BIN / program} is needed: run .ci/parts"
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}
    done = subprocess.run(
        [_BIN / program, *words], capture_output=True, text=True, check=False, cwd=_BIN, env=environ
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
