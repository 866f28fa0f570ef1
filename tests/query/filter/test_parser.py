from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gittrack.core.errors import FilterError
from gittrack.core.records import MetricSummary, Run
from gittrack.query.filter.match import matches, sort_runs
from gittrack.query.filter.nodes import And, Compare, Field, Is, Node, Not, Or, Order, fields_of
from gittrack.query.filter.parser import DEEPEST, MOST, parse, parse_order
from gittrack.query.filter.sql import Sql, wanted_of
from gittrack.query.filter.tokens import LONGEST
from gittrack.store.format.assemble import assemble
from gittrack.store.format.layout import run_files
from gittrack.store.index.batch import Batch
from gittrack.store.index.lazy import extend, fill, key_id
from gittrack.store.index.schema import INDEXES, TABLES
from gittrack.store.index.values import ilike, number_of, text_of
from gittrack.store.index.write import insert
from tests.support.filters import START, nodes, orders, some_runs

if TYPE_CHECKING:
    from gittrack.store.index.lazy import Wanted

NOW = 1_795_492_993_123
LR = Field("params", "lr")


def field(text: str) -> Field:
    """The field of a text."""
    return parse_order(text)[0].field


def value(text: str) -> Any:
    """The value of the one comparison in a text."""
    node = parse(text, NOW)
    assert isinstance(node, Compare)
    return node.value


def error(text: str) -> FilterError:
    """The error of a text that does not parse."""
    with pytest.raises(FilterError) as raised:
        parse(text, NOW)
    assert raised.value.text == text
    assert raised.value.hint
    return raised.value


def run(**fields: Any) -> Run:
    """A run with what the caller gives."""
    return Run(**{"id": "20261124-034313-k3f9a2x0", "status": "finished", "start_time": START, **fields})


def summary(last: float, low: float = 0.0, high: float = 1.0) -> MetricSummary:
    """The summary of a metric."""
    return MetricSummary(last, 9, START, low, high, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.acc", Field("metrics", "acc")),
        ("metric.val/acc", Field("metrics", "val/acc")),
        ("parameters.lr", LR),
        ("params.`a b`", Field("params", "a b")),
        ('params."a ""b"""', Field("params", 'a "b"')),
        ("tags.a.b-c:d@e", Field("tags", "a.b-c:d@e")),
        ("status", Field("attributes", "status")),
        ("attr.run_id", Field("attributes", "run_id")),
        ("`Run name`", Field("attributes", "run_name")),
        ("Created", Field("attributes", "start_time")),
        ("source.commit", Field("attributes", "commit")),
        ("tags.mlflow.runName", Field("attributes", "run_name")),
        ("max(metrics.acc)", Field("metrics", "acc", "max")),
        ("last(metrics.acc)", Field("metrics", "acc")),
        ("metrics.min", Field("metrics", "min")),
    ],
)
def test_field(text: str, expected: Field) -> None:
    """A field may be written in MLflow's ways, and in ours."""
    assert field(text) == expected


@pytest.mark.parametrize("text", ["inputs.name", "datasets.name", "dataset.`name`"])
def test_input(text: str) -> None:
    """MLflow's datasets are our inputs."""
    assert parse(f"{text} = 'x'") == Compare(Field("inputs", "name"), "=", "x")


def test_digest() -> None:
    """MLflow's digest of a dataset is our sha256."""
    assert parse("dataset.digest = 'x'") == Compare(Field("inputs", "sha256"), "=", "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params.lr = 1", 1),
        ("params.lr = -1", -1),
        ("params.lr = .5", 0.5),
        ("params.lr = 1e-3", 0.001),
        ("params.lr = +1.", 1.0),
        ("params.lr = inf", float("inf")),
        ("params.lr = -inf", float("-inf")),
        ("params.lr = 'it''s'", "it's"),
        ('params.lr = "a\'b"', "a'b"),
        ("params.lr = TRUE", True),
        (f"params.lr = {'9' * 30}", 1e30),
        (f"params.lr = {'9' * 500}", float("inf")),
        ("dirty = 'true'", True),
        ("deleted = 0", False),
        ("status = 'FINISHED'", "finished"),
        ("start_time > 1795492993123", 1_795_492_993_123),
        ("start_time > '2026-11-24'", 1_795_478_400_000),
        ("start_time > '2026-11-24 10:00'", 1_795_514_400_000),
        ("start_time > '2d ago'", NOW - 2 * 86_400_000),
        ("start_time > '1 hour 30 minutes ago'", NOW - 5_400_000),
        ("start_time > 'yesterday'", 1_795_392_000_000),
        ("start_time > 'now'", NOW),
        ("duration > '1h30m'", 5400.0),
        ("duration > 90", 90),
        ("params.lr IN (1, 'a', true)", (1, "a", True)),
    ],
)
def test_value(text: str, expected: object) -> None:
    """A value has the type of its field."""
    assert value(text) == expected


