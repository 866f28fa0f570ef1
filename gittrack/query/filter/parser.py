"""Filters: MLflow's search grammar, and OR, NOT, parentheses and more; pure.

::

    metrics.acc > 0.9 and (params.lr = 0.1 or tags.owner = 'ada')

    filter     := all (OR all)*           all := one (AND one)*
    one        := NOT one | ( filter ) | field comparison
    comparison := = == != <> < <= > >= VALUE | [NOT] LIKE 'te%t' | [NOT] ILIKE 'te%t'
                | [NOT] IN (VALUE, …) | IS [NOT] NULL | IS [NOT] NAN
    field      := metrics.KEY | params.KEY | tags.KEY | ATTRIBUTE | inputs.name | artifacts.path | …
                | min(metrics.KEY), and so with max, count, step and last

A key with other signs than letters, digits and `_ . - / : @` stands in backticks or double quotes. A
text stands in quotes, a quote in it is written twice. Params and tags compare as numbers with a
number and as text with a text: `params.lr = 0.1` and `params.lr = '0.1'` both find 0.1. Times are
milliseconds since the epoch, `'2026-11-24 10:00'` (UTC) or `'2d ago'`. A run may have several inputs
and artifacts: a comparison with one of their fields (`inputs.name`, `inputs.uri`, `inputs.sha256`,
`artifacts.path`, `artifacts.sha256`) is true when it is true of any of them, `!=` and NOT LIKE too;
`NOT (artifacts.path = 'model.pkl')` finds the runs that have no such artifact. What a comparison means
when a value is missing or NaN: see `filter_nodes`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NoReturn, cast

from gittrack.core.errors import FilterError
from gittrack.core.times import now_ms
from gittrack.query.filter.cursor import Cursor
from gittrack.query.filter.fields import PARTS, Unfit, field_of, type_of
from gittrack.query.filter.nodes import (
    And,
    Compare,
    Field,
    Is,
    Node,
    Not,
    Operator,
    Or,
    Order,
    Part,
    State,
    Value,
)
from gittrack.query.filter.tokens import KEYWORDS
from gittrack.query.filter.values import value_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.query.filter.tokens import Token

DEEPEST = 50  # parentheses and NOTs in each other
MOST = 500  # comparisons in one filter
_DIGITS = 400  # of a whole number: more are beyond any float
_SIGNS: dict[str, Operator] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_FIELDS = "write a field first: metrics.acc > 0.9, params.lr = 0.1, status = 'finished'"
_COMPARISONS = "write =, !=, <, <=, >, >=, LIKE, ILIKE, IN or IS NULL"


def parse(text: str, now: int | None = None) -> Node:
    """The filter in a text.

    Args:
        text: see above.
        now: what `'2d ago'` counts from, milliseconds since the epoch; the present when None.

    Raises:
        FilterError: it does not parse; carries the position, and a hint.
    """
    parser = _Parser(text, now_ms() if now is None else now)
    if not text.strip():
        msg = "the filter is empty"
        raise FilterError(msg, text, 0, _FIELDS)
    node = parser.either(0)
    parser.expect_end()
    return node


def parse_order(items: str | Iterable[str]) -> tuple[Order, ...]:
    """What to sort by: `metrics.acc DESC`, several in one text separated by commas.

    Raises:
        FilterError: it does not parse.
    """
    texts = [items] if isinstance(items, str) else list(items)
    return tuple(one for text in texts for one in _Parser(text, 0).orders())


class _Parser(Cursor):
    def __init__(self, text: str, now: int) -> None:
        super().__init__(text)
        self._now = now
        self._compared = 0

    # ---- AND, OR, NOT and parentheses

    def either(self, depth: int) -> Node:
        nodes = [self._all(depth)]
        while self.take("OR"):
            nodes.append(self._all(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _all(self, depth: int) -> Node:
        nodes = [self._one(depth)]
        while self.take("AND"):
            nodes.append(self._one(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _one(self, depth: int) -> Node:
        token = self.peek
        if depth > DEEPEST:
            self.fail(token, f"nested deeper than {DEEPEST} levels", "write it with fewer parentheses")
        if self.take("NOT"):
            return Not(self._one(depth + 1))
        if self.take("("):
            node = self.either(depth + 1)
            self.expect(")", "join comparisons with AND or OR, and close the parenthesis", opened=token)
            return node
        return self._comparison()

    def expect_end(self) -> None:
        token = self.peek
        if token.sort == "end":
            return
        if token.keyword == ")":
            self.fail(token, "unexpected )", "no parenthesis is open here")
        close = difflib.get_close_matches(token.text.upper(), ("AND", "OR"), n=1)
        hint = f"did you mean {close[0]}?" if close else "join comparisons with AND or OR"
        self.fail(token, f"unexpected {token.text[:40]!r}", hint)

    # ---- comparisons

    def _comparison(self) -> Node:
        self._compared += 1
        if self._compared > MOST:
            self.fail(self.peek, f"more than {MOST} comparisons", "write several values as IN (…)")
        field = self._field()
        token = self.next()
        if token.keyword in _SIGNS:
            return self._compare(field, _SIGNS[token.keyword], token)
        if token.keyword == "IS":
            return self._is(field)
        negated = token.keyword == "NOT"
        word = self.next() if negated else token
        if word.keyword in {"LIKE", "ILIKE"}:
            operator = cast("Operator", f"NOT {word.keyword}" if negated else word.keyword)
            return Compare(field, operator, self._value(field, pattern=True))
        if word.keyword == "IN":
            return Compare(field, "NOT IN" if negated else "IN", self._list(field))
        return self._no_comparison(field, word)

    def _compare(self, field: Field, operator: Operator, sign: Token) -> Node:
        kind = type_of(field)
        value = self._value(field)
        if operator not in {"=", "!="} and (isinstance(value, bool) or kind == "status"):
            what = f"{field} has no order" if kind in {"bool", "status"} else "true and false have no order"
            self.fail(sign, what, "compare it with = or !=")
        return Compare(field, operator, value)

    def _is(self, field: Field) -> Node:
        negated = self.take("NOT")
        token = self.next()
        if token.keyword == "NULL":
            return Is(field, "NOT NULL" if negated else "NULL")
        if token.keyword == "NAN":
            if type_of(field) in {"number", "loose"} and field.kind != "attributes":
                return Is(field, "NOT NAN" if negated else "NAN")
            self.fail(token, f"{field} is never NaN", "write IS NULL for what is missing")
        state: State = "NOT NULL" if negated else "NULL"
        return self.fail(token, "IS takes NULL or NAN", f"write {field} IS {state}, or = and a value")

    def _list(self, field: Field) -> tuple[Value, ...]:
        opened = self.expect("(", "write the values in parentheses: IN ('a', 'b')")
        values = [self._value(field)]
        while self.take(","):
            values.append(self._value(field))
        self.expect(")", "separate the values with commas, and close the parenthesis", opened=opened)
        return tuple(values)

    def _value(self, field: Field, *, pattern: bool = False) -> Value:
        token = self.next()
        if token.keyword == "NAN":
            self.fail(token, "nothing equals NaN", f"write {field} IS NAN")
        try:
            return value_for(field, self._literal(token), self._now, pattern=pattern)
        except Unfit as error:
            self.fail(token, str(error), error.hint, error)

    def _literal(self, token: Token) -> Value:
        if token.sort in {"text", "quoted"}:
            return token.text
        if token.sort == "number":
            plain = token.text.lstrip("+-")
            small = plain.isdigit() and len(plain) < _DIGITS
            return int(token.text) if small else float(token.text)
        lower = token.text.lower()
        if token.sort == "word" and lower in {"true", "false"}:
            return lower == "true"
        if token.sort == "word" and lower in {"inf", "infinity"}:
            return float(lower)
        known = token.sort == "word" and not token.keyword
        hint = f"put texts in quotes: '{token.text[:40]}'" if known else "write a number, or a text in quotes"
        return self.fail(token, "a value comes here", hint)

    # ---- fields

    def _field(self) -> Field:
        token = self.next()
        if token.sort == "word" and token.text.lower() in PARTS and self.peek.keyword == "(":
            return self._part(token)
        if token.sort not in {"word", "quoted"} or token.keyword:
            self.fail(token, "a field comes here", _FIELDS)
        try:
            if token.sort == "word" and token.text.endswith(".") and self._is_key(token):
                return field_of(token.text[:-1], self.next().text)
            return field_of(token.text)
        except Unfit as error:
            self.fail(token, str(error), error.hint, error)

    def _is_key(self, group: Token) -> bool:
        """Whether a quoted key follows without a space."""
        return self.peek.sort == "quoted" and self.peek.position == group.end

    def _part(self, name: Token) -> Field:
        opened = self.next()
        start = self.peek
        field = self._field()
        if field.kind != "metrics" or field.part != "last":
            self.fail(start, f"{name.text} takes a metric", f"write {name.text}(metrics.loss)")
        self.expect(")", "close the parenthesis", opened=opened)
        return Field("metrics", field.key, cast("Part", name.text.lower()))

    # ---- what to sort by

    def orders(self) -> list[Order]:
        found = [self._order()]
        while self.take(","):
            found.append(self._order())
        if self.peek.sort != "end":
            self.fail(
                self.peek, f"unexpected {self.peek.text[:40]!r}", "write FIELD, FIELD ASC or FIELD DESC"
            )
        return found

    def _order(self) -> Order:
        start = self.peek
        field = self._field()
        if field.kind in {"inputs", "artifacts"}:
            self.fail(start, f"runs have no order by {field.kind}", "sort by a metric, param or attribute")
        direction = self.peek.text.upper() if self.peek.sort == "word" else ""
        if direction in {"ASC", "DESC"}:
            self.next()
        return Order(field, direction == "DESC")

    def _no_comparison(self, field: Field, token: Token) -> NoReturn:
        if token.text.upper() == "BETWEEN":
            self.fail(token, "no BETWEEN", f"write {field} >= LOW AND {field} <= HIGH")
        words = [word for word in KEYWORDS if word not in {"NULL", "NAN", "TRUE", "FALSE"}]
        close = difflib.get_close_matches(token.text.upper(), words, n=1) if token.sort == "word" else []
        hint = f"did you mean {close[0]}?" if close else _COMPARISONS
        self.fail(token, "a comparison comes here", hint)
