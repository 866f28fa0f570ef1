"""Signatures are inferred and enforced as an installed MLflow does it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittrack.core.errors import InvalidValue
from gittrack.models.signature.enforce import enforce
from gittrack.models.signature.infer import infer_params, infer_schema
from gittrack.models.signature.specs import Signature
from gittrack.models.signature.text import schema_from, schema_to, signature_from, signature_to
from tests.support.mlflow_signatures import made, told
from tests.support.real_mlflow import oracle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.real_mlflow import Oracle

DATA = [
    "pd.DataFrame({'a': [1, 2], 'b': [0.5, None], 'c': ['x', 'y'], 'd': [True, False]})",
    "pd.DataFrame({'a': [1, None], 'b': ['x', None], 'when': pd.to_datetime(['2026-01-01', None])})",
    "pd.DataFrame({'raw': [b'1', b'22'], 'small': np.array([1, 2], dtype='int8')})",
    "pd.DataFrame({'u': np.array([1, 2], dtype='uint32'), 'f': np.array([1, 2], dtype='float32')})",
    "pd.DataFrame({0: [1, 2], 1: ['x', 'y']})",
    "pd.DataFrame({'l': [[1, 2], [3]], 'o': [{'x': 1}, {'x': 2, 'y': 'z'}], 'n': [[[0.5]], [[]]]})",
    "pd.DataFrame({'l': [[1, 2], None], 'o': [{'x': None}, {'x': 'a'}]})",
    "pd.DataFrame({'big': np.array([1, 2], dtype='uint64')})",
    "pd.DataFrame({'mixed': [1, 'x']})",
    "pd.DataFrame({'none': [None, None]})",
    "pd.DataFrame({'when': [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)]})",
    "pd.Series([1, 2], name='a')",
    "pd.Series(['x', None], name='a')",
    "np.array([[1.5, 2], [3, 4]])",
    "np.array(['a', 'bcd'])",
    "np.array([b'a'])",
    "np.zeros((2, 3, 4), dtype='float32')",
    "{'x': np.zeros((2, 3)), 'y': np.array(['a'])}",
    "{'x': 1, 'y': 'a', 'z': [1.5, 2.5], 'w': None}",
    "{'x': np.array([1, 2]), 'y': 'a'}",
    "['a', 'b']",
    "[1, 2]",
    "[0.5, None]",
    "[]",
    "[1, 'a']",
    "[{'a': 1, 'b': 'x'}, {'a': 2}]",
    "[{'a': {'deep': [1]}, 'b': None}, {'a': {'deep': []}, 'b': 'x'}]",
    "'a text'",
    "1",
    "0.5",
    "True",
    "b'raw'",
    "dt.datetime(2026, 1, 1)",
    "{'a': {'b': {'c': [1, 2]}}}",
    "object",
]


@pytest.fixture(scope="module")
def mlflow() -> Iterator[Oracle]:
    """An installed MLflow."""
    asked = oracle("mlflow_signatures.py")
    yield asked
    asked.close()


def inferred(recipe: str) -> Any:
    """What we infer, as JSON."""
    try:
        return schema_to(infer_schema(made(recipe)))
    except InvalidValue as error:
        return {"refused": error.message}


GIVEN_UP = [{"type": "any", "required": True}]
"""What MLflow writes, with a warning, where it finds no schema: a model that takes anything. We refuse."""


def alike(ours: Any, theirs: Any) -> bool:
    """Whether both came to the same, or both refused."""
    if theirs == GIVEN_UP:
        return isinstance(ours, dict) and "refused" in ours
    if isinstance(theirs, dict) and ({"refused", "crashed"} & theirs.keys()):
        return isinstance(ours, dict) and "refused" in ours
    return bool(ours == theirs)


@pytest.mark.parametrize("recipe", DATA)
def test_inferred_alike(mlflow: Oracle, recipe: str) -> None:
    """Tables, arrays, lists, mappings and scalars; what is no data is refused by both."""
    ours, theirs = inferred(recipe), mlflow.answer({"infer": recipe})
    assert alike(ours, theirs), f"{ours}\n{theirs}"


@pytest.mark.parametrize(
    "recipe",
    [
        "{'a': 1, 'b': 0.5, 'c': 'x', 'd': True, 'e': [1, 2], 'f': ['x'], 'g': [0.5, 1]}",
        "{'when': dt.datetime(2026, 1, 1)}",
        "{'a': np.float32(1.5), 'b': np.array([1, 2])}",
        "{'o': {'x': 1, 'y': ['a']}}",
        "{'a': [[1]]}",
    ],
)
def test_params_alike(mlflow: Oracle, recipe: str) -> None:
    """Params with their defaults."""
    theirs = mlflow.answer({"params": recipe})
    try:
        params = infer_params(made(recipe))
    except InvalidValue:
        assert {"refused", "crashed"} & set(theirs)
        return
    ours = signature_to(Signature(params=params))
    assert signature_from({"params": ours["params"]}) == Signature(params=params)
    assert [(one.name, str(one.type)[:6]) for one in params] == [
        (one["name"], one["type"][:6]) for one in theirs
    ]
    read = signature_from({"params": _json(theirs)})
    assert read is not None
    assert [(one.name, one.default, one.shape) for one in read.params] == [
        (one.name, one.default, one.shape) for one in params
    ]


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


SCALARS = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")
COLUMNS = (
    "np.array([0, 1], dtype='int8')",
    "np.array([5, -7], dtype='int32')",
    "np.array([5, 2**40], dtype='int64')",
    "np.array([0, 1], dtype='int64')",
    "np.array([1, 200], dtype='uint8')",
    "np.array([1, 2**31], dtype='uint32')",
    "np.array([1, 2], dtype='uint64')",
    "np.array([0.5, 2], dtype='float32')",
    "np.array([0.5, 2], dtype='float64')",
    "[1.0, None]",
    "[0.5, None]",
    "[True, False]",
    "[True, None]",
    "['x', 'yy']",
    "['x', None]",
    "[b'x', b'yy']",
    "pd.to_datetime(['2026-01-01', '2026-01-02'])",
    "pd.to_datetime(['2026-01-01', None])",
    "pd.to_datetime(['2026-01-01T10:00:00+02:00', '2026-01-02T10:00:00+02:00'])",
    "[dt.date(2026, 1, 1), dt.date(2026, 1, 2)]",
    "['2026-01-01', 'no time']",
    "[decimal.Decimal('0.5'), decimal.Decimal('2')]",
    "[[1, 2], [3]]",
    "[{'x': 1}, {'x': 2}]",
    "[None, None]",
    "pd.array([1, None], dtype='Int64')",
)


def enforced(schema: Any, recipe: str) -> Any:
    """What we enforce, as JSON."""
    try:
        found, _ = enforce(made(recipe), schema_from(schema))
    except InvalidValue as error:
        return {"refused": error.message}
    return told(found)


@pytest.mark.parametrize("values", COLUMNS)
@pytest.mark.parametrize("kind", SCALARS)
def test_columns_alike(mlflow: Oracle, kind: str, values: str) -> None:
    """Every type is held against values of every other."""
    schema = [{"type": kind, "name": "a", "required": True}]
    recipe = f"pd.DataFrame({{'a': {values}}})"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = enforced(schema, recipe)
    theirs = mlflow.answer({"schema": schema, "enforce": recipe})
    assert alike(ours, theirs), f"{ours}\n{theirs}"


COLUMN = {"type": "double", "name": "a", "required": True}
OPTIONAL = {"type": "string", "name": "b", "required": False}
NESTED = [
    {"type": "array", "items": {"type": "long"}, "name": "a", "required": True},
    {
        "type": "object",
        "properties": {"x": {"type": "long"}, "y": {"type": "string", "required": False}},
        "name": "o",
        "required": True,
    },
    {"type": "map", "values": {"type": "double"}, "name": "m", "required": False},
    {"type": "any", "name": "z", "required": False},
]
TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]
NAMED = [
    {"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}},
    {"name": "y", "type": "tensor", "tensor-spec": {"dtype": "str", "shape": [-1]}},
]
CASES: list[tuple[Any, str]] = [
    ([COLUMN, OPTIONAL], "pd.DataFrame({'b': ['x'], 'a': [0.5]})"),
    ([COLUMN, OPTIONAL], "pd.DataFrame({'a': [0.5], 'c': [1]})"),
    ([COLUMN, OPTIONAL], "pd.DataFrame({'b': ['x']})"),
    ([COLUMN], "{'a': 0.5}"),
    ([COLUMN], "{'a': [0.5, 1.5]}"),
    ([COLUMN], "{'a': np.array([0.5, 1.5])}"),
    ([COLUMN], "[{'a': 0.5}, {'a': 1.5}]"),
    ([COLUMN], "pd.Series([0.5, 1.5], name='a')"),
    ([COLUMN], "'text'"),
    ([{"type": "string"}], "'text'"),
    ([{"type": "string"}], "['a', 'b']"),
    ([{"type": "double"}, {"type": "long"}], "np.array([[0.5, 1.0]])"),
    ([{"type": "double"}, {"type": "double"}], "np.array([[0.5, 1.0]])"),
    ([{"type": "double"}], "pd.DataFrame({'p': [0.5], 'q': [1]})"),
    ([{"type": "double"}, {"type": "double"}], "pd.DataFrame({'p': [0.5]})"),
    (NESTED, "pd.DataFrame({'a': [[1, 2]], 'o': [{'x': 1}], 'm': [{'k': 0.5}], 'z': [object]})"),
    (NESTED, "pd.DataFrame({'a': [[1, 2]], 'o': [{'x': 1, 'y': 'a'}]})"),
    (NESTED, "pd.DataFrame({'a': [[1, 2]], 'o': [{'y': 'a'}]})"),
    (NESTED, "pd.DataFrame({'a': [[1, 2]], 'o': [{'x': 1, 'q': 2}]})"),
    (NESTED, "pd.DataFrame({'a': [[1, 'x']], 'o': [{'x': 1}]})"),
    (NESTED, "pd.DataFrame({'a': [[]], 'o': [{'x': 1}], 'm': [None]})"),
    (NESTED, "pd.DataFrame({'a': [3], 'o': [{'x': 1}]})"),
    (NESTED, "{'a': [1], 'o': {'x': 1}}"),
    (TENSOR, "np.array([[0.5, 1.0]])"),
    (TENSOR, "np.array([[0.5, 1.0, 2.0]])"),
    (TENSOR, "np.array([0.5, 1.0])"),
    (TENSOR, "np.array([[1, 2]])"),
    (TENSOR, "pd.DataFrame({'p': [0.5], 'q': [1.5]})"),
    (TENSOR, "pd.DataFrame({'p': [[0.5, 1.5], [2.5, 3.5]]})"),
    (TENSOR, "pd.DataFrame({'p': [[0.5], [2.5]]})"),
    (TENSOR, "pd.DataFrame({'p': []})"),
    (TENSOR, "[[0.5, 1.0]]"),
    (NAMED, "{'x': np.zeros((3, 2), dtype='float32'), 'y': np.array(['a', 'b'])}"),
    (NAMED, "{'x': np.zeros((3, 2)), 'y': np.array(['a', 'b'])}"),
    (NAMED, "{'x': np.zeros((3, 2), dtype='float32')}"),
    (NAMED, "pd.DataFrame({'x': [[1, 2], [3, 4]], 'y': ['a', 'b']})"),
    (NAMED, "np.zeros((3, 2))"),
    (NAMED[:1], "np.zeros((3, 2), dtype='float32')"),
    (
        [{"type": "tensor", "tensor-spec": {"dtype": "object", "shape": [-1]}}],
        "np.array([[1], 'x'], dtype=object)",
    ),
]


@pytest.mark.parametrize(("schema", "recipe"), CASES)
def test_shapes_alike(mlflow: Oracle, schema: Any, recipe: str) -> None:
    """What is missing, too many, optional, nested or of another shape."""
    ours, theirs = enforced(schema, recipe), mlflow.answer({"schema": schema, "enforce": recipe})
    assert alike(ours, theirs), f"{ours}\n{theirs}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.dictionaries(st.sampled_from("abc"), st.sampled_from(COLUMNS), min_size=1),
    kinds=st.dictionaries(st.sampled_from("abc"), st.sampled_from(SCALARS), min_size=1),
    required=st.booleans(),
)
def test_tables_alike(
    mlflow: Oracle,
    table: dict[str, str],
    kinds: dict[str, str],
    required: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    """Tables of any columns are held against schemas of any others."""
    schema = [{"type": kind, "name": name, "required": required} for name, kind in kinds.items()]
    recipe = f"pd.DataFrame({{{', '.join(f'{name!r}: {values}' for name, values in table.items())}}})"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = enforced(schema, recipe)
        assert alike(inferred(recipe), mlflow.answer({"infer": recipe}))
    theirs = mlflow.answer({"schema": schema, "enforce": recipe})
    assert alike(ours, theirs), f"{ours}\n{theirs}"