def test_operators() -> None:
    """Each operator is understood, in either case."""
    given_ops = ("=", "==", "!=", "<>", "<", "<=", ">", ">=", "like", "not ilike")
    found = [parse(f"params.lr {operator} 'a'") for operator in given_ops]
    expected = ["=", "=", "!=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT ILIKE"]
    assert [one.operator for one in found if isinstance(one, Compare)] == expected


def test_precedence() -> None:
    """NOT binds more than AND, AND more than OR."""
    a, b, c = (Is(Field("params", key), "NULL") for key in "abc")
    text = "params.a is null or not params.b is null and params.c is null"
    assert parse(text) == Or((a, And((Not(b), c))))


def test_parentheses() -> None:
    """Parentheses come first."""
    a, b, c = (Is(Field("params", key), "NOT NULL") for key in "abc")
    text = "(params.a is not null or params.b is not null) and params.c is not null"
    assert parse(text) == And((Or((a, b)), c))


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("", 0, "metrics.acc > 0.9"),
        ("acc > 0.9", 0, "write metrics.acc, params.acc or tags.acc"),
        ("stauts = 'finished'", 0, "did you mean status?"),
        ("metrcs.acc > 1", 0, "did you mean metrics.acc?"),
        ("zzz.acc > 1", 0, "write metrics.acc"),
        ("metrics. > 1", 0, "write metrics.KEY"),
        ("inputs.foo = 'a'", 0, "they have name, uri, sha256"),
        ("metrics.acc >", 13, "write a number"),
        ("metrics.acc 1", 12, "write =, !="),
        ("metrics.acc > 1 adn status = 'failed'", 16, "did you mean AND?"),
        ("metrics.acc > 1 2", 16, "AND or OR"),
        ("params.x lik 'a'", 9, "did you mean LIKE?"),
        ("params.x between 1 and 2", 9, "params.x >= LOW"),
        ("params.x = abc", 11, "'abc'"),
        ("params.x = 3abc", 11, "'3abc'"),
        ("params.x = 'abc", 11, "written twice"),
        ("params.x && 1", 9, "write AND"),
        ("(params.x = 1", 0, "close the parenthesis"),
        ("params.x = 1)", 12, "no parenthesis is open"),
        ("params.x in 'a'", 12, "IN ('a', 'b')"),
        ("params.x in ('a'", 12, "commas"),
        ("params.x in ('a' 'b')", 17, "commas"),
        ("params.x is 3", 12, "IS NULL"),
        ("params.x is not 3", 16, "IS NOT NULL"),
        ("status is nan", 10, "IS NULL"),
        ("metrics.x = nan", 12, "metrics.x IS NAN"),
        ("metrics.x = '1'", 12, "without quotes"),
        ("metrics.x = true", 12, "metrics.x > 0"),
        ("metrics.x like '1%'", 15, "compare it with ="),
        ("params.x like 1", 14, "'%1%'"),
        ("run_name = 5", 11, "'5'"),
        ("status = 'finishd'", 9, "'finished'"),
        ("status = 'zzzz'", 9, "running, finished"),
        ("status > 'failed'", 7, "= or !="),
        ("params.x > true", 9, "= or !="),
        ("dirty = 'maybe'", 8, "dirty = true"),
        ("start_time > 'soon'", 13, "2d ago"),
        ("start_time > '99999999w ago'", 13, "2d ago"),
        ("duration > '3 parsecs'", 11, "1h30m"),
        ("min(params.x) > 1", 4, "min(metrics.loss)"),
        ("min(metrics.x > 1", 14, "close the parenthesis"),
        ("and params.x = 1", 0, "write a field first"),
        ("params.x = 1 or", 15, "write a field first"),
        ("params.x = 1; params.y = 2", 12, "one expression"),
    ],
)
def test_error(text: str, position: int, hint: str) -> None:
    """An error says where, and what to write."""
    found = error(text)
    assert (found.position, hint in str(found.hint)) == (position, True), found.hint


