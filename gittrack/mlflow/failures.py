"""MLflow's errors, with its codes and words."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    BAD_REQUEST,
    INTERNAL_ERROR,
    INVALID_PARAMETER_VALUE,
    INVALID_STATE,
    NOT_IMPLEMENTED,
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_DOES_NOT_EXIST,
)

from gittrack.core.errors import GitTrackError, InvalidValue, RunNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MlflowException"]


def invalid(message: str) -> MlflowException:
    """A value that cannot be taken."""
    return MlflowException(message, INVALID_PARAMETER_VALUE)


def missing(message: str) -> MlflowException:
    """Something that is not there."""
    return MlflowException(message, RESOURCE_DOES_NOT_EXIST)


def no_run(run_id: str) -> MlflowException:
    """A run that is not there."""
    return missing(f"Run with id={run_id} not found")


def exists(message: str) -> MlflowException:
    """Something that is there already."""
    return MlflowException(message, RESOURCE_ALREADY_EXISTS)


def bad_request(message: str) -> MlflowException:
    """What a database refuses."""
    return MlflowException(message, BAD_REQUEST)


def wrong_state(message: str) -> MlflowException:
    """Something that cannot be done now."""
    return MlflowException(message, INVALID_STATE)


def not_kept(what: str) -> MlflowException:
    """Something that a repository does not keep."""
    return MlflowException(
        f"gittrack does not keep {what}. Use a database as MLflow's tracking store for them.", NOT_IMPLEMENTED
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Our errors as MLflow's."""
    try:
        yield
    except InvalidValue as error:
        raise invalid(error.message) from error
    except RunNotFound as error:
        raise missing(error.message) from error
    except GitTrackError as error:
        hint = f" ({error.hint})" if error.hint else ""
        msg = f"{error.message}{hint}"
        raise MlflowException(msg, INTERNAL_ERROR) from error
