from __future__ import annotations

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.launch.environments.versions import exact, meets, normal


@pytest.mark.parametrize(
    ("version", "asked", "good"),
    [
        ("3.11.7", None, True),
        ("3.11.7", "3.11", True),
        ("3.11.7", "3", True),
        ("3.1.7", "3.11", False),
        ("3.11.7", "=3.11", True),
        ("3.11.7", "==3.11", False),
        ("3.11.0", "==3.11", True),
        ("3.11.7", "==3.11.*", True),
        ("3.11.7", "!=3.11.*", False),
        ("3.11.7", "!=3.11.6", True),
        ("3.11.7", ">=3.9,<3.12", True),
        ("3.12.0", ">=3.9,<3.12", False),
        ("3.11.7", "<=3.11.7", True),
        ("3.11.7", ">3.11.7", False),
        ("3.11.7", "~=3.9", True),
        ("4.0.0", "~=3.9", False),
        ("3.13.0rc1", ">=3.13", True),
        ("3.11.7", "nonsense", False),
    ],
)
def test_a_version_meets_a_wish(version: str, asked: str | None, good: bool) -> None:  # noqa: FBT001  a column
    """The operators of PEP 440, and a bare version that means any patch."""
    assert meets(version, asked) is good


@pytest.mark.parametrize(
    ("given", "result"),
    [(None, None), ("", None), (3.1, "3.10"), (3.11, "3.11"), (3, "3"), (" >= 3.9, < 4 ", ">=3.9,<4")],
)
def test_a_wish_has_one_spelling(given: object, result: str | None) -> None:
    """Numbers, as YAML makes them, and spaces."""
    assert normal(given, where="x") == result


@pytest.mark.parametrize(
    "given", [True, ["3.9"], "/bin/sh", "pypy3.9", "--help", "3.9;", ",", "3." * 60 + "1"]
)
def test_what_is_no_version_is_refused(given: object) -> None:
    """No program, no option."""
    with pytest.raises(InvalidValue, match=r"python_env\.yaml: .* is no Python version"):
        normal(given, where="python_env.yaml")


def test_the_one_version() -> None:
    """A range names none."""
    assert [exact(text) for text in ("3.11", "==3.11.7", ">=3.9", None)] == ["3.11", "3.11.7", None, None]