def test_too_deep() -> None:
    """Parentheses are limited."""
    assert "nested deeper" in error("(" * (DEEPEST + 1) + "params.x = 1").message
    assert parse("(" * DEEPEST + "params.x = 1" + ")" * DEEPEST) == parse("params.x = 1")


def test_too_many() -> None:
    """Comparisons are limited."""
    assert f"more than {MOST}" in error(" or ".join(["params.x = 1"] * (MOST + 1))).message


def test_too_long() -> None:
    """A filter is limited."""
    assert "longer" in error(f"params.x = '{'a' * LONGEST}'").message


def test_long_pattern() -> None:
    """A pattern is limited."""
    assert "pattern is longer" in error(f"params.x like '{'a' * 10_001}'").message


@settings(deadline=None)
@given(st.text() | st.text(st.sampled_from("metrics.params tagsandornot()'\"`=<>!,0123e-+%&é")))
@example("params.a = '\ud800\0'")
@example("²= 1")
def test_any_text(text: str) -> None:
    """Any text is a filter or a FilterError within it."""
    try:
        node = parse(text, NOW)
    except FilterError as found:
        assert 0 <= found.position <= len(text)  # noqa: PT017  either is fine
    else:
        assert parse(str(node), NOW) == node


@settings(deadline=None)
@given(nodes())
def test_printed(node: Node) -> None:
    """A filter that is printed and parsed is the same."""
    assert parse(str(node), NOW) == node


@settings(deadline=None)
@given(orders())
def test_printed_order(given_orders: list[Order]) -> None:
    """An order that is printed and parsed is the same."""
    assert parse_order(map(str, given_orders)) == tuple(given_orders)


def test_order() -> None:
    """Several things to sort by may stand in one text, ascending unless told otherwise."""
    expected = (Order(Field("metrics", "acc"), descending=True), Order(LR))
    assert parse_order("metrics.acc DESC, params.lr") == parse_order(["metrics.acc desc", "params.lr ASC"])
    assert parse_order("metrics.acc DESC, params.lr") == expected


@pytest.mark.parametrize(
    ("text", "position"), [("metrics.acc DOWN", 12), ("artifacts.path", 0), ("", 0), ("acc", 0)]
)
def test_order_error(text: str, position: int) -> None:
    """An order that does not parse says where."""
    with pytest.raises(FilterError) as raised:
        parse_order(text)
    assert raised.value.position == position


def test_fields_of() -> None:
    """All fields of a filter are found."""
    node = parse("params.lr = 1 and not (status = 'failed' or params.lr is null)")
    assert fields_of(node) == {LR, Field("attributes", "status")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params.lr = 0.1", True),
        ("params.lr = '0.1'", True),
        ("params.lr > 0.01", True),
        ("params.text = 5", True),
        ("params.text > 4", True),
        ("params.flag = true", True),
        ("params.flag = 'True'", True),
        ("params.list = '[1, 2]'", True),
        ("params.none = 'None'", True),
        ("params.word > 1", False),
        ("params.word != 1", True),
        ("params.gone != 1", False),
        ("params.gone not in (1)", False),
        ("params.gone not like 'a'", False),
        ("not params.gone = 1", True),
        ("params.gone is null", True),
        ("metrics.nan = 1", False),
        ("metrics.nan != 1", True),
        ("metrics.nan < 1", False),
        ("metrics.nan is nan", True),
        ("metrics.nan is not null", True),
        ("metrics.acc is not nan", True),
        ("metrics.gone is nan", False),
        ("metrics.gone is not nan", False),
        ("max(metrics.acc) = 1", True),
        ("count(metrics.acc) = 10", True),
        ("params.word like 'CN%'", False),
        ("params.word ilike 'CN_'", True),
        ("end_time > 0", False),
        ("duration is null", True),
        ("tags.fold = 3", True),
    ],
)
def test_meaning(text: str, expected: bool) -> None:  # noqa: FBT001  a table
    """What a comparison means of numbers, texts, NaN and what is missing."""
    one = run(
        params={"lr": 0.1, "text": "5", "flag": True, "word": "cnn", "list": [1, 2], "none": None},
        metrics={"nan": summary(float("nan")), "acc": summary(0.5)},
        tags={"fold": "3"},
    )
    assert matches(parse(text), one) is expected


