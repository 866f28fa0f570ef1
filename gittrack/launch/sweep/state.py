"""How far a sweep has come, from its runs alone: there is no other record."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile, RunNotFound, UsageError
from gittrack.core.redact_patterns import REDACTED
from gittrack.core.text import dump_json, load_json
from gittrack.launch.sweep import output
from gittrack.launch.sweep import plan as plans
from gittrack.launch.sweep.space import OneOf
from gittrack.launch.sweep.trials import NUMBER, OF, PLAN, of_run
from gittrack.query.filter.nodes import Compare, Field
from gittrack.query.search import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run
    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.trials import Trial
    from gittrack.store.runs import RunStore


def plan_of(run: Run) -> Plan:
    """The plan of a sweep.

    Raises:
        UsageError: the run is no sweep.
        MalformedFile: its plan cannot be read, or secrets were hidden in it.
    """
    text = run.tags.get(PLAN)
    if text is None:
        msg = f"run {run.id} is no sweep"
        raise UsageError(msg, hint="`gittrack ls 'tags.gittrack.sweep.plan != \"\"'` lists sweeps")
    try:
        document = load_json(text)
    except ValueError as error:
        raise MalformedFile(plans.FILE, str(error), hint="start a new sweep") from error
    plan = plans.from_json(document)
    if REDACTED in str(plan.space):
        msg = "a secret is hidden in its space"
        raise MalformedFile(plans.FILE, msg, hint="start a new sweep; the runs of this one stay")
    return plan


def trials_of(store: RunStore, sweep_id: str, plan: Plan) -> list[Trial]:
    """The trials that have runs, by number, each once: the one that is done, else the last one.

    Args:
        store: where to look; nothing there is being written by workers of this sweep.
        sweep_id: of the sweep.
        plan: of it.
    """
    found: dict[int, Trial] = {}
    for run in reversed(find(store, Compare(Field("tags", OF), "=", sweep_id))):
        number = _number(run, plan)
        if number is None or (number in found and found[number].done):
            continue
        found[number] = of_run(run, number, params_of(run, plan), plan.metric)
    return [found[number] for number in sorted(found)]


def settled(store: RunStore, run_id: str) -> Run | None:
    """The run of a trial whose process has ended, committed; None where it had not begun."""
    if store.is_live(run_id):
        output.keep(store, store.live_directory(run_id))
        store.recover()
    with contextlib.suppress(RunNotFound):
        return store.get(run_id)
    return None


def params_of(run: Run, plan: Plan) -> Mapping[str, Any]:
    """The params of a trial as its run has them: the values of the space where they are there."""
    return {name: _value(run.params[name], one) for name, one in plan.space.items() if name in run.params}


def _value(logged: Any, one: object) -> Any:  # noqa: ANN401  a param
    """The value of the list that was logged; a program may have logged it as text."""
    if not isinstance(one, OneOf):
        return logged
    wanted = _text(logged)
    return next((value for value in one.values if _text(value) == wanted), logged)


def _text(value: object) -> str:
    try:
        return dump_json(value).decode().strip('"')
    except (TypeError, ValueError):
        return str(value)


def _number(run: Run, plan: Plan) -> int | None:
    text = run.tags.get(NUMBER, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  somebody else's text
        return None
    return int(text) if int(text) < plan.trials else None
