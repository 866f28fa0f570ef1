"""Which runs are repetitions of each other."""

from __future__ import annotations

import pytest

from gittrack.core.records import Input
from gittrack.query.review.seeds import configuration, is_seed, one_a_seed, paired_runs, repetitions
from tests.support.reviews import made


@pytest.mark.parametrize(
    "name", ["seed", "train.seed", "random_state", "model/rng", "SEED", "data_seed", "fold"]
)
def test_names_of_seeds(name: str) -> None:
    """Params that tell repetitions apart."""
    assert is_seed(name)


@pytest.mark.parametrize("name", ["lr", "seeded", "linseed", "folder", "seedling"])
def test_other_names(name: str) -> None:
    """Params that do not."""
    assert not is_seed(name)


def test_the_newest_configuration() -> None:
    """Runs of the params of the newest; the others are named."""
    runs = [made({}, params={"lr": lr, "seed": seed}) for lr, seed in ((1, 1), (2, 1), (2, 2))][::-1]
    found = repetitions(runs)
    assert [run.params for run in found.runs] == [{"lr": 2, "seed": 2}, {"lr": 2, "seed": 1}]
    assert list(found.left_out) == [runs[2].id]


def test_the_configuration_of_others() -> None:
    """Where there are runs like those that are wanted, they are taken."""
    runs = [made({}, params={"lr": lr}) for lr in (1, 2)][::-1]
    assert repetitions(runs, [made({}, params={"lr": 1})]).runs == (runs[1],)
    assert repetitions(runs, [made({}, params={"lr": 3})]).runs == (runs[0],)


def test_a_seed_counts_once() -> None:
    """The newest run of each; runs without a seed all count."""
    twice = [made({}, params={"seed": 1}) for _ in range(2)]
    kept, left_out = one_a_seed(twice)
    assert (kept, left_out) == ((twice[0],), {twice[1].id: f"the same seed as {twice[0].id}"})
    assert len(one_a_seed([made({}), made({})])[0]) == 2


def test_code_and_data_are_of_the_configuration() -> None:
    """Other code, other inputs or another experiment are another configuration."""
    runs = [
        made({}, "1" * 40),
        made({}, "2" * 40),
        made({}, "1" * 40, inputs=(Input("a", "b", "c" * 64),)),
        made({}, "1" * 40, experiment="x"),
    ]
    assert len({configuration(run) for run in runs}) == 4
    assert configuration(runs[0], code=False) == configuration(runs[1], code=False)


def test_pairs() -> None:
    """Runs of the same seed stand beside each other."""
    before = [made({}, params={"seed": seed}) for seed in (1, 2)]
    after = [made({}, params={"seed": seed}) for seed in (2, 1)]
    assert paired_runs(before, after) == ((before[0], after[1]), (before[1], after[0]))


@pytest.mark.parametrize("seeds", [[1, 3], [1], [1, 1], [1, None]])
def test_no_pairs(seeds: list[int | None]) -> None:
    """Unless every run has its own seed and all match."""
    before = [made({}, params={"seed": seed}) for seed in (1, 2)]
    after = [made({}, params={} if seed is None else {"seed": seed}) for seed in seeds]
    assert paired_runs(before, after) == ()