def test_missing_last() -> None:
    """NaN comes after numbers, and what is missing after that, in either direction."""
    some = [run(id=name, metrics=metrics) for name, metrics in _BY_NAME.items()]
    up = sort_runs(some, parse_order("metrics.x"))
    down = sort_runs(some, parse_order("metrics.x DESC"))
    assert [one.id for one in up] == ["low", "high", "nan", "gone"]
    assert [one.id for one in down] == ["high", "low", "nan", "gone"]


_BY_NAME = {
    "gone": {},
    "nan": {"x": summary(float("nan"))},
    "high": {"x": summary(2)},
    "low": {"x": summary(1)},
}


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), nodes(), orders())
def test_sql_agrees(seed: int, node: Node, given_orders: list[Order]) -> None:
    """A filter finds the same runs in SQL and in Python, in the same order."""
    db, known = _index(some_runs(seed), wanted_of(node, given_orders))
    sql = Sql(partial(key_id, db))
    where = sql.where(node)
    joins, order = sql.order(given_orders)
    query = f"SELECT r.run_id FROM run AS r {joins} WHERE {where} ORDER BY {order}"  # noqa: S608  what is tested
    found = db.execute(query, sql.args)
    expected = sort_runs([one for one in known if matches(node, one)], given_orders)
    assert [row[0] for row in found] == [one.id for one in expected]
    db.close()


def _index(some: list[Run], wanted: Wanted) -> tuple[sqlite3.Connection, list[Run]]:
    """Half of the runs are there before somebody asks, half come later."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.create_function("ilike", 2, ilike)
    db.executescript(f"{TABLES} {INDEXES}")
    half = len(some) // 2
    known = _insert(db, some[:half], 1)
    fill(db, wanted)
    known += _insert(db, some[half:], half + 1)
    extend(db, half + 1)
    fill(db, wanted)  # keys that only the later ones have
    return db, known


def _insert(db: sqlite3.Connection, some: list[Run], first: int) -> list[Run]:
    batch, known = Batch(first), []
    for one in some:
        content = {"run.yaml": next(iter(run_files(one, [], None).values()))}
        batch.add(f"x/{one.id}", {"run.yaml": "0" * 40}, content)
        known.append(assemble(f"x/{one.id}", content).run)
    assert batch.problems == []
    insert(db, batch)
    return known


@pytest.mark.parametrize(
    ("given_value", "number", "text"),
    [
        (1, 1, "1"),
        (0.1, 0.1, "0.1"),
        ("1e3", 1000.0, "1e3"),
        ("-5", -5, "-5"),
        ("0x10", None, "0x10"),
        ("9" * 50, None, "9" * 50),
        ("٣", None, "٣"),
        (True, None, "True"),
        (None, None, "None"),
        (float("nan"), None, "NaN"),
        (float("inf"), float("inf"), "Infinity"),
        (10**400, float("inf"), None),
        (-(10**400), float("-inf"), None),
        ("a\0b", None, "a\ufffdb"),
        ({"a": 1}, None, "{'a': 1}"),
    ],
)
def test_number_and_text(given_value: object, number: float | None, text: str | None) -> None:
    """What a param is as a number and as a text."""
    assert number_of(given_value) == number
    assert text is None or text_of(given_value) == text
