"""Parts of files as data for a model, and predictions as parts of files."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import load_json
from gittrack.models.signature.columns import DTYPES
from gittrack.models.signature.failures import DoesNotFit
from gittrack.models.signature.specs import Column
from gittrack.models.signature.types import Scalar

if TYPE_CHECKING:
    from gittrack.models.scoring.parts import Part
    from gittrack.models.signature.specs import Schema

PREDICTION = "prediction"
"""Name of the column where predictions have none."""
_EXACT = ("integer", "long", "float", "double", "string")


def read_part(part: Part, form: str, schema: Schema | None) -> Any:  # noqa: ANN401  a DataFrame
    """The rows of a part.

    Raises:
        InvalidValue: they are not of that format.
        DoesNotFit: a value is not of the type that the signature has for its column.
    """
    import pandas as pd

    try:
        if form == "csv":
            return _read_csv(part, schema)
        if form == "parquet":
            return part.body.to_pandas()
        if form == "jsonl":
            return pd.DataFrame([load_json(line) for line in part.body.splitlines() if line.strip()])
        return _read_json(load_json(part.body))
    except pd.errors.ParserError as error:
        msg = f"not CSV: {error}"
        raise InvalidValue(msg, hint="every row must have as many values as the header") from error
    except ValueError as error:
        if isinstance(error, InvalidValue):
            raise
        msg = f"not {form}: {error}"
        raise InvalidValue(msg, hint="say --format where the name of the file says another") from error


def _read_csv(part: Part, schema: Schema | None) -> Any:  # noqa: ANN401
    import pandas as pd

    kinds = _dtypes(schema)
    content = io.BytesIO(part.head + part.body)
    try:
        return pd.read_csv(content, dtype=kinds)
    except (ValueError, TypeError) as error:
        if isinstance(error, pd.errors.ParserError) or not kinds:
            raise
        content.seek(0)
        table = pd.read_csv(content)  # so that the error names the column
        for name, kind in kinds.items():
            if name in table.columns and kind != "str":
                _check(name, table[name], kind)
        raise


def _check(name: str, series: Any, kind: str) -> None:  # noqa: ANN401
    try:
        series.astype(kind)
    except (ValueError, TypeError) as error:
        msg = f"column {name!r} cannot be read as {kind}: {error}"
        raise DoesNotFit(
            msg, hint="the signature of the model has its type: `gittrack model show`"
        ) from error


def _dtypes(schema: Schema | None) -> dict[str, str]:
    """Types for reading CSV, where texts and numbers look alike."""
    columns = [] if schema is None else [one for one in schema.specs if isinstance(one, Column)]
    return {
        str(one.name): DTYPES[one.type.name]
        for one in columns
        if one.name is not None and isinstance(one.type, Scalar) and one.type.name in _EXACT
    }


def _read_json(document: Any) -> Any:  # noqa: ANN401  a JSON value
    import pandas as pd

    if isinstance(document, dict) and isinstance(document.get("dataframe_split", document), dict):
        split = document.get("dataframe_split", document)
        if "data" in split:
            return pd.DataFrame(split["data"], columns=split.get("columns"))
    if isinstance(document, dict) and isinstance(document.get("dataframe_records"), list):
        return pd.DataFrame(document["dataframe_records"])
    if isinstance(document, list):
        return pd.DataFrame(document)
    msg = "the JSON is no table"
    raise InvalidValue(msg, hint='give a list of rows, {"columns": …, "data": …} or {"dataframe_records": …}')


def as_table(predictions: Any) -> Any:  # noqa: ANN401  of any model
    """Predictions as a DataFrame: one column, or one for each output.

    Raises:
        InvalidValue: they are no rows.
    """
    import numpy as np
    import pandas as pd

    if isinstance(predictions, pd.DataFrame):
        return predictions
    if isinstance(predictions, pd.Series):
        return predictions.to_frame(predictions.name if predictions.name is not None else PREDICTION)
    if isinstance(predictions, dict):
        flat = {name: _flat(value) for name, value in predictions.items()}
        return pd.DataFrame(flat)
    array = np.asarray(predictions)
    if array.ndim == 1:
        return pd.DataFrame({PREDICTION: array})
    if array.ndim == 2:  # noqa: PLR2004  a table
        return pd.DataFrame(array, columns=[f"{PREDICTION}_{number}" for number in range(array.shape[1])])
    msg = f"predictions of the shape {array.shape} are no rows"
    raise InvalidValue(msg, hint="load the model in Python: gittrack.load_model(…).predict(…)")


def _flat(value: Any) -> Any:  # noqa: ANN401
    shape = getattr(value, "shape", ())
    return list(value) if len(shape) > 1 and shape[1:] != (1,) else getattr(value, "ravel", lambda: value)()


def write_part(table: Any, form: str, *, first: bool) -> bytes:  # noqa: ANN401  a DataFrame
    """The rows of predictions as text; CSV gets its header with the first part."""
    if form == "csv":
        text: str = table.to_csv(index=False, header=first)
        return text.encode()
    lines: str = table.to_json(orient="records", lines=True, double_precision=15)
    return lines.encode() if lines.endswith("\n") or not lines else f"{lines}\n".encode()


def json_document(lines: bytes) -> bytes:
    """JSON lines as the one document that a server answers."""
    rows = [load_json(line) for line in lines.splitlines() if line.strip()]
    if rows and all(isinstance(row, dict) and [*row] == [PREDICTION] for row in rows):
        rows = [row[PREDICTION] for row in rows]
    return json.dumps({"predictions": rows}).encode()
