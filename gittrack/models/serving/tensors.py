"""Tensors of the Open Inference Protocol ↔ arrays and columns.

Datatypes and their binary form are those of github.com/kserve/open-inference-protocol and its extension
for binary data; content types (`np`, `pd`, `str`, …) those of MLServer 1.7, whose runtime for MLflow's
models decodes and encodes the same way.
"""

from __future__ import annotations

import base64
import math
import struct
from typing import TYPE_CHECKING, Any

from gittrack.core.text import load_json
from gittrack.models.serving.values import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DTYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
}
"""Datatype to NumPy's name for it; `BYTES` are texts or bytes of any length."""
DATATYPES = {dtype: name for name, dtype in DTYPES.items()}
_LENGTH = struct.Struct("<I")
_MOST_DIMENSIONS = 32  # the least of NumPy's limits


def array_of(tensor: Mapping[str, Any], raw: memoryview | None) -> Any:  # noqa: ANN401  a NumPy array
    """The values of a tensor: numbers of its datatype, or `object` for BYTES.

    Args:
        tensor: with `shape`, `datatype`, and `data` where `raw` is None.
        raw: its values in binary form.

    Raises:
        BadRequest: they are no values of that datatype and shape.
    """
    import numpy as np

    shape, datatype = _shape(tensor), tensor.get("datatype")
    dtype = "object" if datatype == "BYTES" else DTYPES.get(str(datatype))
    if dtype is None:
        refuse(f"{_name(tensor)}: no such datatype: {str(datatype)[:20]!r}")
    try:
        if raw is None:
            array = _from_json(tensor.get("data"), dtype)
        elif dtype == "object":
            array = _objects(_unpacked(raw))
        else:
            array = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<")).astype(dtype)
    except (ValueError, TypeError, OverflowError) as error:
        refuse(f"{_name(tensor)} holds no values of {datatype}: {str(error)[:200]}")
    if array.size != math.prod(shape):
        refuse(f"{_name(tensor)} has {array.size:,} values, and its shape {list(shape)} asks for others")
    return array.reshape(shape)


def _shape(tensor: Mapping[str, Any]) -> tuple[int, ...]:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or len(shape) > _MOST_DIMENSIONS or not all(map(_is_size, shape)):
        refuse(f"{_name(tensor)}: its shape is no list of sizes")
    return tuple(shape)


def _is_size(value: Any) -> bool:  # noqa: ANN401  a JSON value
    return type(value) is int and 0 <= value < 1 << 40


def _name(tensor: Mapping[str, Any]) -> str:
    return f"input {str(tensor.get('name'))[:60]!r}"


def _from_json(data: Any, dtype: str) -> Any:  # noqa: ANN401
    """The array of a list, which may be nested or flat."""
    import numpy as np

    if not isinstance(data, list):
        refuse("the data of an input is a list")
    if dtype == "object":
        return _objects(_flat(data))
    found = np.array(data)
    if found.dtype.kind == "O" and dtype.startswith("float"):  # null is a missing value
        return np.array(data, dtype)
    if found.size and (found.dtype.kind not in "biuf" or (found.dtype.kind == "f") > (dtype[0] == "f")):
        refuse(f"the data of an input is no list of {dtype} values")
    return np.array(data, dtype)


def _flat(data: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    todo = [iter(data)]
    while todo:
        for one in todo[-1]:
            if isinstance(one, list):
                todo.append(iter(one))
                break
            found.append(one)
        else:
            todo.pop()
    return found


def _objects(values: list[Any]) -> Any:  # noqa: ANN401
    import numpy as np

    array = np.empty(len(values), object)
    array[:] = values
    return array


def _unpacked(raw: memoryview) -> list[bytes]:
    """The elements of BYTES: each behind its length."""
    found, place = [], 0
    while place < len(raw):
        if place + 4 > len(raw) or place + 4 + (size := _LENGTH.unpack_from(raw, place)[0]) > len(raw):
            msg = "a length leads beyond the end"
            raise ValueError(msg)
        found.append(bytes(raw[place + 4 : place + 4 + size]))
        place += 4 + size
    return found


def decoded(array: Any, kind: str | None, name: str) -> Any:  # noqa: ANN401  arrays
    """Values of BYTES as a content type has them: text unless it says otherwise; others as they are.

    Raises:
        BadRequest: they are not what it says.
    """
    if array.dtype != object:
        return array
    convert: Any = {"base64": _from_base64, "datetime": _from_iso, "pd_json": load_json}.get(str(kind), _text)
    values: list[Any] = []
    for value in array.ravel():
        try:
            values.append(None if value is None else convert(value))
        except (ValueError, TypeError) as error:
            refuse(f"input {name[:60]!r} holds no {kind or 'text'} values: {str(error)[:200]}")
    if kind == "datetime":
        import numpy as np

        return np.array(values, "datetime64[ns]").reshape(array.shape)
    return _objects(values).reshape(array.shape)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        msg = f"{type(value).__name__} is no text"
        raise TypeError(msg)
    return value


def _from_base64(value: Any) -> bytes:  # noqa: ANN401
    return base64.b64decode(_text(value), validate=True)


def _from_iso(value: Any) -> Any:  # noqa: ANN401
    import pandas as pd

    stamp = pd.Timestamp(_text(value))
    plain: Any = stamp.tz_convert(None) if stamp.tzinfo is not None else stamp
    return plain.to_datetime64()


def tensor_of(name: str, values: Any) -> dict[str, Any]:  # noqa: ANN401  an array or a Series
    """Values as a tensor, `data` still an array; one dimension is a batch of one value each.

    Raises:
        TypeError: JSON cannot say the values.
    """
    import numpy as np

    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    kind = None
    datatype = DATATYPES.get(str(array.dtype))
    if datatype is None:
        array, kind = _encoded(array)
        datatype = "BYTES"
    shape = array.shape if array.ndim > 1 else (array.size, 1)
    found: dict[str, Any] = {"name": name, "shape": list(shape), "datatype": datatype}
    return {**found, "parameters": {"content_type": kind or "np"}, "data": array.ravel()}


def _encoded(array: Any) -> tuple[Any, str]:  # noqa: ANN401
    """Values that are no numbers as texts, and their content type."""
    from gittrack.core.text import dump_json

    if array.dtype.kind == "M":
        import numpy as np

        return _objects(np.datetime_as_string(array.ravel()).tolist()).reshape(array.shape), "datetime"
    values = array.ravel().tolist()
    if all(isinstance(one, str) for one in values):
        return _objects(values).reshape(array.shape), "str"
    if values and all(isinstance(one, bytes) for one in values):
        return _objects([base64.b64encode(one).decode() for one in values]).reshape(array.shape), "base64"
    return _objects([dump_json(one).decode() for one in values]).reshape(array.shape), "pd_json"


def packed(tensor: Mapping[str, Any]) -> bytes:
    """The values of a tensor in binary form."""
    import numpy as np

    data = tensor["data"]
    if tensor["datatype"] != "BYTES":
        return bytes(data.astype(np.dtype(data.dtype).newbyteorder("<")).tobytes())
    texts = [str(one).encode() for one in data]
    return b"".join(_LENGTH.pack(len(one)) + one for one in texts)
