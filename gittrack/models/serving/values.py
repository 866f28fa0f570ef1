"""What a request asks, and how it is refused; values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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


def merged(parts: Sequence[Rows]) -> Rows:
    """The rows of several requests, one below the other."""
    return Rows(parts[0].columns, [row for part in parts for row in part.rows])


def refuse(message: str, status: int = 400) -> NoReturn:
    """Refuse a request.

    Raises:
        BadRequest: always.
    """
    raise BadRequest(message, status, "BAD_REQUEST" if status == 400 else "INVALID_PARAMETER_VALUE")  # noqa: PLR2004  HTTP's
