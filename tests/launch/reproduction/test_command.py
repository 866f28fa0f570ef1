"""The command of a run, to be run again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.core.records import Run
from gittrack.launch.reproduction.command import again, part_of, variables

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

RUN = Run("20261124-000000-abcdefgh", command=("python", "train.py"))
TREE = Path("/tmp/tree")  # noqa: S108  only a text


def test_paths_of_the_work_tree(store: RunStore, repo: Path) -> None:
    """Whole paths into the user's tree are moved, others are not."""
    words = ("python", f"{repo}/a.py", f"--out={repo}/x", f"{repo}-other/a", str(repo))
    found = again(store, dataclasses.replace(RUN, command=words), TREE)
    assert found.words == ("python", f"{TREE}/a.py", f"--out={TREE}/x", f"{repo}-other/a", str(TREE))
    assert found.rewritten
    assert found.notes


def test_as_it_is(store: RunStore) -> None:
    """A command without such paths stays as it is."""
    assert again(store, RUN, TREE) == (RUN.command, (), (), False)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "was not recorded"),
        (("x", "--token=[redacted]"), "holds a secret"),
    ],
)
def test_what_cannot_be(store: RunStore, words: tuple[str, ...], why: str) -> None:
    """What is missing is said."""
    (missing,) = again(store, dataclasses.replace(RUN, command=words), TREE).missing
    assert why in missing


def test_parts(store: RunStore) -> None:
    """A run whose parent is not here, or was another command, stands on its own."""
    assert part_of(store, RUN) is None
    assert part_of(store, dataclasses.replace(RUN, parent_id="20261124-000000-aaaaaaaa")) is None


def test_variables(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded ones are set, others of their kind are taken away; those of the machine stay."""
    monkeypatch.setenv("OMP_DYNAMIC", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    names = {
        "OMP_NUM_THREADS": "2",
        "PATH": "/evil",
        "LD_PRELOAD": "/evil.so",
        "CUDA_VISIBLE_DEVICES": "7",
        "TORCH_HOME": "[redacted]",
    }
    found, gone = variables(store, {"variables": names})
    assert found == {"OMP_NUM_THREADS": "2"}
    assert "OMP_DYNAMIC" in gone
    assert "CUDA_VISIBLE_DEVICES" not in gone
    assert variables(store, {"variables": []})[0] == {}
