"""What a filter says, as frozen values; `str()` of each is the filter again.

A comparison is true or false, never unknown: of a key that the run does not have, each is false, `!=`
and `NOT IN` too; so `NOT (params.lr = 1)` also finds the runs without `lr`, and `params.lr != 1` does
not. NaN equals nothing and is neither less nor more: `metrics.loss != 1` is true of it, and
`metrics.loss IS NAN` finds it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["metrics", "params", "tags", "attributes", "inputs", "artifacts"]
Part = Literal["last", "min", "max", "count", "step"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN"]
State = Literal["NULL", "NOT NULL", "NAN", "NOT NAN"]
Value = bool | int | float | str

_PLAIN_KEY = re.compile(r"[\w./@:-]+")


@dataclass(frozen=True, slots=True)
class Field:
    """What of a run is compared.

    Attributes:
        kind: which group it is in.
        key: its name there.
        part: of a metric, `last` otherwise.
    """

    kind: Kind
    key: str
    part: Part = "last"

    def __str__(self) -> str:
        if self.kind == "attributes":
            return self.key
        key = self.key if _PLAIN_KEY.fullmatch(self.key) else "`" + self.key.replace("`", "``") + "`"
        name = f"{self.kind}.{key}"
        return name if self.part == "last" else f"{self.part}({name})"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison with a value, or with several for IN and NOT IN.

    The value has the type of the field: times are milliseconds since the epoch, durations seconds.
    """

    field: Field
    operator: Operator
    value: Value | tuple[Value, ...]

    def __str__(self) -> str:
        if isinstance(self.value, tuple):
            return f"{self.field} {self.operator} ({', '.join(map(_literal, self.value))})"
        return f"{self.field} {self.operator} {_literal(self.value)}"


@dataclass(frozen=True, slots=True)
class Is:
    """Whether a field is there, or is NaN."""

    field: Field
    state: State

    def __str__(self) -> str:
        return f"{self.field} IS {self.state}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    node: Node

    def __str__(self) -> str:
        return f"NOT ({self.node})"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({one})" if isinstance(one, (And, Or)) else str(one) for one in self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(f"({one})" if isinstance(one, Or) else str(one) for one in self.nodes)


Node = Compare | Is | Not | And | Or


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by. Runs without it, and those where it is NaN, come last either way."""

    field: Field
    descending: bool = False

    def __str__(self) -> str:
        return f"{self.field} {'DESC' if self.descending else 'ASC'}"


def fields_of(node: Node) -> set[Field]:
    """All fields that a filter looks at."""
    if isinstance(node, (Compare, Is)):
        return {node.field}
    if isinstance(node, Not):
        return fields_of(node.node)
    return set().union(*map(fields_of, node.nodes))


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)
