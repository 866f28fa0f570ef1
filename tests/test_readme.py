"""The README tells the truth: its session and its programs are run."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import readme
from tests.support.git import make_repo

if TYPE_CHECKING:
    from pathlib import Path

ROOT = readme.README.parent


def test_the_session_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """Every command of the session prints what is shown, ids and times apart."""
    shown = readme.session(readme.blocks("console")[0])
    said = readme.play([one.command for one in shown], tmp_path)
    assert readme.shapes(said) == readme.shapes(shown)


def test_the_session_is_six_lines() -> None:
    """The first screen holds it."""
    assert len(readme.session(readme.blocks("console")[0])) == 6


def test_the_first_program_is_eight_lines() -> None:
    """As short as promised."""
    assert len(readme.blocks("python")[0].splitlines()) == 8


@pytest.mark.parametrize("number", range(1, len(readme.blocks("python"))))
def test_programs_run(number: int, tmp_path: Path) -> None:
    """Every other block of Python runs as it stands."""
    repo = make_repo(tmp_path / "repo")
    code = readme.blocks("python")[number]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=repo, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_name_extras_that_exist() -> None:
    """What the two commands install is in `pyproject.toml`."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"'\.\[(\w+)\]'", "\n".join(readme.blocks("sh")))
    assert named == ["examples", "test"]
    assert all(re.search(rf"^{name} = \[", declared, re.MULTILINE) for name in named)


def test_shape_hides_what_varies() -> None:
    """Two outputs that differ in ids and times alone have one shape."""
    first = "20261124-040448-abcdefgh  base  1.2 s   2026-11-24 04:04"
    second = "20271231-235959-zyxw0123  base  870 ms  2027-12-31 23:59"
    assert readme.shape(first) == readme.shape(second)
