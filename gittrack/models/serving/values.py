"""What a request asks, what it is answered with, and how it is refused; values only."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON = "application/json"
_CODES = {400: "BAD_REQUEST", 404: "RESOURCE_DOES_NOT_EXIST"}


class BadRequest(GitTrackError):
    """A request cannot be answered.

    Attributes:
        status: of HTTP.
        code: MLflow's name for the kind of mistake.
    """

    def __init__(self, message: str, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Reply(NamedTuple):
    """An answer.

    Attributes:
        body: of it.
        kind: its content type.
        status: of HTTP.
        headers: besides those of length and type, in lower case.
    """

    body: bytes
    kind: str = JSON
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Rows(NamedTuple):
    """A table as JSON had it: rows of several requests make one table.

    Attributes:
        columns: their names, None where they have none.
        rows: a list of values each.
    """

    columns: tuple[str, ...] | None
    rows: list[Any]


class Payload(NamedTuple):
    """What a request asks.

    Attributes:
        data: `Rows`, a DataFrame, an array, a mapping or a list.
        params: of `predict`, None without any.
    """

    data: Any
    params: Mapping[str, Any] | None = None


def rows_in(data: Any) -> int:  # noqa: ANN401  see Payload
    """How many rows there are, 0 where that is not known."""
    if isinstance(data, Rows):
        return len(data.rows)
    shape = getattr(data, "shape", ())
    return int(shape[0]) if shape else 0


def like(one: Any, other: Any) -> bool:  # noqa: ANN401  see Payload
    """Whether the rows of both make one table or array, and no value changes its type by that."""
    if isinstance(one, Rows):
        return isinstance(other, Rows) and one.columns == other.columns
    if type(one) is not type(other) or len(getattr(one, "shape", ())) == 0:
        return False
    if hasattr(one, "dtypes"):
        same = list(one.columns) == list(other.columns) and one.columns.is_unique
        return same and list(one.dtypes) == list(other.dtypes)
    return bool(one.shape[1:] == other.shape[1:] and one.dtype == other.dtype)


def merged(parts: Sequence[Any]) -> Any:  # noqa: ANN401  see Payload
    """The rows of several requests that are `like` each other, one below the other."""
    if isinstance(parts[0], Rows):
        return Rows(parts[0].columns, [row for part in parts for row in part.rows])
    if hasattr(parts[0], "dtypes"):
        import pandas as pd

        return pd.concat(parts, ignore_index=True)
    import numpy as np

    return np.concatenate(parts)


def own_version() -> str:
    """The version of gittrack, `unknown` where it runs without being installed."""
    try:
        return version("gittrack")
    except PackageNotFoundError:
        return "unknown"


def refuse(message: str, status: int = 400) -> NoReturn:
    """Refuse a request.

    Raises:
        BadRequest: always.
    """
    raise BadRequest(message, status, _CODES.get(status, "INVALID_PARAMETER_VALUE"))
