"""Importing gittrack and asking for help load nothing heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "pandas",
    "rich",
    "git",
    "fsspec",
    "yaml",
    "psutil",
    "plotext",
    "numpy",
    "sqlite3",
    "asyncio",
    "requests",
    "textual",
)
VERBS = (
    "run",
    "ls",
    "show",
    "log",
    "diff",
    "compare",
    "plot",
    "tag",
    "push",
    "config",
    "doctor",
    "validate",
    "ui",
    "watch",
    "report",
    "check",
)


def loaded(code: str, cwd: Path) -> set[str]:
    """The heavy modules that a fresh interpreter has loaded after `code`."""
    ask = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=cwd, env=env, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1])) & set(HEAVY)


def test_the_import_loads_nothing_heavy(tmp_path: Path) -> None:
    """`import gittrack` alone is cheap."""
    assert loaded("import gittrack", tmp_path) == set()


def test_the_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """`gittrack --help` is cheap."""
    code = (
        "from gittrack.cli import entry\nfrom gittrack.cli.main import invoke\nassert invoke(['--help']) == 0"
    )
    assert loaded(code, tmp_path) == set()


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_loads_nothing_heavy(verb: str, tmp_path: Path) -> None:
    """`gittrack VERB --help` needs the verb's file alone."""
    code = f"from gittrack.cli.main import invoke\nassert invoke(['{verb}', '--help']) == 0"
    assert loaded(code, tmp_path) == set()


def test_a_run_loads_no_pandas(repo: Path) -> None:
    """Recording a run needs neither pandas nor Rich nor numpy."""
    code = "import gittrack\nwith gittrack.start_run(params={'lr': 0.1}): gittrack.log_metric('loss', 0.5)"
    assert not loaded(code, repo) & {"pandas", "rich", "numpy", "plotext", "fsspec", "yaml"}
