"""From runs in a store to a verdict on them, and what is kept of it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.events import Judged, Renamed, TagsSet
from gittrack.launch.reproduction.values import BECAUSE, REPRODUCED, REPRODUCES, VERDICT
from gittrack.query.filter.nodes import And, Compare, Field, Or
from gittrack.query.fingerprint import fingerprint
from gittrack.query.search import find
from gittrack.query.verdict.contents import Contents, changed_code
from gittrack.query.verdict.judge import judge
from gittrack.query.verdict.kept import document
from gittrack.query.verdict.values import Evidence
from gittrack.tracking.arguments import params_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.records import Run
    from gittrack.launch.reproduction.values import Preparation
    from gittrack.query.filter.nodes import Node
    from gittrack.query.verdict.judge import Verdict
    from gittrack.store.runs import RunStore

_MOST = 30  # stored repeats that are looked at
_REPEAT = " (repeat)"
_NAME = 200  # characters of a name that are kept


def verdict_of(
    store: RunStore, original: Run, repeats: Sequence[Run], preparation: Preparation | None = None
) -> Verdict:
    """The verdict on runs of a store; stored repeats are looked at where the new ones differ.

    Args:
        store: of all of them.
        original: the run.
        repeats: the new ones.
        preparation: what they were run with, None for any two runs.

    Raises:
        InvalidValue: a rule in `metrics` or `artifacts.compare` is none.
    """
    first = evidence_of(store, original)
    new = [_alike(evidence_of(store, one), original, preparation) for one in repeats]
    verdict = _judged(store, first, new, ())
    if verdict.level != "differs":
        return verdict
    earlier = earlier_repeats(store, first, [one.id for one in repeats])
    return _judged(store, first, new, earlier) if earlier else verdict


def evidence_of(store: RunStore, run: Run) -> Evidence:
    """What a verdict looks at of a run."""
    return Evidence(run, store.series(run.id), store.environment(run.id))


def earlier_repeats(store: RunStore, original: Evidence, but: Sequence[str]) -> list[Evidence]:
    """Stored runs with the fingerprint of a run, the newest first, without it and some others.

    A run with the same snapshot, or that says that it repeats the original, is a candidate.
    """
    run = original.run
    wanted = fingerprint(run, original.environment)
    if wanted is None:
        return []
    node: Node = Or(
        (
            Compare(Field("attributes", "snapshot"), "=", run.source.snapshot or ""),
            Compare(Field("tags", REPRODUCES), "=", run.id),
        )
    )
    node = And((node, Compare(Field("attributes", "status"), "=", run.status)))
    found = [one for one in find(store, node, limit=_MOST) if one.id not in {run.id, *but}]
    candidates = (_alike(evidence_of(store, one), run, None) for one in found)
    return [one for one in candidates if fingerprint(one.run, one.environment) == wanted]


def _judged(
    store: RunStore, original: Evidence, repeats: Sequence[Evidence], earlier: Sequence[Evidence]
) -> Verdict:
    return judge(
        original,
        repeats,
        earlier,
        metrics=store.config.get("metrics"),
        artifacts=store.config.get("artifacts.compare"),
        reader=Contents(store),
        code=lambda before, after: changed_code(store, before, after),
    )


def _alike(repeat: Evidence, original: Run, preparation: Preparation | None) -> Evidence:
    """A repeat without what only the wrapper makes different: paths of the work tree, params from words."""
    run = repeat.run
    if preparation is not None and preparation.rewritten:
        run = replace(run, command=original.command)
    own = {name for name in params_of(run.command) if name not in original.params}
    params = {name: value for name, value in run.params.items() if name not in own}
    if preparation is not None:
        params |= {
            name: original.params[name]
            for name, value in params.items()
            if preparation.rewritten and str(preparation.tree) in str(value) and name in original.params
        }
    return replace(repeat, run=replace(run, params=params))


def name_of_repeat(original: Run) -> str:
    """What a repeat is called: not as its original, or neither could be named."""
    base = original.name.removesuffix(_REPEAT)
    return base[:_NAME] + _REPEAT


def keep(store: RunStore, original: Run, runs: Sequence[Run], verdict: Verdict) -> None:
    """Note the verdict in the new runs and the original; where that fails, the verdict still holds."""
    because = {BECAUSE: str(store.redactor.text(verdict.suspects[0].text))} if verdict.suspects else {}
    name, whole = name_of_repeat(original), Judged(document(verdict, store.redactor.text))
    try:
        for one in runs:
            renamed = [Renamed(name)] if one.name and one.name == original.name else []
            store.edit([one.id], [TagsSet({VERDICT: verdict.level, **because}), whole, *renamed])
        store.edit([original.id], [TagsSet({VERDICT: verdict.level, REPRODUCED: runs[-1].id}), whole])
    except (GitTrackError, OSError) as error:
        warnings.warn(f"the verdict is not kept: {error}", GitTrackWarning, stacklevel=2)
