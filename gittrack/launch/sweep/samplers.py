"""Which params a trial has: all points of a grid, or random ones. TPE is in `with_optuna`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Protocol

from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep.space import OneOf

if TYPE_CHECKING:
    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.trials import Trial


class Sampler(Protocol):
    """Chooses params."""

    def ask(self, number: int) -> dict[str, Any]:
        """The params of a trial that has none yet."""
        ...

    def tell(self, trial: Trial) -> None:
        """Learn from a trial that has ended, in this sweep or before it was resumed."""
        ...


class Grid:
    """Every point once, the last param fastest.

    Args:
        plan: with lists only.
    """

    def __init__(self, plan: Plan) -> None:
        self._lists = {name: one for name, one in plan.space.items() if isinstance(one, OneOf)}

    def ask(self, number: int) -> dict[str, Any]:
        """The point of that number."""
        found = {}
        for name in reversed(self._lists):
            values = self._lists[name].values
            number, place = divmod(number, len(values))
            found[name] = values[place]
        return {name: found[name] for name in self._lists}

    def tell(self, trial: Trial) -> None:
        """Nothing is learned."""


class Random:
    """Points by chance; each depends on the seed and its number alone. Of lists none comes twice.

    Args:
        plan: of the sweep.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._grid = Grid(plan)
        self._size = spaces.size(plan.space) or 0
        self._rng = random.Random(plan.seed)  # noqa: S311  no secret
        self._drawn: list[int] = []
        self._moved: dict[int, int] = {}

    def _point(self, number: int) -> int:
        """The place in the grid: a shuffle that is made as far as it is needed, whatever comes later."""
        while len(self._drawn) <= number:
            place = len(self._drawn)
            other = self._rng.randrange(place, self._size)
            self._drawn.append(self._moved.get(other, other))
            self._moved[other] = self._moved.get(place, place)
        return self._drawn[number]

    def ask(self, number: int) -> dict[str, Any]:
        """The point of that number."""
        if self._size:
            return self._grid.ask(self._point(number))
        rng = random.Random(f"{self._plan.seed} {number}")  # noqa: S311  no secret
        return {name: one.draw(rng) for name, one in self._plan.space.items()}

    def tell(self, trial: Trial) -> None:
        """Nothing is learned."""


def make(plan: Plan) -> Sampler:
    """The sampler of a plan.

    Raises:
        UsageError: it needs a library that is not installed.
    """
    if plan.sampler == "tpe":
        from gittrack.launch.sweep.with_optuna import Tpe

        return Tpe(plan)
    return Grid(plan) if plan.sampler == "grid" else Random(plan)
