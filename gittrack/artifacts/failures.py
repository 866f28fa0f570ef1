"""What goes wrong with a store: one error for each mistake, whatever the backend calls it.

::

    GitTrackError
      x StoreError
        + AccessDenied      wrong credentials, or none
        + NotPermitted      the credentials are right, but do not allow this
        + NoSuchStore       no such bucket, container or folder
        + Unreachable       no answer, or the connection broke; trying again may help
        + StoreFull         quota or disk
        + DigestMismatch    a content is not what its digest says
        + MissingDriver     a Python package is missing
        + ObjectMissing     no such object (also a FileNotFoundError)

Messages name the URL, without credentials, and never what a backend says itself: that may quote a
header, a signed URL or a key. The code it gives (`SignatureDoesNotMatch`, `HTTP 403`) is kept.
"""

from __future__ import annotations

import contextlib
import errno
import re
import socket
from typing import TYPE_CHECKING

from gittrack.artifacts.failure_names import CLASSES, CODES, ERRNO, FTP, STATUS
from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class StoreError(GitTrackError):
    """A store cannot do what it is asked for."""


class AccessDenied(StoreError):
    """The store does not accept the credentials, or there are none."""


class NotPermitted(StoreError):
    """The store knows who asks, and refuses."""


class NoSuchStore(StoreError):
    """The bucket, container or folder of the URL does not exist."""


class Unreachable(StoreError):
    """No answer, or a connection that broke; trying again may help."""


class StoreFull(StoreError):
    """A quota or a disk is full."""


class DigestMismatch(StoreError):
    """A content is not what its digest says."""


class MissingDriver(StoreError):
    """The Python package that speaks to this kind of store is not installed."""


class ObjectMissing(StoreError, FileNotFoundError):
    """The store has no such object."""


_SAYS: Mapping[type[StoreError], tuple[str, str]] = {
    AccessDenied: (
        "{url} does not accept the credentials",
        "check them: they come from where the store's own tools look (docs/artifacts.md)",
    ),
    NotPermitted: ("{url} does not permit this", "ask its owner for the right to read and write there"),
    NoSuchStore: ("{url} does not exist", "create the bucket or folder, or correct artifacts.url"),
    Unreachable: (
        "{url} cannot be reached, or the connection broke",
        "check the address and the network, and repeat: what was moved already is kept",
    ),
    StoreFull: ("{url} is full", "free some space there (`gittrack artifacts gc`), or raise the quota"),
    ObjectMissing: ("{url} has no such object", "push it from a clone that has it"),
    StoreError: ("{url} cannot do this", "see docs/artifacts.md for what each kind of store can do"),
}

_KINDS: Mapping[str, type[StoreError]] = {kind.__name__: kind for kind in _SAYS}
_HDFS_FULL = re.compile(
    r"(DS|NS)?QuotaExceededException|quota(?= .{0,40}of .* is exceeded)|could only be replicated to 0 nodes"
)
_FTP_FULL = "no space|disk full|quota|451 failure writing to local file|426 none;"
"""The last two are what vsftpd and pyftpdlib say when they cannot write."""


