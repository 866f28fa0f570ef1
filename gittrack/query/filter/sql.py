"""A filter as a condition over the tables of the index. Says what `filter_match` says in Python.

A comparison is 0 or 1 here too, never NULL: of what is missing, it is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.query.filter.fields import type_of
from gittrack.query.filter.match import DEFAULT_ORDER
from gittrack.query.filter.nodes import And, Compare, Field, Is, Node, Not, Or, Order, fields_of
from gittrack.store.index.lazy import Wanted
from gittrack.store.index.schema import KINDS, METRIC
from gittrack.store.index.values import glob_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.query.filter.nodes import Value

_COLUMNS = {"run_name": "r.name", "parent_run_id": "r.parent_id", "commit": 'r."commit"'}
_ALWAYS = frozenset({"run_id", "experiment", "status", "start_time", "dirty", "deleted"})
_DURATION = "((r.end_time - r.start_time) / 1000.0)"
_ITEMS = {"inputs": "input", "artifacts": "artifact"}


def wanted_of(node: Node | None, orders: Sequence[Order]) -> Wanted:
    """What a filter and an order read of the tables that are filled on demand."""
    fields = {order.field for order in orders} | (fields_of(node) if node is not None else set())
    keys = frozenset((KINDS[field.kind], field.key) for field in fields if field.kind in KINDS)
    return Wanted(keys, frozenset(_ITEMS[field.kind] for field in fields if field.kind in _ITEMS))


class Sql:
    """Translates for one index.

    Args:
        key_id: tells the number of a key, see `Index.search`.
    """

    def __init__(self, key_id: Callable[[int, str], int]) -> None:
        self._key_id = key_id
        self.args: list[Any] = []

    def where(self, node: Node) -> str:
        """The condition of a filter over `run AS r`; adds its values to `args`."""
        match node:
            case Compare() | Is():
                return self._leaf(node)
            case Not(node=inner):
                return f"NOT ({self.where(inner)})"
            case And(nodes=nodes):
                return _balanced([self.where(one) for one in nodes], "AND")
            case Or(nodes=nodes):
                return _balanced([self.where(one) for one in nodes], "OR")

    def order(self, orders: Sequence[Order]) -> tuple[str, str]:
        """What follows `run AS r`, and what to sort by."""
        joins: list[str] = []
        terms: list[str] = []
        for number, order in enumerate((*orders, *DEFAULT_ORDER)):
            field, way = order.field, "DESC" if order.descending else "ASC"
            if field.kind == "attributes":
                column = _column(field)
                terms += (
                    [f"{column} {way}"] if field.key in _ALWAYS else [f"{column} IS NULL", f"{column} {way}"]
                )
                continue
            alias = f"o{number}"
            table, key = self._table(field)
            joins.append(f"LEFT JOIN {table} AS {alias} ON {alias}.key = {key} AND {alias}.run = r.id")
            value = f"{alias}.{field.part}"
            if field.kind != "metrics":
                value = f"coalesce({alias}.number, nullif(nullif({alias}.text, 'NaN'), 'nan'))"
            terms += [f"{alias}.run IS NULL", f"{value} IS NULL", f"{value} {way}"]
        # All runs have to be seen: in the order of their numbers, which is that of the joined rows.
        return " ".join(["NOT INDEXED", *joins] if joins else []), ", ".join(terms)

    def lasts(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """What follows `run AS r`, and the columns, for the last values of metrics."""
        tables = [(f"m{number}", self._table(Field("metrics", name))) for number, name in enumerate(names)]
        joins = [
            f"LEFT JOIN {table} AS {alias} ON {alias}.key = {key} AND {alias}.run = r.id"
            for alias, (table, key) in tables
        ]
        return joins, [f"{alias}.last" for alias, _ in tables]

    def label(self, field: Field) -> str:
        """What a run has of a field that is the first of those it is sorted by: text, or a number."""
        if field.kind == "attributes":
            return _column(field)
        return f"o0.{field.part}" if field.kind == "metrics" else "o0.text"

    def _leaf(self, node: Compare | Is) -> str:
        field = node.field
        negated = "NOT " if isinstance(node, Is) and node.state == "NULL" else ""
        if field.kind == "attributes":
            return self._attribute(node)
        if field.kind in {"inputs", "artifacts"}:
            return self._item(node, negated)
        number, text = (f"v.{field.part}", "NULL") if field.kind == "metrics" else ("v.number", "v.text")
        test = self._state(node, number, text) if isinstance(node, Is) else self._test(node, number, text)
        table, key = self._table(field)
        # One pass over the key: 5 times as fast as a look for each run.
        rows = f"SELECT v.run FROM {table} AS v WHERE v.key = {key} AND {test}"  # noqa: S608  the same
        return f"+r.id {negated}IN ({rows})"

    def _item(self, node: Compare | Is, negated: str) -> str:
        """Whether any input or artifact of the run is so."""
        value = f"v.{node.field.key}"
        if isinstance(node, Is):
            test = "1"
        elif node.operator in {"=", "IN"}:
            values = node.value if isinstance(node.value, tuple) else (node.value,)
            test = _balanced([self._one_of(value, part) for part in _chunks(values)], "OR")
        else:
            test = self._test(node, value, value)
        table = _ITEMS[node.field.kind]
        rows = f"SELECT v.run FROM {table} AS v WHERE {value} IS NOT NULL AND {test}"  # noqa: S608  the same
        return f"r.id {negated}IN ({rows})"

    def _one_of(self, value: str, wanted: Sequence[Value]) -> str:
        """Plainly, so that an index is used: one digest of millions is looked up, not looked for."""
        self.args += wanted
        return f"{value} IN ({', '.join('?' * len(wanted))})"

    def _table(self, field: Field) -> tuple[str, int]:
        kind = KINDS[field.kind]
        return "metric" if kind == METRIC else "value", self._key_id(kind, field.key)

    def _attribute(self, node: Compare | Is) -> str:
        column = _column(node.field)
        if isinstance(node, Is):  # attributes are never NaN: a row has NULL for what is missing
            return {"NULL": f"{column} IS NULL", "NAN": "0"}.get(node.state, f"{column} IS NOT NULL")
        test = self._test(node, column, column)
        return test if node.field.key in _ALWAYS else f"({column} IS NOT NULL AND {test})"

    def _state(self, node: Is, number: str, text: str) -> str:
        if node.state in {"NULL", "NOT NULL"}:
            return "1"
        nan = f"({number} IS NULL AND ({text} IS NULL OR {text} IN ('NaN', 'nan')))"
        return nan if node.state == "NAN" else f"NOT {nan}"

    def _test(self, node: Compare, number: str, text: str) -> str:
        """The test of a field that is there; NULL counts as no where it may be (a number of a text)."""
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        loose = type_of(node.field) == "loose"
        operator = node.operator
        if operator.endswith("LIKE"):
            test = self._like(text, str(values[0]), ignore_case=operator.endswith("ILIKE"))
            return f"NOT {test}" if operator.startswith("NOT") else test
        if operator in {"=", "!=", "IN", "NOT IN"}:
            test = self._among(values, number, text, loose=loose)
            return f"NOT {test}" if operator in {"!=", "NOT IN"} else test
        self.args.append(values[0])
        return f"ifnull({text if isinstance(values[0], str) else number} {operator} ?, 0)"

    def _among(self, values: Sequence[Value], number: str, text: str, *, loose: bool) -> str:
        parts = []
        texts = [value for value in values if isinstance(value, str)]
        flags = [value for value in values if loose and isinstance(value, bool)]
        numbers = [value for value in values if not isinstance(value, (str, bool) if loose else str)]
        for column, wanted in (
            (text, texts),
            (number, numbers),
            (f"lower({text})", list(map(_lower, flags))),
        ):
            for chunk in _chunks(wanted):
                self.args += chunk
                parts.append(f"ifnull({column} IN ({', '.join('?' * len(chunk))}), 0)")
        return _balanced(parts, "OR")

    def _like(self, text: str, pattern: str, *, ignore_case: bool) -> str:
        if not ignore_case:
            self.args.append(glob_of(pattern))
            return f"({text} GLOB ?)"
        self.args.append(pattern)
        return f"({text} LIKE ?)" if pattern.isascii() else f"ilike(?, {text})"


_CHUNK = 500


def _chunks(values: Sequence[Value]) -> list[Sequence[Value]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]


def _lower(value: object) -> str:
    return str(value).lower()


def _column(field: Field) -> str:
    return _DURATION if field.key == "duration" else _COLUMNS.get(field.key, f"r.{field.key}")


def _balanced(parts: Sequence[str], word: str) -> str:
    """Joined as a tree of small depth: SQLite takes 1,000 levels."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_balanced(parts[:middle], word)} {word} {_balanced(parts[middle:], word)})"
