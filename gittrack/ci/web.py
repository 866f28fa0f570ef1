"""Asks a host's API: JSON over HTTPS, no redirects (they would carry the token elsewhere)."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TIMEOUT = 30.0  # seconds
_TRIES = 3
_BUSY = frozenset({429, 502, 503, 504})
_PAGE = 100
_PAGES = 50
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class ApiError(GitTrackError):
    """The host refuses, or does not answer as its API says.

    Attributes:
        status: of HTTP, 0 where there was no answer.
    """

    def __init__(self, message: str, status: int, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow none."""


class Api:
    """One API.

    Args:
        url: where it begins.
        headers: sent with each request.
        pause: seconds before a second try.

    Raises:
        GitTrackError: the URL is not HTTPS.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, pause: float = 1.0) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            msg = f"not an HTTPS address: {url[:80]!r}"
            raise GitTrackError(msg, hint="a token is sent there")
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "gittrack", **headers}
        self._pause = pause
        self._opener = urllib.request.build_opener(_NoRedirects())

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  JSON
        """One request and the JSON of its answer.

        Raises:
            ApiError: the host refuses, cannot be reached, or answers no JSON.
        """
        for attempt in range(_TRIES):
            try:
                return self._once(method, path, body)
            except ApiError as error:
                if attempt + 1 == _TRIES or error.status not in _BUSY:
                    raise
                time.sleep(self._pause * (attempt + 1))
        msg = "unreachable: the last try returns or raises"
        raise AssertionError(msg)

    def pages(self, path: str) -> Iterator[Any]:
        """The entries of a list, all pages of it."""
        for page in range(1, _PAGES + 1):
            found = self.ask("GET", f"{path}?per_page={_PAGE}&page={page}")
            if not isinstance(found, list):
                msg = f"{path} is not a list"
                raise ApiError(msg, 200)
            yield from found
            if len(found) < _PAGE:
                return

    def _once(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401  JSON
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}{path}", data, headers, method=method)  # noqa: S310  checked above
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = _said(error.read(10_000))
            msg = f"{method} {path}: {error.code} {said}"
            raise ApiError(msg, error.code, _hint(error.code)) from error
        except (OSError, ValueError) as error:
            msg = f"{method} {path}: {error}"
            raise ApiError(msg, 0, "is the host reachable from here?") from error


def _hint(status: int) -> str | None:
    if status in {401, 403, 404}:
        return "the token needs to write to pull requests; that of a fork's own job may only read"
    return None


def _said(data: bytes) -> str:
    try:
        found = json.loads(data)
        return str(found.get("message", ""))[:200]
    except (ValueError, AttributeError):
        return ""
