"""The bytes of tables and arrays: what they depend on, and what not."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import io
import struct
import uuid
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gittrack.core.errors import InvalidValue
from gittrack.tracking.canonical_data import content_of


def canonical(data: Any) -> bytes:
    """The canonical bytes of some data."""
    content = content_of(data)
    assert content is not None
    return b"".join(content.parts)


def column(values: Any, **options: Any) -> bytes:
    """The canonical bytes of one column: head and values."""
    return canonical(pd.DataFrame({"x": pd.Series(values, **options)})).partition(b"\n")[2]


def test_the_form_is_what_the_format_says() -> None:
    """A head, then each column: a line about it and its values. The digest is for good."""
    frame = pd.DataFrame({"x": [1, 2], "y": [0.5, float("nan")], "z": ["a", None], "b": [True, False]})
    expected = (
        b'{"schema":"gittrack.table/1","rows":2}\n'
        b'{"name":"x","type":"int64","index":false,"bytes":16}\n'
        + struct.pack("<2q", 1, 2)
        + b'{"name":"y","type":"float64","index":false,"bytes":16}\n'
        + struct.pack("<d", 0.5)
        + bytes.fromhex("000000000000f87f")
        + b'{"name":"z","type":"json","index":false,"bytes":10}\n["a",null]'
        b'{"name":"b","type":"bool","index":false,"bytes":2}\n\x01\x00'
    )
    assert canonical(frame) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.Series([1, 2], dtype="int8"), pd.Series([1, 2], dtype="int64")),
        (pd.Series([1, 2], dtype="uint16"), pd.Series([1, 2], dtype="Int64")),
        (pd.Series([1.5, 2], dtype="float32"), pd.Series([1.5, 2], dtype="Float64")),
        (pd.Series([1.5, None], dtype="float64"), pd.Series([1.5, None], dtype="Float64")),
        (pd.Series(["a", None], dtype="object"), pd.Series(["a", None], dtype="string")),
        (pd.Series(["a", "b", "a"], dtype="category"), pd.Series(["a", "b", "a"])),
        (pd.Series([1, 2, 1], dtype="category"), pd.Series([1, 2, 1])),
        (pd.Series([True, False], dtype="boolean"), pd.Series([True, False])),
        (pd.Series([0, 0, 1], dtype="Sparse[int64]"), pd.Series([0, 0, 1])),
        (
            pd.Series(np.array(["2026-11-24", "NaT"], "M8[s]")),
            pd.Series(np.array(["2026-11-24", "NaT"], "M8[ns]")),
        ),
        (pd.Series(np.array([5, 6], "m8[ms]")), pd.Series(np.array([5, 6], "m8[ms]")).astype("m8[ns]")),
        (pd.Series(np.array([1, 2], ">i4")), pd.Series([1, 2])),
    ],
)
def test_how_values_are_held_does_not_matter(one: Any, other: Any) -> None:
    """The same values in another width, byte order, unit or kind of column are the same content."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.Series([1, 2]), pd.Series([2, 1])),
        (pd.Series([1, 2]), pd.Series([1.0, 2.0])),
        (pd.Series([1, 2], name="a"), pd.Series([1, 2], name="b")),
        (pd.Series([1, 2]), pd.Series([1, 2], index=[5, 6])),
        (pd.Series(["1"]), pd.Series([1])),
        (pd.Series(["a", None]), pd.Series(["a", "None"])),
        (pd.Series([0.0]), pd.Series([-0.0])),
        (pd.Series([b"a"]), pd.Series(["a"])),
        (pd.Series([2**63], dtype="uint64"), pd.Series([-(2**63)])),
        (pd.DataFrame(index=range(2)), pd.DataFrame(index=range(3))),
        (pd.Series([[1, 2], [3]]), pd.Series([[1], [2, 3]])),
    ],
)
def test_what_matters(one: Any, other: Any) -> None:
    """Order, type, names, labels of rows and missing values are part of the content."""
    assert canonical(one) != canonical(other)


def test_nanoseconds_where_there_are_some() -> None:
    """Times are microseconds else, so that the unit of the column does not matter."""
    assert b'"datetime64[ns]"' in column(pd.to_datetime(["2026-11-24 00:00:00.000000001"]))
    assert b'"datetime64[us]"' in column(pd.to_datetime(["2026-11-24"]))


def test_times_with_a_zone() -> None:
    """They are the moments that they mean."""
    here = pd.Series(pd.to_datetime(["2026-11-24 10:00"]).tz_localize("Europe/Berlin"))
    there = pd.Series(pd.to_datetime(["2026-11-24 09:00"]))
    assert column(here) == column(there)


def test_values_of_any_kind() -> None:
    """As JSON that says what each is."""
    numbers = [None, True, 1, 2**70, 0.5, float("inf"), np.float64(2.5), np.array([1, 2])]
    times = [dt.date(2026, 11, 24), dt.time(1), pd.Period("2026", freq="Y")]
    names = ["ü", b"\x01", decimal.Decimal("1.0"), uuid.UUID(int=1), PurePosixPath("a/b")]
    values = [*numbers, *times, *names, {"b": 1, "a": [2]}, (1, 2)]
    text = column(np.array([*values, None], dtype=object)[:-1], dtype=object).partition(b"\n")[2].decode()
    assert text == (
        '[null,true,1,{"int":"1180591620717411303424"},0.5,{"float":"inf"},2.5,[1,2],'
        '{"time":"2026-11-24"},{"time":"01:00:00"},{"text":"2026"},'
        '"ü",{"bytes":"01"},{"text":"1.0"},{"text":"00000000-0000-0000-0000-000000000001"},{"text":"a/b"},'
        '{"map":[["a",[2]],["b",1]]},[1,2]]'
    )


