"""What a sweep is to do, as a value: checked when it is made, kept with its run as JSON; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.errors import MalformedFile, UsageError
from gittrack.launch.projects.project_values import nearest
from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep import stopping
from gittrack.launch.sweep.space import OneOf, Space, SpaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

Goal = Literal["min", "max"]
_GOALS: Mapping[str, Goal] = {"min": "min", "max": "max"}
SAMPLERS = ("grid", "random", "tpe")
MOST = 1000
"""Trials that a grid may have without anybody saying so."""
_VERSION = 1
FILE = "the plan of the sweep"


@dataclass(frozen=True)
class Limits:
    """What bounds a sweep; a resumed one may have others.

    Attributes:
        jobs: trials at the same time.
        max_failures: how many may fail before no more are started, None for all.
        timeout: seconds after which no more are started, None for no limit.
        trial_timeout: seconds that one may take, None for no limit.
    """

    jobs: int = 1
    max_failures: int | None = None
    timeout: float | None = None
    trial_timeout: float | None = None


@dataclass(frozen=True)
class Plan:
    """What a sweep is to do. Made by :func:`made`.

    Attributes:
        space: of the params.
        target: what each trial runs, JSON: `kind` is `function`, `command` or `project`.
        sampler: one of `SAMPLERS`.
        trials: how many there are.
        seed: what makes random choices the same again.
        metric: that tells which trial is best, by its last value; None for none.
        goal: whether less or more of it is better.
        stop: the rule that ends trials early, see `stopping.parse`; None for none.
        limits: of the first attempt.
    """

    space: Space
    target: Mapping[str, Any]
    sampler: str
    trials: int
    seed: int
    metric: str | None = None
    goal: Goal = "max"
    stop: str | None = None
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> dict[str, Any]:
        """As :func:`from_json` reads it."""
        return {
            "version": _VERSION,
            "space": spaces.to_json(self.space),
            "target": dict(self.target),
            "sampler": self.sampler,
            "trials": self.trials,
            "seed": self.seed,
            "metric": self.metric,
            "goal": self.goal,
            "stop": self.stop,
            "limits": dict(vars(self.limits)),
        }

    def says(self) -> str:
        """In one line: `grid of 10 trials: lr, seed`."""
        names = ", ".join(spaces.varying(self.space)) or "nothing varies"
        word = "trial" if self.trials == 1 else "trials"
        what = {"grid": "grid of", "random": "random search of", "tpe": "TPE search of"}[self.sampler]
        return f"{what} {self.trials} {word}: {names}"


@dataclass(frozen=True)
class Asked:
    """What a person asks for, before it is known to make sense; None where nothing was said."""

    space: Space
    target: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sampler: str | None = None
    trials: int | None = None
    max_trials: int | None = None
    seed: int | None = None
    metric: str | None = None
    goal: str | None = None
    stop: str | None = None
    limits: Limits = field(default_factory=Limits)


def made(asked: Asked, *, seed: int, goal: Goal) -> Plan:
    """The plan that was asked for.

    Args:
        asked: what was.
        seed: where none was asked for.
        goal: of the metric, where none was asked for.

    Raises:
        UsageError: it makes no sense; says what to write.
        SpaceError: a param has no values, a grid is too large, or has a range.
    """
    if not asked.space:
        msg = "there is nothing to sweep over"
        raise SpaceError(msg, hint="name a param and its values: -P lr=0.1,0.01")
    sampler = _sampler(asked)
    trials = _trials(asked, sampler)
    _check_limits(asked)
    if sampler == "tpe" and asked.metric is None:
        msg = "TPE learns from a metric, and none is named"
        raise UsageError(msg, hint="--metric loss; `--sampler random` needs none")
    if asked.stop is not None:
        stopping.parse(asked.stop)
        if asked.metric is None:
            msg = "trials are stopped by a metric, and none is named"
            raise UsageError(msg, hint="--metric loss")
    if asked.goal is not None and asked.goal not in _GOALS:
        msg = f"the goal is min or max, not {asked.goal!r:.40}"
        raise UsageError(msg, hint="min where less is better")
    return Plan(
        asked.space,
        asked.target,
        sampler,
        trials,
        seed if asked.seed is None else asked.seed,
        asked.metric,
        _GOALS.get(asked.goal or "", goal),
        asked.stop,
        asked.limits,
    )


def _sampler(asked: Asked) -> str:
    continuous = [name for name, one in asked.space.items() if not isinstance(one, OneOf)]
    if asked.sampler is None and continuous:
        msg = f"{continuous[0]} is a range, and a grid needs lists"
        raise SpaceError(msg, hint="--sampler random --trials 20, or --sampler tpe; range(1, 9) is a list")
    sampler = asked.sampler or "grid"
    if sampler not in SAMPLERS:
        msg = f"no such sampler: {sampler[:40]}"
        raise UsageError(msg, hint=nearest(sampler, SAMPLERS) or f"there is {', '.join(SAMPLERS)}")
    if sampler == "grid" and continuous:
        msg = f"{continuous[0]} is a range, and a grid needs lists"
        raise SpaceError(msg, hint="list its values, or `--sampler random --trials 20`")
    return sampler


def _trials(asked: Asked, sampler: str) -> int:
    if asked.trials is not None and asked.trials < 1:
        msg = f"a sweep has one trial or more, not {asked.trials}"
        raise UsageError(msg, hint="--trials 20")
    points = spaces.size(asked.space)
    if sampler != "grid" and asked.trials is None:
        msg = f"how many trials? {sampler} search has no end"
        raise UsageError(msg, hint="--trials 20")
    if points is None or sampler == "tpe":
        return asked.trials or 1
    trials = min(points, asked.trials or points)
    if sampler == "grid" and asked.trials is None and trials > (asked.max_trials or MOST):
        msg = f"the grid has {points:,} points"
        hint = f"--trials 100 with --sampler random tries some; --max-trials {points} runs them all"
        raise SpaceError(msg, hint=hint)
    return trials


def _check_limits(asked: Asked) -> None:
    limits = asked.limits
    for name, value in (("jobs", limits.jobs), ("max-failures", limits.max_failures)):
        if value is not None and value < 1:
            msg = f"--{name} is 1 or more, not {value}"
            raise UsageError(msg, hint=f"--{name} 2")


def from_json(document: Any) -> Plan:  # noqa: ANN401  JSON that another clone may have written
    """The plan that :meth:`Plan.to_json` wrote.

    Raises:
        MalformedFile: it is none, or of a newer version.
    """
    if not isinstance(document, Mapping) or document.get("version") != _VERSION:
        raise MalformedFile(FILE, "it is none that this version reads", hint="update gittrack")
    try:
        plan = made(
            Asked(
                spaces.from_json(document["space"]),
                dict(document["target"]),
                document["sampler"],
                int(document["trials"]),
                seed=int(document["seed"]),
                metric=document["metric"],
                goal=document["goal"],
                stop=document["stop"],
                limits=Limits(**document["limits"]),
            ),
            seed=0,
            goal="max",
        )
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise MalformedFile(FILE, str(error), hint="start a new sweep") from error
    return plan


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)


def seconds(text: str) -> float:
    """Seconds: `90`, `90s`, `15m`, `2h`, `1d`.

    Raises:
        UsageError: it is no time.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None or not float(match[1]):
        msg = f"not a time: {text[:40]!r}"
        raise UsageError(msg, hint="write 90s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2]]


def unknown(names: Sequence[str], known: Sequence[str], what: str) -> UsageError:
    """The error for params that a target does not take."""
    msg = f"{what} takes no param {names[0]!r}"
    return UsageError(msg, hint=nearest(names[0], known) or f"it takes {', '.join(known) or 'none'}")
