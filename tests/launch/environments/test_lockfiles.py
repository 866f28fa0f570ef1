from __future__ import annotations

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.drift import compare, plain
from gittrack.launch.environments.lockfiles import Pin, local_sources, parse_pylock, parse_uv

UV = """version = 1
[[package]]
name = "demo"
source = { editable = "." }
dependencies = [{ name = "Six" }, { name = "colorama", marker = "sys_platform == 'win32'" }]
[[package]]
name = "Six"
version = "1.17.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "numpy" }]
[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "numpy"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "numpy"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
"""
PYLOCK = """lock-version = "1.0"
[[packages]]
name = "six"
version = "1.17.0"
[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
"""


def test_the_pins_of_uv() -> None:
    """What hangs on a marker is not certain; the project has no version; forks give several."""
    assert parse_uv(UV, where="uv.lock") == {
        "colorama": Pin(("0.4.6",), certain=False),
        "demo": Pin((), certain=False),
        "numpy": Pin(("1.0", "2.0"), certain=True),
        "six": Pin(("1.17.0",), certain=True),
    }


def test_the_pins_of_a_pylock() -> None:
    """A package with a marker is not certain."""
    assert parse_pylock(PYLOCK, where="pylock.toml") == {
        "colorama": Pin(("0.4.6",), certain=False),
        "six": Pin(("1.17.0",), certain=True),
    }


@pytest.mark.parametrize("text", ["lock-version = '2.0'", "", "="])
def test_a_pylock_of_another_version(text: str) -> None:
    """It is not guessed at."""
    with pytest.raises(MalformedFile, match=r"^pylock\.toml"):
        parse_pylock(text, where="pylock.toml")


def test_local_code_in_a_lock() -> None:
    """Kind and path."""
    assert local_sources(UV.encode()) == [("editable", ".")]


def test_an_environment_as_locked_has_no_drift() -> None:
    """Tools, the project itself and platform packages are no drift."""
    installed = {"six": "1.17.0", "numpy": "2.0.0", "pip": "24", "demo": "0.1"}
    assert not compare(parse_uv(UV, where="uv.lock"), installed)


def test_drift_has_three_kinds() -> None:
    """Changed, missing and extra."""
    drift = compare(parse_uv(UV, where="uv.lock"), {"six": "1.16.0", "idna": "3"})
    assert drift.to_record() == {
        "changed": {"six": {"locked": "1.17.0", "installed": "1.16.0"}},
        "missing": {"numpy": "1.0 or 2.0"},
        "extra": {"idna": "3"},
    }


@pytest.mark.parametrize(
    ("left", "right", "same"), [("1.0", "1.0.0", True), ("v1", "1", True), ("1.0+cpu", "1.0", False)]
)
def test_versions_in_one_spelling(left: str, right: str, same: bool) -> None:  # noqa: FBT001  a column
    """Zeros at the end say nothing, a local version does."""
    assert (plain(left) == plain(right)) is same
