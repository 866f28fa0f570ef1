from __future__ import annotations

import pytest

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects import entry_points
from gittrack.launch.projects.entry_points import NoSuchEntryPoint
from gittrack.launch.projects.mlproject import parse

PROJECT = parse(b"entry_points: {main: {command: a}, train.py: {command: b}, empty: {}}")


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("main", "a"),
        ("train.py", "b"),
        ("other.py", "python other.py"),
        ("a b.py", "python 'a b.py'"),
        ("run.sh", "bash run.sh"),
        ("fit.R", "Rscript -e \"mlflow::mlflow_source('fit.R')\" --args"),
    ],
)
def test_found(name: str, command: str) -> None:
    """A declared one, else a script by its suffix."""
    assert entry_points.find(PROJECT, name).command == command


@pytest.mark.parametrize(
    ("name", "hint"),
    [("mian", "did you mean 'main'?"), ("zzz", "there are main, train.py"), ("x.txt", "ends in")],
)
def test_not_found(name: str, hint: str) -> None:
    """The hint names what is near, or what there is."""
    with pytest.raises(NoSuchEntryPoint) as caught:
        entry_points.find(PROJECT, name)
    assert hint in (caught.value.hint or "")


def test_no_command() -> None:
    """An entry point without a command cannot be run."""
    with pytest.raises(GitTrackError, match="has no command"):
        entry_points.find(PROJECT, "empty")
