"""How often gates raise a false alarm, and how often they find a change: `python benchmarks/gates.py`.

Simulated histories of three metrics with goals. A/A: both sides are drawn from the same distribution, so
that each failed gate is a false alarm. Power: the first metric gets worse by so many standard deviations.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))
from gittrack.core.records import MetricSummary, Run
from gittrack.query.review.gates import all_gates, parse
from gittrack.query.review.metrics import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 20)
EFFECTS = (0.0, 1.0, 2.0, 3.0, 4.0)
RULES = {"acc": {"goal": "max"}, "loss": {"goal": "min"}, "f1": {"goal": "max"}}
REQUIRED = ("acc >= baseline", "loss <= baseline", "f1 >= baseline")
NOISES: dict[str, Callable[[random.Random], float]] = {
    "normal": lambda chance: chance.gauss(0, 1),
    "skewed (log-normal)": lambda chance: chance.lognormvariate(0, 1) - 1.6487,
    "heavy tails (t, 3 degrees)": lambda chance: (
        chance.gauss(0, 1) / (chance.gammavariate(1.5, 2) / 3) ** 0.5
    ),
    "in steps (rounded to half a deviation)": lambda chance: round(chance.gauss(0, 1) * 2) / 2,
}


def run_of(number: int, values: dict[str, float], *, seed: bool) -> Run:
    """A run with these last values."""
    metrics = {key: MetricSummary(value, 0, 0, value, value, 1) for key, value in values.items()}
    params = {"seed": number % 1000} if seed else {}
    return Run(id=f"{number}", status="finished", start_time=number, params=params, metrics=metrics)


def history(
    chance: random.Random, size: int, effect: float, noise: Callable[[random.Random], float], *, paired: bool
) -> tuple[list[Run], list[Run]]:
    """Runs before and after; with pairs, half of the noise comes from the seed and is on both sides."""
    shared = [{key: noise(chance) for key in RULES} for _ in range(size)]
    sides = []
    for side in range(2):
        runs = []
        for number in range(size):
            own = {key: noise(chance) for key in RULES}
            if paired:
                own = {key: 0.7 * shared[number][key] + 0.7 * own[key] for key in RULES}
            values = {key: 10 + own[key] for key in RULES}
            if side:
                values["acc"] -= effect
            runs.append(run_of(side * 1000 + number, values, seed=paired))
        sides.append(runs)
    return sides[0], sides[1]


def alarms(before: Sequence[Run], after: Sequence[Run], required: Sequence[str]) -> bool:
    """Whether a gate fails."""
    rows = rows_of(before, after, RULES)
    return any(
        one.status == "failed" for one in all_gates(rows, [parse(text) for text in required], compared=True)
    )


def share(
    count: int, size: int, effect: float, noise: str, required: Sequence[str] = (), *, paired: bool = False
) -> float:
    """The share of histories in which a gate fails."""
    chance = random.Random(f"{size} {effect} {noise} {paired}")  # noqa: S311  a simulation
    found = 0
    for _ in range(count):
        found += alarms(*history(chance, size, effect, NOISES[noise], paired=paired), required)
    return found / count


def main() -> None:
    """Print the tables, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=1000)
    count = parser.parse_args().histories
    print(f"False alarms in {count:,} A/A histories of three gated metrics, by seeds a side\n")
    print("| noise | ", " | ".join(map(str, SIZES)), " |\n|---|", "--:|" * len(SIZES), sep="")
    for noise in NOISES:
        print(f"| {noise} |", " | ".join(f"{share(count, size, 0, noise):.1%}" for size in SIZES), "|")
    pairs = [f"{share(count, size, 0, 'normal', paired=True):.1%}" for size in SIZES]
    print("| normal, same seeds on both sides |", " | ".join(pairs), "|")
    asked = [f"{share(count, size, 0, 'normal', REQUIRED):.1%}" for size in SIZES]
    print("| normal, `--require 'acc >= baseline'` and two like it |", " | ".join(asked), "|")
    print(f"\nChanges found in {count:,} histories, by size in standard deviations and seeds a side\n")
    print("| change | ", " | ".join(map(str, SIZES)), " |\n|---|", "--:|" * len(SIZES), sep="")
    for effect in EFFECTS[1:]:
        found = [f"{share(count, size, effect, 'normal'):.0%}" for size in SIZES]
        print(f"| {effect:g} σ |", " | ".join(found), "|")
        found = [f"{share(count, size, effect, 'normal', paired=True):.0%}" for size in SIZES]
        print(f"| {effect:g} σ, same seeds |", " | ".join(found), "|")


if __name__ == "__main__":
    main()
