"""From what a person asks for to a plan: of a new sweep, or of one to go on with."""

from __future__ import annotations

import inspect
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep import space as spaces
from gittrack.launch.sweep import state
from gittrack.query.select import goal, resolve
from gittrack.tracking import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run
    from gittrack.launch.sweep.plan import Asked, Plan
    from gittrack.store.runs import RunStore


def plan_for(store: RunStore, asked: Asked) -> Plan:
    """The plan that was asked for; seed and goal are chosen where nobody said them."""
    rules = store.config.get("metrics")
    chosen = goal(asked.metric, rules) if asked.metric is not None else "max"
    values.check_params(dict.fromkeys(asked.space))
    return plans.made(asked, seed=random.SystemRandom().randrange(2**31), goal=chosen)


def find_sweep(store: RunStore, text: str) -> Run:
    """The run of a sweep.

    Raises:
        RunNotFound, AmbiguousRun: no run, or more than one.
        UsageError: it is no sweep.
    """
    store.recover()
    found = resolve(store, text)
    state.plan_of(found)
    return found


def again(before: Run, asked: Asked) -> Plan:
    """The plan of a sweep to go on with, with more trials where more are asked for.

    Raises:
        UsageError: something is asked for that would make another sweep of it.
    """
    plan = state.plan_of(before)
    fixed = {
        "sampler": asked.sampler,
        "metric": asked.metric,
        "goal": asked.goal,
        "stop": asked.stop,
        "seed": asked.seed,
    }
    for name, wanted in fixed.items():
        if wanted is not None and wanted != getattr(plan, name):
            msg = f"the {name} of that sweep is {getattr(plan, name)}, not {wanted}"
            raise UsageError(msg, hint="leave it out, or begin a new sweep")
    if asked.space and spaces.to_json(asked.space) != spaces.to_json(plan.space):
        msg = "that sweep has another space"
        raise UsageError(msg, hint="leave the params out, or begin a new sweep")
    if asked.target and asked.target.get("kind") != plan.target.get("kind"):
        msg = f"that sweep runs a {plan.target.get('kind')}"
        raise UsageError(msg, hint=f"resume it as a {plan.target.get('kind')}")
    space = asked.space or plan.space
    points = spaces.size(space)
    more = plan.trials if asked.trials is None else max(plan.trials, asked.trials)
    return replace(
        plan, space=space, trials=more if points is None or plan.sampler == "tpe" else min(more, points)
    )


def check_params(function: Callable[..., Any], plan: Plan) -> None:
    """See that a function takes the params.

    Raises:
        UsageError: it does not take one, or needs another one.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built in
        return
    takes = [one.name for one in signature.parameters.values() if one.kind in _BY_NAME]
    anything = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in signature.parameters.values())
    name = getattr(function, "__name__", "the function")
    strange = [] if anything else [one for one in plan.space if one not in takes]
    if strange:
        raise plans.unknown(strange, takes, name)
    missing = [
        one.name
        for one in signature.parameters.values()
        if one.kind in _BY_NAME and one.default is one.empty and one.name not in plan.space
    ]
    if missing:
        msg = f"{name} needs {missing[0]!r}, which is not in the space"
        raise UsageError(msg, hint=f'give it one value: {{"{missing[0]}": 1}}')


_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
