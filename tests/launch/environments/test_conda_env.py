from __future__ import annotations

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.conda_env import as_pip, parse, python_of


def test_all_that_counts() -> None:
    """Where the environment goes is not for the file to say."""
    text = b"""
name: demo
prefix: /etc
channels: [conda-forge, file:///x/y]
dependencies: [python=3.11, "numpy >=1.26,<2", conda-forge::r-base, pip, {pip: [six, -r requirements.txt]}]
variables: {OMP_NUM_THREADS: 2}
chanels: [x]
"""
    env = parse(text, where="conda.yaml")
    assert env.channels == ("conda-forge", "file:///x/y")
    assert env.dependencies == ("conda-forge::r-base", "numpy >=1.26,<2", "pip", "python=3.11")
    assert env.pip == ("six", "-r requirements.txt")
    assert env.variables == (("OMP_NUM_THREADS", "2"),)
    assert env.notes == ("conda.yaml: unknown key 'chanels', meant 'channels'?",)


@pytest.mark.parametrize(
    "text",
    [
        b"dependencies: [--help]",
        b"dependencies: [{conda: [x]}]",
        b"dependencies: ['a; rm -rf']",
        b"channels: [--override]",
        b"channels: x",
        b"variables: [x]",
        b"variables: {a-b: x}",
    ],
)
def test_what_is_refused(text: bytes) -> None:
    """Nothing of the file becomes an option."""
    with pytest.raises(MalformedFile):
        parse(text, where="conda.yaml")


@pytest.mark.parametrize(
    ("dependencies", "lines"),
    [
        ("[]", ()),
        ("[python=3.8.13, pip]", ("pip",)),
        ("[python>=3.8, pip<=22.0.4, wheel=0.40]", ("pip<=22.0.4", "wheel==0.40.*")),
        ("[setuptools==65.5.0]", ("setuptools==65.5.0",)),
        ("[python=3.8, numpy]", None),
        ("['python[build=x]']", None),
        ("['python=3.8=*_cpython']", None),
    ],
)
def test_what_needs_no_conda(dependencies: str, lines: tuple[str, ...] | None) -> None:
    """Python, pip and the tools of pip."""
    assert as_pip(parse(f"dependencies: {dependencies}".encode(), where="x")) == lines


@pytest.mark.parametrize(
    ("spec", "asked"), [("python=3.8", "3.8"), ("python>=3.8,<4", ">=3.8,<4"), ("python", None)]
)
def test_the_python_that_is_asked_for(spec: str, asked: str | None) -> None:
    """As PEP 440 says it."""
    assert python_of(parse(f"dependencies: ['{spec}']".encode(), where="x")) == asked
