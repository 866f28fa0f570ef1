"""Seeds reach the program, and the record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.tracking import wrap
from gittrack.tracking.seeding import seed_of, seed_variables

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def test_variables() -> None:
    """A seed goes into the variables that programs read."""
    assert seed_variables(7) == {"GITTRACK_SEED": "7", "PYTHONHASHSEED": "7", "PL_GLOBAL_SEED": "7"}
    assert seed_variables(None) == {}


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_wrong(seed: int) -> None:
    """What Python or NumPy would refuse is refused at once."""
    with pytest.raises(InvalidValue, match="cannot be a seed"):
        seed_variables(seed)


@pytest.mark.parametrize(
    ("text", "seed"), [("7", 7), ("", None), ("x", None), ("-1", None), (str(2**32), None), ("٣", None)]
)
def test_read_back(text: str, seed: int | None) -> None:
    """Only what could have been a seed is one."""
    assert seed_of({"GITTRACK_SEED": text}) == seed
    assert seed_of({}) is None


def test_recorded(store: RunStore) -> None:
    """The program gets it; the run has it as a param and among its variables."""
    code = "import os, sys; sys.exit(os.environ['GITTRACK_SEED'] != '7')"
    run = wrap.run([sys.executable, "-c", code], store, wrap.Wish(seed=7)).run
    assert run is not None
    assert (run.status, run.params["seed"]) == ("finished", 7)
    assert store.environment(run.id)["variables"]["PYTHONHASHSEED"] == "7"


def test_a_seed_among_the_arguments_wins(store: RunStore) -> None:
    """The param is what the command line says."""
    run = wrap.run([sys.executable, "-c", "pass", "--seed", "3"], store, wrap.Wish(seed=7)).run
    assert run is not None
    assert run.params["seed"] == 3
