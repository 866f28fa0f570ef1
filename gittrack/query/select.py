"""RUN: the words that name one run.

::

    20261124-034313-k3f9a2x0   its id, or an unambiguous part of it: the beginning, the end, or any
    k3f9                       piece of 3 characters or more
    baseline                   its name, where only one run has it
    @last  @last~2             the newest, and the second before it
    @best:acc  @worst:acc      by the last value of a metric; the setting `metrics` says whether more is
                               better, else the name does: less is of loss, error, RMSE and the like
    @best:acc:RUN              the same among the runs nested in RUN, a sweep
    @1f2e3d4                   the newest of a commit of the code, or of a snapshot
    models:/churn@champion     the run of a registered model: by an alias, /VERSION or /latest
"""

from __future__ import annotations

import contextlib
import difflib
import re
from typing import TYPE_CHECKING, Literal

from gittrack.core.errors import AmbiguousRun, GitTrackError, RunNotFound
from gittrack.core.ids import is_run_id
from gittrack.core.times import iso
from gittrack.query.compare.side_by_side import goal_of
from gittrack.query.filter.nodes import And, Compare, Field, Is, Or, Order
from gittrack.query.search import find, live_runs
from gittrack.store.index.values import bindable
from gittrack.store.registry.names import is_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gittrack.core.records import Run
    from gittrack.query.filter.nodes import Node
    from gittrack.store.runs import RunStore

SHORTEST = 3  # characters of a part of an id
_LAST = re.compile(r"@last(?:~(\d{1,9}))?", re.IGNORECASE)
_BY_METRIC = re.compile(r"@(best|worst):(.+)", re.IGNORECASE | re.DOTALL)
_COMMIT = re.compile(r"@([0-9a-f]{4,64})", re.IGNORECASE | re.ASCII)
_LESS_IS_BETTER = re.compile(
    r"(?:^|[\W_])(?:loss|nll|error|err|mae|mse|rmse|mape|perplexity|ppl|wer|cer|fid|bpb|bpc|eer|duration|time|latency)\d*(?:[\W_]|$)"
    r"|loss$|error$|rmse$",
    re.IGNORECASE,
)
_SHOWN = 5
_LISTS = "`gittrack ls` lists them; `gittrack pull` fetches those of others"


def resolve(store: RunStore, text: str, *, deleted: bool = False) -> Run:
    """The run that a RUN names.

    Args:
        store: where to look.
        text: see above.
        deleted: hidden runs too. One that is named by its whole id is always found.

    Raises:
        RunNotFound, ModelNotFound: no run matches.
        AmbiguousRun: several do; the hint lists them.
    """
    word = bindable(text.strip())
    if is_model(word):
        from gittrack.store.registry.resolve import version_of  # hardly ever asked for

        word = version_of(store, word).run_id
    if word.startswith("@"):
        return _special(store, word, deleted=deleted)
    if is_run_id(word) and (whole := _whole(store, word)) is not None:
        return whole
    live = {run.id: run for run in live_runs(store)}
    known = {one.run_id: (one.name, one.deleted) for one in store.index.candidates(word)}
    known |= {run.id: (run.name, run.deleted) for run in live.values()}
    shown = {
        run_id: name for run_id, (name, hidden) in known.items() if deleted or not hidden or run_id == word
    }
    ids = named(shown, word)
    if len(ids) == 1:
        return live.get(ids[0]) or _committed(store, ids[0])
    if ids:
        raise _ambiguous(
            word, [live.get(run_id) or _committed(store, run_id) for run_id in ids[: _SHOWN + 1]], len(ids)
        )
    raise _not_found(
        store, word, hidden=bool(named({run_id: name for run_id, (name, _) in known.items()}, word))
    )


def _whole(store: RunStore, run_id: str) -> Run | None:
    """The run of that id, None without one; spares looking through the ids of all runs."""
    if store.is_live(run_id):
        with contextlib.suppress(GitTrackError):
            return store.get(run_id)
    store.index.refresh()
    return store.index.get(run_id)


def named(runs: Mapping[str, str], word: str) -> list[str]:
    """Which runs a word may mean: by id, else by name, by beginning, by end, by any piece of the id.

    Args:
        runs: id to name.
        word: what was written.

    Returns:
        Ids, the newest first. The first of the ways that gives any decides.
    """
    ids = sorted(runs, reverse=True)
    tiers = [[one for one in ids if one == word], [one for one in ids if runs[one] == word and word]]
    if len(word) >= SHORTEST:
        lower = word.lower()
        tiers += [
            [one for one in ids if one.lower().startswith(lower)],
            [one for one in ids if one.lower().endswith(lower)],
            [one for one in ids if lower in one.lower()],
        ]
    return next((tier for tier in tiers if tier), [])


