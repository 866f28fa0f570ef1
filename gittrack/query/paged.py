"""Runs in pages: the ids of all that match, in order, and the runs of one page when it is shown.

A hundred thousand ids are some 10 MB and a fifth of a second; a hundred thousand runs are neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gittrack.query.filter.match import matches, sort_runs, values_of
from gittrack.query.filter.nodes import Field, Order, fields_of
from gittrack.query.filter.sql import Sql, wanted_of
from gittrack.query.search import where_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.query.filter.nodes import Node
    from gittrack.store.index.reader import Index, KeyId

_DELETED = Field("attributes", "deleted")
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Question:
    """Which runs, and how.

    Attributes:
        node: the filter, None for all.
        orders: what to sort by, the newest first when empty.
        group: what to put together, None for one list.
        deleted: hidden runs too.
        means: metrics whose mean each group has.
    """

    node: Node | None = None
    orders: tuple[Order, ...] = ()
    group: Field | None = None
    deleted: bool = False
    means: tuple[str, ...] = ()

    def takes(self, run: Run) -> bool:
        """Whether a live run is among them."""
        return (self.node is None or matches(self.node, run)) and (self.hidden or not run.deleted)

    @property
    def hidden(self) -> bool:
        """Whether hidden runs are among them."""
        return self.deleted or (self.node is not None and _DELETED in fields_of(self.node))


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that have the same value.

    Attributes:
        value: text or number; None for those that have none.
        start: where its first id stands in the list of all.
        count: how many they are.
        means: metric to the mean of the last values of its runs; NaN and infinities do not count, a metric
            that none of them has is left out.
    """

    value: Any
    start: int
    count: int
    means: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a question came to.

    Attributes:
        ids: of all runs, in order.
        groups: without a gap between them; empty where nothing is grouped.
    """

    ids: list[str]
    groups: tuple[Group, ...] = ()


def listing(index: Index, question: Question, live: Sequence[Run] = (), limit: int | None = None) -> Listing:
    """The ids of the runs that match; live runs that do come first, or first in their group.

    Args:
        index: of the committed runs.
        question: which, and in which order.
        live: the runs that are not committed yet.
        limit: at most so many committed ones.
    """
    running = sort_runs([run for run in live if question.takes(run)], question.orders)
    rows = _committed(index, question, [run.id for run in live], limit)
    if question.group is None:
        return Listing([run.id for run in running] + [row[0] for row in rows])
    first = [(run.id, _value(question.group, run), *_lasts(run, question.means)) for run in running]
    return _grouped(first, rows, question.means)


def load(index: Index, run_ids: Sequence[str]) -> dict[str, Run]:
    """Committed runs by their ids; one that is not there any more is left out."""
    found: dict[str, Run] = {}
    for start in range(0, len(run_ids), _CHUNK):
        part = list(run_ids[start : start + _CHUNK])
        marks = ", ".join("?" * len(part))
        found |= {run.id: run for run in index.select(f"r.run_id IN ({marks})", part)}
    return found


def _committed(
    index: Index, question: Question, but: Sequence[str], limit: int | None
) -> list[tuple[Any, ...]]:
    """The id of each committed run, what it is grouped by, and the last values that a mean is made of."""
    means = () if question.group is None else question.means
    orders = question.orders if question.group is None else (Order(question.group), *question.orders)

    def compile_to(key_id: KeyId) -> tuple[str, list[Any]]:
        sql = Sql(key_id)
        where = where_of(sql, question.node, but=but, hidden=question.hidden)
        joins, order = sql.order(orders)
        more, lasts = sql.lasts(means)
        label = "" if question.group is None else ", ".join(["", sql.label(question.group), *lasts])
        joins = " ".join([joins, *more])
        text = f"SELECT r.run_id{label} FROM run AS r {joins} WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608  ours
        return text, [*sql.args, -1 if limit is None else limit]

    wanted = wanted_of(question.node, [*orders, *(Order(Field("metrics", name)) for name in means)])
    return index.rows(wanted, compile_to)


def _grouped(live: list[tuple[Any, ...]], rows: list[tuple[Any, ...]], means: Sequence[str]) -> Listing:
    parts: dict[Any, list[tuple[Any, ...]]] = {}
    for value, members in groupby(rows, key=itemgetter(1)):
        parts.setdefault(value, []).extend(members)
    for one in reversed(live):
        parts.setdefault(one[1], []).insert(0, one)
    ids: list[str] = []
    groups = []
    for value, found in parts.items():
        groups.append(Group(value, len(ids), len(found), _means(found, means)))
        ids += [row[0] for row in found]
    return Listing(ids, tuple(groups))


def _means(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, float]:
    found = {}
    for place, name in enumerate(names, 2):
        values = [one for row in rows if (one := row[place]) is not None and math.isfinite(one)]
        if values:
            found[name] = math.fsum(one / len(values) for one in values)  # a sum may leave what a float holds
    return found


def _lasts(run: Run, names: Sequence[str]) -> list[float | None]:
    return [run.metrics[name].last if name in run.metrics else None for name in names]


def _value(field: Field, run: Run) -> Any:  # noqa: ANN401  text or number
    found = values_of(field, run)
    if not found:
        return None
    text, number = found[0]
    value = text if text is not None else number
    return None if isinstance(value, float) and math.isnan(value) else value
