from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.launch.sweep.space import OneOf, Real, Whole
from gittrack.launch.sweep.space_file import read

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
params:
  lr: loguniform(1e-5, 1e-1)
  optimizer: [adam, sgd]
  depth: {int: [1, 8]}
  epochs: 10
  resume: null
sampler: tpe
trials: 50
metric: loss
"""


def test_a_space_and_how_it_is_searched(tmp_path: Path) -> None:
    """Text, lists, mappings and single values."""
    path = tmp_path / "sweep.yaml"
    path.write_text(TEXT)
    space, settings = read(path)
    assert space == {
        "lr": Real(1e-5, 0.1, log=True),
        "optimizer": OneOf(("adam", "sgd")),
        "depth": Whole(1, 8),
        "epochs": OneOf((10,)),
        "resume": OneOf((None,)),
    }
    assert settings == {"sampler": "tpe", "trials": 50, "metric": "loss"}


def test_a_file_that_is_nothing_but_a_space(tmp_path: Path) -> None:
    """Without `params` every key is one."""
    path = tmp_path / "space.yaml"
    path.write_text("lr: [1, 2]\n")
    assert read(path) == ({"lr": OneOf((1, 2))}, {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("params: {lr: 1}\nsampl: tpe\n", "unknown key 'sampl'"),
        ("params: {lr: 1}\ntrials: many\n", "trials is not a whole number"),
        ("params: {lr: 1}\nmetric: 3\n", "metric is not text"),
        ("params: []\n", "there are no params"),
        ("lr: uniform(1)\n", "lr: uniform takes two numbers"),
        ("lr: []\n", "is empty"),
        ("a: " + "x" * 1_000_001, "too large"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, says: str) -> None:
    """Each names the file."""
    path = tmp_path / "sweep.yaml"
    path.write_text(text)
    with pytest.raises(MalformedFile, match=says) as raised:
        read(path)
    assert "sweep.yaml" in raised.value.path
    assert raised.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(MalformedFile, match=r"none\.yaml: No such file"):
        read(tmp_path / "none.yaml")
