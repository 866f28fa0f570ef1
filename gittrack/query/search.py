"""Runs by filter: committed ones from the index, live ones from their journals, sorted together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.text import dump_json
from gittrack.query.filter.match import matches, sort_runs
from gittrack.query.filter.nodes import And, Field, Order, fields_of
from gittrack.query.filter.parser import parse, parse_order
from gittrack.query.filter.sql import Sql, wanted_of
from gittrack.store.index.reader import Search
from gittrack.store.index.values import bindable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gittrack.core.records import Run
    from gittrack.query.filter.nodes import Node
    from gittrack.store.index.reader import Index, KeyId
    from gittrack.store.runs import RunStore

_DELETED = Field("attributes", "deleted")


def search(  # noqa: PLR0913  each is a choice of its own
    store: RunStore,
    filter: str | None = None,  # noqa: A002  what MLflow's users call it
    *,
    experiments: str | Iterable[str] | None = None,
    order_by: str | Iterable[str] = (),
    limit: int | None = 50,
    deleted: bool = False,
    ids: Collection[str] | None = None,
    elsewhere: Sequence[Run] = (),
) -> list[Run]:
    """The runs that match, the newest first unless `order_by` says otherwise.

    Args:
        store: where to look.
        filter: see `query.filter`; all runs when None or blank.
        experiments: only of these, of all when None.
        order_by: `metrics.acc DESC` and the like.
        limit: at most so many, all when None.
        deleted: hidden runs too. A filter that names `deleted` decides by itself.
        ids: only of these, of all when None.
        elsewhere: runs that go on elsewhere, see :func:`gittrack.query.elsewhere.fetched_runs`.

    Raises:
        FilterError: the filter or the order does not parse.
    """
    node = parse(filter) if filter and filter.strip() else None
    names = (
        {experiments} if isinstance(experiments, str) else None if experiments is None else set(experiments)
    )
    return find(
        store,
        node,
        parse_order(order_by),
        experiments=names,
        limit=limit,
        deleted=deleted,
        ids=ids,
        elsewhere=elsewhere,
    )


def find(  # noqa: PLR0913  each is a choice of its own
    store: RunStore,
    node: Node | None,
    orders: Sequence[Order] = (),
    *,
    experiments: Collection[str] | None = None,
    limit: int | None = None,
    deleted: bool = False,
    offset: int = 0,
    ids: Collection[str] | None = None,
    elsewhere: Sequence[Run] = (),
) -> list[Run]:
    """The runs that match a filter that is parsed already.

    Args:
        store: where to look.
        node: the filter, None for all.
        orders: what to sort by; the newest first without.
        experiments: only of these, of all when None.
        limit: at most so many, all when None.
        deleted: hidden runs too.
        offset: how many of the first to leave out.
        ids: only of these, of all when None.
        elsewhere: runs that go on elsewhere and are listed with those of this clone.
    """
    hidden = deleted or (node is not None and _DELETED in fields_of(node))
    live = [*live_runs(store), *elsewhere]
    wanted = [
        run
        for run in live
        if (node is None or matches(node, run))
        and (experiments is None or run.experiment in experiments)
        and (hidden or not run.deleted)
        and (ids is None or run.id in ids)
    ]
    most = None if limit is None else max(0, limit) + offset
    among = _Among(experiments, [run.id for run in live], ids)
    found = _committed(store.index, node, orders, among, most, hidden=hidden)
    if wanted:
        found = sort_runs([*found, *wanted], orders)
    return found[offset:most]


def live_runs(store: RunStore) -> list[Run]:
    """The live runs, after which the index is up to date.

    A run that was committed between the two is left out: the index has it.
    """
    live = store.live()
    store.index.refresh()
    return [run for run in live if (known := store.index.get(run.id)) is None or known.attempt < run.attempt]


class _Among(NamedTuple):
    """Which runs come into question besides the filter."""

    experiments: Collection[str] | None
    but: Sequence[str]
    ids: Collection[str] | None


def _committed(
    index: Index,
    node: Node | None,
    orders: Sequence[Order],
    among: _Among,
    limit: int | None,
    *,
    hidden: bool,
) -> list[Run]:
    def compile_to(key_id: KeyId) -> Search:
        sql = Sql(key_id)
        where = where_of(sql, node, among.experiments, among.but, among.ids, hidden=hidden)
        joins, order = sql.order(orders)
        return Search(where, sql.args, joins, order, limit)

    return index.search(wanted_of(node, orders), compile_to)


def where_of(
    sql: Sql,
    node: Node | None,
    experiments: Collection[str] | None = None,
    but: Sequence[str] = (),
    ids: Collection[str] | None = None,
    *,
    hidden: bool = False,
) -> str:
    """The condition for committed runs over `run AS r`; adds its values to `sql.args`.

    Args:
        sql: what translates.
        node: the filter.
        experiments: only of these.
        but: ids of runs to leave out.
        ids: only of these runs.
        hidden: hidden runs too.
    """
    terms: list[str] = []
    if experiments is not None:
        terms.append(f"r.experiment IN ({_among(sql, sorted(map(bindable, experiments)))})")
    if not hidden:
        terms.append("r.deleted = 0")
    if but:
        terms.append(f"r.run_id NOT IN ({_among(sql, but)})")
    if ids is not None:
        terms.append(f"r.run_id IN ({_among(sql, sorted(ids))})")
    if node is not None:
        nodes = node.nodes if isinstance(node, And) else (node,)
        terms += [sql.where(one) for one in nodes]
    return " AND ".join(terms) or "1"


def _among(sql: Sql, texts: Sequence[str]) -> str:
    """The inside of an IN: a list where it is short, so that an index can be used."""
    if len(texts) <= 50:  # noqa: PLR2004  SQLite takes 999 values
        sql.args += texts
        return ", ".join("?" * len(texts))
    sql.args.append(dump_json(list(texts)).decode())
    return "SELECT value FROM json_each(?)"
