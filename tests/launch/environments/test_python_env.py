from __future__ import annotations

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.python_env import parse


def test_what_mlflow_writes() -> None:
    """The three keys."""
    text = b"python: 3.10\nbuild_dependencies:\n- pip==23\n- wheel\ndependencies:\n- -r requirements.txt\n"
    env = parse(text, where="python_env.yaml")
    assert env == ("3.10", ("pip==23", "wheel"), ("-r requirements.txt",), ())


def test_an_unknown_key_has_a_near_one() -> None:
    """It is a note, as the rest can be used."""
    assert parse(b"dependancies: []", where="p.yaml").notes == (
        "p.yaml: unknown key 'dependancies', meant 'dependencies'?",
    )


@pytest.mark.parametrize("text", [b"dependencies: six", b"dependencies: [1]", b"- x", b"\xff"])
def test_what_is_no_such_file(text: bytes) -> None:
    """It is named."""
    with pytest.raises(MalformedFile, match=r"^p\.yaml"):
        parse(text, where="p.yaml")