def goal(metric: str, rules: Mapping[str, Any]) -> Literal["min", "max"]:
    """Whether less or more of a metric is better: as the setting `metrics` says, else by its name."""
    return goal_of(metric, rules) or ("min" if _LESS_IS_BETTER.search(metric) else "max")


def _special(store: RunStore, word: str, *, deleted: bool) -> Run:
    if match := _LAST.fullmatch(word):
        offset = int(match[1] or 0)
        what = f"{offset + 1} runs" if offset else "run yet"
        return _first(find(store, None, limit=1, offset=offset, deleted=deleted), f"no {what}", _LISTS)
    if match := _BY_METRIC.fullmatch(word):
        return _by_metric(store, match[1].lower(), match[2], deleted=deleted)
    if match := _COMMIT.fullmatch(word):
        pattern = f"{match[1].lower()}%"
        fields = (Field("attributes", "commit"), Field("attributes", "snapshot"))
        node: Node = Or(tuple(Compare(field, "LIKE", pattern) for field in fields))
        return _first(find(store, node, limit=1, deleted=deleted), f"no run of commit {match[1]}", _LISTS)
    msg = f"no such RUN: {word[:80]}"
    raise RunNotFound(msg, hint="write @last, @last~1, @best:METRIC, @worst:METRIC or @COMMIT")


def _by_metric(store: RunStore, which: str, metric: str, *, deleted: bool) -> Run:
    runs = _sorted_by(store, which, metric, deleted=deleted)
    known = {} if runs else store.index.keys("metrics")
    name, colon, around = metric.rpartition(":")
    if colon and name and around and not runs and metric not in known:
        parent = resolve(store, around, deleted=deleted)
        runs = _sorted_by(store, which, name, deleted=deleted, parent=parent)
        if not runs and find(store, _nested_in(parent), limit=1, deleted=deleted):
            msg, hint = (
                f"no run nested in {parent.id} has the metric {name[:80]!r}",
                f"@{which}:METRIC:{parent.id}",
            )
            raise RunNotFound(msg, hint=hint)
        return _first(
            runs, f"no run is nested in {parent.id}", "name a sweep, or another run with nested ones"
        )
    close = difflib.get_close_matches(metric, known.keys() - {metric}, n=1)
    hint = f"did you mean @{which}:{close[0]}?" if close else "`gittrack ls` shows the metrics that there are"
    what = "a number as last value of" if metric in known else "the metric"
    return _first(runs, f"no run has {what} {metric[:80]!r}", hint)


def _sorted_by(
    store: RunStore, which: str, metric: str, *, deleted: bool, parent: Run | None = None
) -> list[Run]:
    """The best or worst run by a metric, as a list of at most one."""
    field = Field("metrics", metric)
    more = goal(metric, store.config.get("metrics")) == "max"
    order = Order(field, descending=more == (which == "best"))
    terms = (
        ()
        if parent is None
        else (_nested_in(parent), Compare(Field("attributes", "status"), "=", "finished"))
    )
    node = And((*terms, Is(field, "NOT NULL"), Is(field, "NOT NAN")))
    return find(store, node, [order], limit=1, deleted=deleted)


def _nested_in(parent: Run) -> Compare:
    return Compare(Field("attributes", "parent_run_id"), "=", parent.id)


def _first(runs: list[Run], message: str, hint: str) -> Run:
    if not runs:
        raise RunNotFound(message, hint=hint)
    return runs[0]


def _committed(store: RunStore, run_id: str) -> Run:
    run = store.index.get(run_id)
    if run is None:
        msg = f"no run {run_id}"
        raise RunNotFound(msg, hint=_LISTS)
    return run


def _ambiguous(word: str, runs: list[Run], count: int) -> AmbiguousRun:
    listed = ", ".join(
        f"{run.id} ({run.name or run.experiment}, {iso(run.start_time)[:10]})" for run in runs[:_SHOWN]
    )
    more = ", …" if count > _SHOWN else ""
    return AmbiguousRun(f"{word} may be {count} runs", hint=f"name one of them: {listed}{more}")


def _not_found(store: RunStore, word: str, *, hidden: bool) -> RunNotFound:
    message = f"no run {word[:80]}" if word else "no run has an empty name"
    if hidden:
        return RunNotFound(message, hint=f"it was removed; `gittrack restore {word}` shows it again")
    if 0 < len(word) < SHORTEST:
        return RunNotFound(message, hint=f"write {SHORTEST} characters or more of an id")
    recent = find(store, None, limit=1000)
    names = {run.name: None for run in recent if run.name} | {run.id: None for run in recent}
    close = difflib.get_close_matches(word, names, n=3)
    return RunNotFound(message, hint=f"did you mean {' or '.join(close)}?" if close else _LISTS)