@contextlib.contextmanager
def translated(url: str) -> Iterator[None]:
    """Whatever a backend raises inside becomes a `StoreError`; ours and interruptions pass."""
    try:
        yield
    except (GitTrackError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except Exception as error:
        if (found := translate(url, error)) is None:
            raise
        raise found from None  # what the backend says may quote a key


def translate(url: str, error: BaseException) -> StoreError | None:
    """The error that stands for what a backend raised.

    Args:
        url: of the store, without credentials.
        error: what was raised.

    Returns:
        None for one that no store raises: a defect.
    """
    if isinstance(error, StoreError):
        return error
    for link in _chain(error):
        kind, code = _kind(link)
        if kind is not None:
            return said(kind, url, code)
    if isinstance(error, (OSError, EOFError, NotImplementedError)) or _foreign(error):
        return said(StoreError, url, type(error).__name__)
    return None


def said(kind: type[StoreError], url: str, code: str = "") -> StoreError:
    """An error with its usual words.

    Args:
        kind: which.
        url: of the store, without credentials.
        code: what the backend calls it.
    """
    message, hint = _SAYS[kind]
    return kind(message.format(url=url) + (f" ({code})" if code else ""), hint=hint)


def codes_of(error: BaseException) -> set[str]:
    """What a backend calls an error: its codes, HTTP statuses as digits, and the names of the classes."""
    found: set[str] = set()
    for link in _chain(error):
        found |= {_by_code(link)[1], str(_status(link) or ""), type(link).__name__}
    return found - {""}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the first cause first: wrappers know less."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links and len(links) < 10:  # noqa: PLR2004  enough
        links.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return reversed(links)


def _kind(error: BaseException) -> tuple[type[StoreError] | None, str]:
    for look in (_by_code, _by_ftp, _by_hdfs, _by_status, _by_class, _by_errno):
        found, code = look(error)
        if found is not None:
            return found, code
    return None, ""


def _kind_of(name: str | None) -> type[StoreError] | None:
    return None if name is None else _KINDS[name]


def _by_code(error: BaseException) -> tuple[type[StoreError] | None, str]:
    response = getattr(error, "response", None)
    details = response.get("Error") if isinstance(response, dict) else None
    code = details.get("Code") if isinstance(details, dict) else getattr(error, "error_code", None)
    code = str(getattr(code, "value", code) or "")
    return _kind_of(CODES.get(code)), code


def _by_ftp(error: BaseException) -> tuple[type[StoreError] | None, str]:
    if type(error).__module__ != "ftplib":
        return None, ""
    text = str(error)
    if re.search("no such|not found|doesn't exist|does not exist", text, re.IGNORECASE):
        return ObjectMissing, text[:3]
    if re.search(_FTP_FULL, text, re.IGNORECASE):
        return StoreFull, text[:3]
    return _kind_of(FTP.get(text[:3])), text[:3]


def _by_hdfs(error: BaseException) -> tuple[type[StoreError] | None, str]:
    response = getattr(error, "response", None)
    text = getattr(response, "text", "") if type(error).__module__.startswith("requests") else str(error)
    match = _HDFS_FULL.search(text) if isinstance(text, str) else None
    return (StoreFull, match.group()) if match else (None, "")


def _by_status(error: BaseException) -> tuple[type[StoreError] | None, str]:
    status = _status(error)
    if status is None:
        return None, ""
    kind = _kind_of(STATUS.get(status)) or (Unreachable if status >= 500 else None)  # noqa: PLR2004  server errors
    return kind, f"HTTP {status}"


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata") if isinstance(response, dict) else None
    found = [metadata.get("HTTPStatusCode")] if isinstance(metadata, dict) else []
    found += [getattr(error, name, None) for name in ("status_code", "status", "code")]
    found += [getattr(response, "status_code", None)]
    for one in found:
        text = str(getattr(one, "value", one))
        if text.isdigit() and 400 <= int(text) < 600:  # noqa: PLR2004  what HTTP calls errors
            return int(text)
    return None


def _by_class(error: BaseException) -> tuple[type[StoreError] | None, str]:
    lines = (ConnectionError, socket.timeout, socket.gaierror, socket.herror, EOFError)
    if isinstance(error, lines) or str(error) == "Socket is closed":  # so paramiko says it, without a number
        return Unreachable, type(error).__name__
    for one in type(error).__mro__:
        if one.__module__ != "builtins" and one.__name__ in CLASSES:
            return _kind_of(CLASSES[one.__name__]), type(error).__name__
    return None, ""


def _by_errno(error: BaseException) -> tuple[type[StoreError] | None, str]:
    if isinstance(error, PermissionError):
        return NotPermitted, ""
    if isinstance(error, FileNotFoundError):
        return ObjectMissing, ""
    number = error.errno if isinstance(error, OSError) else None
    kind = _kind_of(ERRNO.get(number or 0))
    return kind, errno.errorcode.get(number or 0, "")


def _foreign(error: BaseException) -> bool:
    """Whether an error comes from somewhere else than gittrack, by its class or by where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    raised_in = str(trace.tb_frame.f_globals.get("__name__", "")) if trace else "gittrack"
    ours = {type(error).__module__.partition(".")[0], raised_in.partition(".")[0]} <= {"builtins", "gittrack"}
    return not ours
