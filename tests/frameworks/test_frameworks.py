"""Frameworks that need an environment of their own: each folder here is a suite that runs in it.

`.ci/frameworks NAME` makes the environment; `PYTHONPATH=. ENVIRONMENT/bin/python -m pytest
tests/frameworks/NAME` runs one by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.servers.base import PARTS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NAMES = sorted(path.parent.name for path in HERE.glob("*/requirements.txt"))
_PATIENCE = 600.0  # seconds for one of them, on a machine that is busy


def python_of(name: str) -> Path:
    """The Python of a framework; the test is skipped where there is none, or fails where all is required."""
    folder = PARTS / "frameworks" / name
    if not (folder / "requirements.sha256").exists():
        reason = f"no environment {folder}; run .ci/frameworks {name}"
        if os.environ.get("GITTRACK_TEST_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def environment() -> dict[str, str]:
    """Of the child: gittrack comes by its path, and nothing comes from the virtual environment around it."""
    hidden = ("PYTEST_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**kept, "PYTHONPATH": str(ROOT), "GITTRACK_TEST_REQUIRE": "all"}


@pytest.mark.parametrize("name", NAMES)
def test_framework(name: str, tmp_path: Path) -> None:
    """Its suite passes in its environment, and nothing is left out."""
    report = tmp_path / "report.xml"
    options = [
        f"--junitxml={report}",
        f"--basetemp={tmp_path / 'tests'}",
        "-p",
        "no:cacheprovider",
        "-q",
        "--no-cov",
    ]
    done = subprocess.run(
        [python_of(name), "-m", "pytest", *options, HERE / name],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  pytest wrote it just now
    assert sum(int(one.get("tests", 0)) for one in suites) > 0, done.stdout
    assert sum(int(one.get("skipped", 0)) for one in suites) == 0, done.stdout
