"""One error for each mistake, whatever the backend calls it."""

from __future__ import annotations

import errno
import ftplib
import json
import socket
from typing import Any

import pytest

from gittrack.artifacts import failures
from gittrack.artifacts.failures import (
    AccessDenied,
    NoSuchStore,
    NotPermitted,
    ObjectMissing,
    StoreError,
    StoreFull,
    Unreachable,
    codes_of,
    said,
    translate,
    translated,
)
from gittrack.core.errors import InvalidValue

URL = "s3://bucket/x"


class ClientError(Exception):
    """An error with the attribute of botocore's."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__("SECRET")
        self.response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}


def boto(code: str, status: int = 400) -> Exception:
    """An error as botocore raises it."""
    return ClientError(code, status)


class WithStatus(Exception):
    """An error of an HTTP library."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__("SECRET")
        vars(self).update(attributes)


class RefreshError(Exception):
    """As google-auth calls it."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (boto("InvalidAccessKeyId", 403), AccessDenied),
        (boto("SignatureDoesNotMatch", 403), AccessDenied),
        (boto("AccessDenied", 403), NotPermitted),
        (boto("NoSuchBucket", 404), NoSuchStore),
        (boto("NoSuchKey", 404), ObjectMissing),
        (boto("404", 404), ObjectMissing),
        (boto("SlowDown", 503), Unreachable),
        (boto("Whatever", 507), StoreFull),
        (boto("Whatever", 418), StoreError),
        (WithStatus(error_code="ContainerNotFound", status_code=404), NoSuchStore),
        (WithStatus(status=401), AccessDenied),
        (WithStatus(code=403), NotPermitted),
        (WithStatus(status_code=503), Unreachable),
        (RefreshError("SECRET"), AccessDenied),
        (ftplib.error_perm("530 Login incorrect"), AccessDenied),  # noqa: S321  an error is no call
        (ftplib.error_perm("550 Permission denied"), NotPermitted),  # noqa: S321  an error is no call
        (ftplib.error_perm("550 No such file or directory"), ObjectMissing),  # noqa: S321  an error is no call
        (ftplib.error_perm("552 Quota"), StoreFull),  # noqa: S321  an error is no call
        (ftplib.error_temp("451 Failure writing to local file."), StoreFull),  # noqa: S321  an error is no call
        (ftplib.error_temp("426 No space left on device"), StoreFull),  # noqa: S321  an error is no call
        (ftplib.error_temp("426 Broken pipe"), Unreachable),  # noqa: S321  an error is no call
        (ftplib.error_temp("421 Timeout"), Unreachable),  # noqa: S321  an error is no call
        (EOFError(), Unreachable),
        (ConnectionResetError(), Unreachable),
        (socket.gaierror(-2, "Name or service not known"), Unreachable),
        (TimeoutError(), Unreachable),
        (PermissionError(errno.EACCES, "SECRET"), NotPermitted),
        (FileNotFoundError(errno.ENOENT, "SECRET"), ObjectMissing),
        (OSError(errno.ENOSPC, "SECRET"), StoreFull),
        (OSError(errno.EDQUOT, "SECRET"), StoreFull),
        (OSError(errno.ESTALE, "SECRET"), Unreachable),
        (OSError("org.apache.hadoop.hdfs.protocol.DSQuotaExceededException: SECRET"), StoreFull),
        (OSError("The NameSpace quota (directories and files) of directory SECRET is exceeded"), StoreFull),
        (OSError("Socket is closed"), Unreachable),  # paramiko's, without a number
        (OSError(errno.EINVAL, "SECRET"), StoreError),
        (NotImplementedError(), StoreError),
    ],
    ids=repr,
)
def test_kinds(error: Exception, kind: type[StoreError]) -> None:
    """Each backend's error becomes the one for its mistake, with URL and hint, and without its words."""
    found = translate(URL, error)
    assert type(found) is kind
    assert URL in str(found)
    assert found is not None
    assert found.hint
    assert "SECRET" not in f"{found} {found.hint}"


def test_the_first_cause_says_most() -> None:
    """What a driver wraps is looked at first."""
    error = OSError(22, "wrapped")
    error.__cause__ = boto("NoSuchBucket", 404)
    assert isinstance(translate(URL, error), NoSuchStore)


def test_the_code_is_kept() -> None:
    """The message says what the store calls it."""
    assert str(translate(URL, boto("SlowDown", 503))).endswith("(SlowDown)")


def test_codes() -> None:
    """Everything that a chain of errors is called."""
    error = OSError(22, "wrapped")
    error.__cause__ = boto("PreconditionFailed", 412)
    assert codes_of(error) == {"PreconditionFailed", "412", "ClientError", "OSError"}


def test_ours_stay() -> None:
    """An error of gittrack passes as it is."""
    error = said(StoreFull, URL)
    assert translate(URL, error) is error
    with pytest.raises(InvalidValue), translated(URL):
        raise InvalidValue("x")  # noqa: EM101  a test


def test_defects_stay() -> None:
    """What no store raises is no error of a store."""
    with pytest.raises(KeyError), translated(URL):
        failures._kind_of("none of them")


def test_defects_of_backends() -> None:
    """What breaks in the code of a backend is the store's failure, not ours."""
    with pytest.raises(StoreError, match="JSONDecodeError"), translated(URL):
        json.loads("{")


def test_the_cause_is_not_shown() -> None:
    """A traceback does not print what the backend said."""
    with pytest.raises(NotPermitted) as caught, translated(URL):
        raise PermissionError(errno.EACCES, "SECRET")
    assert caught.value.__suppress_context__


def test_missing_objects_are_missing_files() -> None:
    """Who looks for a FileNotFoundError finds it."""
    assert issubclass(ObjectMissing, FileNotFoundError)


def test_every_class_has_words() -> None:
    """Each class that `said` is asked for has a message and a hint."""
    assert {
        StoreError,
        AccessDenied,
        NotPermitted,
        NoSuchStore,
        Unreachable,
        StoreFull,
        ObjectMissing,
    } == set(failures._SAYS)