def test_complex_numbers() -> None:
    """Pairs of floats."""
    assert column([1 + 2j]).endswith(struct.pack("<2d", 1, 2))


def test_half_a_character() -> None:
    """It is said as an escape: JSON has none."""
    assert column(np.array(["a\ud800", "ü"], dtype=object)).endswith(b'["a\\\\ud800","\xc3\xbc"]')


def test_what_cannot_be_told() -> None:
    """An object, or an endless nest, has no content that two machines agree on."""
    with pytest.raises(InvalidValue, match="column 'x' holds object"):
        column([object()])
    nest: list[Any] = []
    nest.append(nest)
    with pytest.raises(InvalidValue, match="nested deeper"):
        column([nest], dtype=object)


def test_labels_of_rows() -> None:
    """Each level of them is a column before the others."""
    frame = pd.DataFrame(
        {"x": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", None])
    )
    lines = [one for one in canonical(frame).split(b"\n") if b'"index":true' in one]
    assert len(lines) == 2
    assert b'"name":"k"' in lines[0]


def test_an_index() -> None:
    """As a column of its values."""
    content = content_of(pd.Index([3, 4], name="n"))
    assert content is not None
    assert (content.kind, content.shape) == ("series", (2,))


def test_what_converts_to_a_frame() -> None:
    """Polars and Arrow have `to_pandas`."""

    class Table:
        def to_pandas(self) -> pd.DataFrame:
            return pd.DataFrame({"x": [1]})

    assert canonical(Table()) == canonical(pd.DataFrame({"x": [1]}))


ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.arange(6).reshape(2, 3).T,
    np.float32(3),
    np.array([], dtype="f8"),
    np.array(["a", "bü"]),
    np.array(["2026-11-24"], dtype="M8[D]"),
    np.array([True]),
    np.zeros(2, dtype=[("a", "i4"), ("b", "f8", (2,))]),
    np.arange(200_000.0)[::2],
    np.array([1 + 2j]),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda one: f"{one.dtype}-{np.shape(one)}")
def test_arrays_are_npy_files(array: Any) -> None:
    """NumPy reads them back."""
    back = np.load(io.BytesIO(canonical(array)))
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


def test_the_npy_file_is_numpys_own() -> None:
    """Of a plain array it is what `numpy.save` writes, whose form has not changed since NumPy 1.14."""
    buffer = io.BytesIO()
    np.save(buffer, np.arange(5, dtype="<i8"))
    assert canonical(np.arange(5, dtype="<i8")) == buffer.getvalue()
    digest = hashlib.sha256(canonical(np.arange(5, dtype="<i8"))).hexdigest()
    assert digest == "e24087dfc0efa40c8b280f8839dbdac487c5be2456ee63b23a284df057d01a6e"


def test_how_arrays_are_held_does_not_matter() -> None:
    """Byte order, strides, order in memory and what lies between fields."""
    assert canonical(np.arange(3, dtype=">i8")) == canonical(np.arange(3, dtype="<i8"))
    assert canonical(np.ones((3, 4), order="F")) == canonical(np.ones((3, 4)))
    loose = np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
    assert canonical(loose) == canonical(np.zeros(2, dtype=[("a", "i1"), ("b", "f8")]))
    assert canonical(np.array([1.5], dtype="longdouble")) == canonical(np.array([1.5]))
    assert canonical(np.array([1.5], dtype="clongdouble")) == canonical(np.array([1.5 + 0j]))


def test_long_heads() -> None:
    """Many fields, and names beyond Latin-1, take later versions of the form; NumPy reads them."""
    many = np.zeros(1, dtype=[(f"field_{number:04d}", "i1") for number in range(4000)])
    assert canonical(many)[6] == 2
    assert np.load(io.BytesIO(canonical(many)), max_header_size=200_000).dtype == many.dtype
    odd = np.zeros(1, dtype=[("длина", "i1")])
    assert canonical(odd)[6] == 3
    assert np.load(io.BytesIO(canonical(odd))).dtype == odd.dtype


def test_arrays_of_objects() -> None:
    """Their values as JSON, after a line with the shape."""
    array = np.array([[1, "a"], [None, 2.5]], dtype=object)
    assert canonical(array) == b'{"schema":"gittrack.array/1","shape":[2,2]}\n[1,"a",null,2.5]'


def test_a_masked_array() -> None:
    """What is behind the mask is no content."""
    with pytest.raises(InvalidValue, match="masked"):
        content_of(np.ma.masked_array([1, 2], mask=[True, False]))


def test_a_tensor_that_learns() -> None:
    """It is taken off its graph and its device first."""

    class Tensor:
        def detach(self) -> Tensor:
            return self

        def cpu(self) -> Any:
            return np.array([1.0])

        def __array__(self, *_: object) -> None:
            msg = "call detach first"
            raise RuntimeError(msg)

    assert canonical(Tensor()) == canonical(np.array([1.0]))


def test_no_data() -> None:
    """Anything else is none."""
    assert content_of([1, 2]) is None
    assert content_of(np.ndarray) is None
