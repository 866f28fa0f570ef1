"""Runs that differ in their seeds alone: which they are, and which of two groups belong together; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.public import finite
from gittrack.core.text import dump_json
from gittrack.query.changes.diff import code_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run

_SEED = re.compile(r"(?:^|[\W_])(?:seed|random_state|rng|fold)(?:[\W_]|$)", re.IGNORECASE)


class Repetitions(NamedTuple):
    """Runs of one configuration.

    Attributes:
        runs: the newest first, one a seed.
        left_out: id of another run to why it is not among them.
    """

    runs: tuple[Run, ...]
    left_out: Mapping[str, str]


def is_seed(name: str) -> bool:
    """Whether a param of that name tells repetitions apart: `seed`, `random_state`, `rng`, `fold`."""
    return _SEED.search(name) is not None


def seed_of(run: Run) -> str | None:
    """The seeds of a run as text, None where none is recorded."""
    seeds = {name: finite(run.params[name]) for name in sorted(run.params) if is_seed(name)}
    return _text(seeds) if seeds else None


def configuration(run: Run, *, code: bool = True) -> str:
    """What has to be the same of repetitions: experiment, params but seeds, data, and the code."""
    params = {name: finite(run.params[name]) for name in sorted(run.params) if not is_seed(name)}
    data = sorted([one.name, one.sha256 or ""] for one in run.inputs)
    return _text([run.experiment, params, data, code_of(run) if code else None])


def repetitions(runs: Sequence[Run], like: Sequence[Run] = ()) -> Repetitions:
    """The runs of one configuration: that of `like` where there are any, else that of the newest run.

    Args:
        runs: to choose from, the newest first, at least one.
        like: runs of other code whose configuration is wanted.
    """
    wanted = {configuration(run, code=False) for run in like}
    chosen = next((run for run in runs if configuration(run, code=False) in wanted), runs[0])
    same = configuration(chosen)
    left_out = {
        run.id: "another configuration: params, data or code" for run in runs if configuration(run) != same
    }
    kept, repeated = one_a_seed([run for run in runs if configuration(run) == same])
    return Repetitions(kept, left_out | repeated)


def one_a_seed(runs: Sequence[Run]) -> tuple[tuple[Run, ...], dict[str, str]]:
    """Of runs with the same configuration and seed the first: a repetition of a seed is no further sample."""
    kept: dict[tuple[str, str] | str, Run] = {}
    left_out: dict[str, str] = {}
    for run in runs:
        seed = seed_of(run)
        key = run.id if seed is None else (configuration(run), seed)
        if key in kept:
            left_out[run.id] = f"the same seed as {kept[key].id}"
        else:
            kept[key] = run
    return tuple(kept.values()), left_out


def paired_runs(before: Sequence[Run], after: Sequence[Run]) -> tuple[tuple[Run, Run], ...]:
    """Runs of the same seed, before and after; empty unless every run has its own and all match."""
    old = {seed: run for run in before if (seed := seed_of(run)) is not None}
    new = {seed: run for run in after if (seed := seed_of(run)) is not None}
    whole = len(old) == len(before) and len(new) == len(after)
    if not whole or old.keys() != new.keys():
        return ()
    return tuple((old[seed], new[seed]) for seed in sorted(old))


def _text(value: object) -> str:
    return dump_json(value).decode()
