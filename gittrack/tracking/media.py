"""Texts, documents, figures, pictures and tables as bytes of a file; the suffix says the format."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import load_json


def text(content: object) -> bytes:
    """UTF-8.

    Raises:
        InvalidValue: it is no text.
    """
    if not isinstance(content, str):
        msg = f"log_text takes text, not {type(content).__name__}"
        raise InvalidValue(msg, hint="use str(…), or log_dict for structures")
    return content.encode(errors="surrogateescape")


def document(value: Any, name: str) -> bytes:  # noqa: ANN401  any JSON value
    """YAML where the name ends so, JSON with an indent of two otherwise.

    Raises:
        InvalidValue: it cannot be written as JSON.
    """
    import orjson

    try:
        encoded = orjson.dumps(
            value,
            option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY,
            default=str,
        )
    except (TypeError, ValueError) as error:
        msg = f"{name} cannot be written: {error}"
        raise InvalidValue(msg, hint="log_dict takes mappings and lists of plain values") from error
    if _suffix(name) not in {".yaml", ".yml"}:
        return encoded + b"\n"
    from gittrack.core.yaml_reader import write_yaml

    return write_yaml(load_json(encoded))


def figure(value: Any, name: str, options: dict[str, Any]) -> bytes:  # noqa: ANN401  of either library
    """A Matplotlib or Plotly figure.

    Raises:
        InvalidValue: it is neither, or the suffix is of no known format.
    """
    suffix = _suffix(name)
    buffer = io.BytesIO()
    if hasattr(value, "savefig"):
        try:
            value.savefig(buffer, format=suffix.lstrip(".") or "png", **options)
        except ValueError as error:
            msg = f"{name}: {error}"
            raise InvalidValue(msg, hint="use .png, .svg or .pdf") from error
        return buffer.getvalue()
    if hasattr(value, "to_html"):
        if suffix == ".html":
            return str(value.to_html(include_plotlyjs="cdn")).encode()
        if suffix == ".json":
            return str(value.to_json()).encode()
        return bytes(value.to_image(format=suffix.lstrip(".") or "png"))
    msg = f"log_figure takes a Matplotlib or Plotly figure, not {type(value).__name__}"
    raise InvalidValue(msg, hint="plt.gcf() is the current figure")


def image(value: Any, name: str) -> bytes:  # noqa: ANN401  of either library
    """A PIL image or an array as a picture file.

    Raises:
        InvalidValue: it is neither, of another shape, or the suffix is of no known format.
    """
    picture = value if hasattr(value, "save") and hasattr(value, "mode") else _from_array(value)
    buffer = io.BytesIO()
    try:
        picture.save(buffer, format=_picture_format(name))
    except (KeyError, ValueError, OSError) as error:
        msg = f"{name}: {error}"
        raise InvalidValue(msg, hint="use .png or .jpg") from error
    return buffer.getvalue()


def table(data: Any, name: str) -> bytes:  # noqa: ANN401  a frame or mapping
    """A table as CSV where the name ends so, as JSON (`columns` and `data`) otherwise.

    Raises:
        InvalidValue: it is no table.
    """
    import pandas as pd

    try:
        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
    except (ValueError, TypeError) as error:
        msg = f"{name}: not a table: {error}"
        raise InvalidValue(
            msg, hint="a DataFrame, a mapping of columns of one length, or a list of rows"
        ) from error
    if _suffix(name) == ".csv":
        return frame.to_csv(index=False).encode()
    return frame.to_json(orient="split", index=False, date_format="iso").encode()


def _from_array(value: Any) -> Any:  # noqa: ANN401  of NumPy and PIL
    try:
        import numpy as np
        from PIL import Image
    except ImportError as error:
        msg = f"log_image needs {error.name} for arrays"
        raise InvalidValue(msg, hint="pip install pillow numpy") from error
    array = np.asarray(value)
    if array.ndim == 3 and array.shape[2] == 1:  # noqa: PLR2004  (h, w, 1)
        array = array[:, :, 0]
    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] not in {3, 4}):  # noqa: PLR2004  (h, w, c)
        msg = f"log_image takes arrays of shape (h, w), (h, w, 3) or (h, w, 4), not {array.shape}"
        raise InvalidValue(msg, hint="move the channels last: np.moveaxis(image, 0, -1)")
    if array.dtype.kind == "f":
        array = np.clip(np.nan_to_num(array), 0.0, 1.0) * 255
    return Image.fromarray(np.clip(array, 0, 255).astype("uint8"))


def _picture_format(name: str) -> str:
    return {".jpg": "JPEG", "": "PNG"}.get(_suffix(name), _suffix(name).lstrip(".").upper())


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
