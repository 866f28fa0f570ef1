"""What a web server says of a file: a `HEAD` request, or one byte where a signed URL allows no `HEAD`."""

from __future__ import annotations

import base64
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from gittrack.artifacts.drivers.facts import Facts
from gittrack.core.errors import GitTrackError
from gittrack.core.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PATIENCE = 30.0  # seconds
_CHUNK = 1 << 20
_NO_HEAD = {400, 403, 405, 501}
"""Of servers that know no `HEAD`, and of URLs that are signed for `GET` only."""


def look(url: str, shown: str) -> Facts:
    """What the server says.

    Args:
        url: of the file, with whatever it takes to be let in.
        shown: the same for messages.

    Raises:
        GitTrackError: there is no such file, or the server cannot be reached or refuses.
    """
    try:
        return _facts(_headers(url, "HEAD"))
    except HTTPError as error:
        if error.code not in _NO_HEAD:
            raise _failed(error, shown) from None
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(error, shown) from None
    try:
        return _facts(_headers(url, "GET"))
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(error, shown) from None


def download(url: str, target: Path, shown: str) -> Facts:
    """Get the file.

    Raises:
        GitTrackError: the same, or it ended too early.
        OSError: the target cannot be written.
    """
    try:
        with urlopen(_request(url, "GET"), timeout=_PATIENCE) as answer, target.open("wb") as file:  # noqa: S310  http
            facts = _facts(answer.headers)
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
    except (URLError, HTTPException, TimeoutError, ConnectionError, ValueError) as error:
        raise _failed(error, shown) from None
    if facts.size is not None and target.stat().st_size < facts.size:
        msg = f"{shown} broke off"
        raise GitTrackError(msg, hint="try again")
    return facts


def _headers(url: str, method: str) -> Mapping[str, str]:
    request = _request(url, method)
    if method == "GET":
        request.add_header("Range", "bytes=0-0")
    with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310  http
        headers: Mapping[str, str] = answer.headers
        return headers


def _request(url: str, method: str) -> Request:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    request = Request(urlunsplit(parts._replace(netloc=host, fragment="")), method=method)  # noqa: S310  http
    request.add_header("Accept-Encoding", "identity")
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(login).decode()}")
    return request


def _facts(headers: Mapping[str, str]) -> Facts:
    whole = headers.get("Content-Range", "").rpartition("/")[2] or headers.get("Content-Length", "")
    return Facts(int(whole) if whole.isdecimal() else None, _version(headers))


def _version(headers: Mapping[str, str]) -> str | None:
    """The strongest thing that the server says of the content."""
    for name, header in (
        ("version", "x-amz-version-id"),
        ("generation", "x-goog-generation"),
        ("etag", "ETag"),
    ):
        if (value := headers.get(header, "").strip()) and value != "null":
            return f"{name} {value.removeprefix('W/').strip(chr(34))}"
    if value := headers.get("Content-MD5", "").strip():
        return f"md5 {value}"
    try:
        changed = parsedate_to_datetime(headers.get("Last-Modified", ""))
    except (ValueError, TypeError):
        return None
    return f"modified {iso(int(changed.timestamp() * 1000))}"


def _failed(error: Exception, shown: str) -> GitTrackError:
    """The error with our words: those of the library may quote a signed URL."""
    if isinstance(error, HTTPError):
        error.close()
        what = {401: "wants other credentials", 403: "is refused", 404: "is not there"}.get(
            error.code, f"answers with HTTP {error.code}"
        )
        return GitTrackError(f"{shown} {what}", hint="look at the address, and at the credentials in it")
    return GitTrackError(f"{shown} cannot be reached", hint="look at the address and the network")
