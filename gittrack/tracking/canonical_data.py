"""Tables and arrays as bytes that depend on what they hold and on nothing else.

The forms are described in `docs/format.md` ("Digests of data in memory"): same values, names, types
and order, same bytes, whatever the machine, the byte order and the version of pandas or NumPy.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import InvalidValue
from gittrack.core.text import dump_json
from gittrack.tracking.canonical_values import INT64, json_list, json_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy as np
    import pandas as pd

TABLE = "gittrack.table/1"
ARRAY = "gittrack.array/1"
_NAT = -INT64  # what NumPy has for no time
_BUFFER = 1 << 16  # items of an array at a time
_MAGIC = b"\x93NUMPY"
_ALIGN = 64  # bytes: what the header of an .npy file is filled up to


class Content(NamedTuple):
    """Data in memory, ready to be hashed.

    Attributes:
        kind: `dataframe`, `series` or `array`.
        shape: rows and columns of a table, lengths of an array.
        columns: name to type, of a table.
        parts: the canonical bytes, in pieces.
    """

    kind: str
    shape: tuple[int, ...]
    columns: Mapping[str, str]
    parts: Iterable[bytes]


def content_of(data: Any) -> Content | None:  # noqa: ANN401  whatever the user passed
    """What a table or an array holds; None for anything else.

    pandas' `DataFrame` and `Series`, what converts to them (`to_pandas`: Polars, Arrow), NumPy arrays,
    and what converts to those (`__array__`: tensors).

    Raises:
        InvalidValue: it holds values whose content cannot be told.
    """
    pandas = sys.modules.get("pandas")  # nobody has a frame who has not loaded it
    if not isinstance(data, type) and callable(getattr(data, "to_pandas", None)):
        data = data.to_pandas()
        pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        names = {str(label): str(dtype) for label, dtype in zip(data.columns, data.dtypes, strict=True)}
        return Content("dataframe", tuple(data.shape), names, _table(len(data), _columns(data)))
    if pandas is not None and isinstance(data, (pandas.Series, pandas.Index)):
        series = data.to_series(index=range(len(data))) if isinstance(data, pandas.Index) else data
        names = {} if series.name is None else {str(series.name): str(series.dtype)}
        return Content("series", tuple(series.shape), names, _table(len(series), _series(series)))
    if isinstance(data, type) or not hasattr(data, "__array__"):
        return None
    found = _array_of(data)
    return Content("array", tuple(map(int, found.shape)), {}, _array(found))


# ---- tables


_Column = tuple[bool, Any, "pd.Series[Any]"]  # of the index?, its name, its values


def _columns(frame: pd.DataFrame) -> Iterator[_Column]:
    yield from _index(frame.index)
    for number, label in enumerate(frame.columns):
        yield False, label, frame.iloc[:, number]


def _series(series: pd.Series[Any]) -> Iterator[_Column]:
    yield from _index(series.index)
    yield False, series.name, series


def _index(index: pd.Index[Any]) -> Iterator[_Column]:
    """The labels of rows; none where they are numbered from 0 on."""
    import pandas as pd

    if isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1:
        return
    for level in range(index.nlevels):
        yield True, index.names[level], index.get_level_values(level).to_series()


def _table(rows: int, columns: Iterable[_Column]) -> Iterator[bytes]:
    yield dump_json({"schema": TABLE, "rows": rows}) + b"\n"
    for of_index, label, series in columns:
        kind, data = _values(label, series)
        head = {"name": json_value(label, "a label", 0), "type": kind, "index": of_index, "bytes": len(data)}
        yield dump_json(head) + b"\n"
        yield data


def _values(label: object, series: pd.Series[Any]) -> tuple[str, bytes]:
    """Type and bytes of one column."""
    import numpy as np
    import pandas as pd

    if type(series.dtype).__name__ == "ArrowDtype":
        series = series.astype(object).infer_objects()
    elif isinstance(series.dtype, (pd.CategoricalDtype, pd.SparseDtype)):
        series = pd.Series(np.asarray(series))
    kind = series.dtype.kind
    if kind in "Mm":
        if isinstance(series.dtype, pd.DatetimeTZDtype):
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return _times(kind, series.to_numpy())
    if kind == "f":
        numbers = series.to_numpy(dtype="float64", na_value=np.nan).astype("<f8")
        numbers[np.isnan(numbers)] = np.nan  # one of its many forms
        return "float64", numbers.tobytes()
    if kind == "c":
        return "complex128", series.to_numpy().astype("<c16").tobytes()
    if kind in "biu" and not series.isna().any():
        return _whole(kind, series.to_numpy(dtype=_PLAIN[kind]))
    return "json", _listed(f"column {str(label)[:80]!r}", series)


_PLAIN = {"b": "bool", "i": "int64", "u": "uint64"}


def _whole(kind: str, numbers: np.ndarray[Any, Any]) -> tuple[str, bytes]:
    if kind == "b":
        return "bool", numbers.tobytes()
    if kind == "u" and len(numbers) and int(numbers.max()) >= INT64:
        return "uint64", numbers.astype("<u8").tobytes()
    return "int64", numbers.astype("<i8").tobytes()


def _times(kind: str, times: np.ndarray[Any, Any]) -> tuple[str, bytes]:
    """Microseconds; nanoseconds where a time has some."""
    import numpy as np

    name = "datetime" if kind == "M" else "timedelta"
    if np.datetime_data(times.dtype)[0] == "ns":
        counts = times.astype("int64")
        if np.any((counts % 1000 != 0) & (counts != _NAT)):
            return f"{name}64[ns]", counts.astype("<i8").tobytes()
    return f"{name}64[us]", times.astype(f"{name}64[us]").astype("<i8").tobytes()


def _listed(what: str, series: pd.Series[Any]) -> bytes:
    missing = series.isna().to_numpy()
    values = [
        None if gone else value for gone, value in zip(missing, series.to_numpy(dtype=object), strict=True)
    ]
    return json_list(what, values)


# ---- arrays


def _array_of(data: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401  whatever has `__array__`
    import numpy as np

    if isinstance(data, np.ma.MaskedArray):
        msg = "a masked array is no input"
        raise InvalidValue(msg, hint="log data.filled(…), and the mask if it matters")
    if callable(getattr(data, "detach", None)):  # a tensor that learns, or on a GPU
        data = data.detach().cpu()
    found = np.asarray(data)
    if found.dtype.kind == "f" and found.dtype.itemsize > 8:  # noqa: PLR2004  as wide as the machine has it
        return found.astype("float64")
    return found.astype("complex128") if found.dtype.kind == "c" and found.dtype.itemsize > 16 else found  # noqa: PLR2004


def _array(array: np.ndarray[Any, Any]) -> Iterator[bytes]:
    """An .npy file of version 1.0, in C order and little-endian; JSON where it holds objects."""
    import numpy as np

    if array.dtype.hasobject:
        yield dump_json({"schema": ARRAY, "shape": list(array.shape)}) + b"\n"
        yield json_list("the array", list(array.ravel(order="C")))
        return
    if array.dtype.names:
        from numpy.lib.recfunctions import repack_fields

        array = repack_fields(array, recurse=True)  # what lies between fields is anything
    dtype = array.dtype.newbyteorder("<")
    descr = np.lib.format.dtype_to_descr(dtype)
    shape = tuple(map(int, array.shape))
    yield _npy_head(f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}")
    flags = ("external_loop", "buffered", "zerosize_ok")
    blocks: Any = np.nditer(array, flags=flags, buffersize=_BUFFER, order="C")  # type: ignore[call-overload]  # any array
    for block in blocks:
        yield block.astype(dtype, copy=False).tobytes()


def _npy_head(text: str) -> bytes:
    """Magic, version, length and text, filled with blanks; see NEP 1."""
    try:
        raw, version = text.encode("latin-1"), 1
    except UnicodeEncodeError:
        raw, version = text.encode(), 3
    if version == 1 and len(raw) + _ALIGN >= 1 << 16:
        version = 2
    width = 2 if version == 1 else 4
    start = len(_MAGIC) + 2 + width
    raw = raw.ljust(-(-(start + len(raw) + 1) // _ALIGN) * _ALIGN - start - 1) + b"\n"
    return _MAGIC + bytes((version, 0)) + len(raw).to_bytes(width, "little") + raw
