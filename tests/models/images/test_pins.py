from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue
from gittrack.models.images import pins

if TYPE_CHECKING:
    from collections.abc import Iterator

DIGEST = f"sha256:{'ab' * 32}"


class Hub(BaseHTTPRequestHandler):
    """A registry that wants an anonymous token, as the Docker Hub does."""

    def do_HEAD(self) -> None:
        """Say a digest to who has the token."""
        port = self.headers["Host"].rpartition(":")[2]
        if self.headers.get("Authorization") == "Bearer sesame" and "gone" not in self.path:
            self.send_response(200)
            self.send_header("Docker-Content-Digest", DIGEST)
        else:
            self.send_response(401)
            realm = f'Bearer realm="http://127.0.0.1:{port}/token",service="hub"'
            self.send_header("WWW-Authenticate", "Basic" if "basic" in self.path else realm)
        self.end_headers()

    def do_GET(self) -> None:
        """Give the token, or what is none."""
        self.send_response(200)
        self.end_headers()
        body = b"[]" if "odd" in self.path else json.dumps({"token": "sesame"}).encode()
        self.wfile.write(body if "broken" not in self.path else b"{")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """Its host and port."""
    server = HTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_tag_has_a_digest(hub: str) -> None:
    """The registry says it to who has asked for a token first."""
    assert pins.digest_of(f"{hub}/library/python:3.11-slim") == DIGEST


@pytest.mark.parametrize("name", ["gone", "basic", "odd", "broken"])
def test_what_a_registry_does_not_say_is_unknown(hub: str, name: str) -> None:
    """No image, another login, or an answer that is none: there is no digest, and no error."""
    assert pins.digest_of(f"{hub}/{name}:1") is None


def test_a_registry_that_is_not_there() -> None:
    """Nothing listens: there is no digest."""
    assert pins.digest_of("127.0.0.1:1/python:3") is None


def test_a_digest_is_not_asked_for() -> None:
    """A name that has one says it."""
    assert pins.digest_of(f"python:3.11@{DIGEST}") == DIGEST


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("python", ("registry-1.docker.io", "library/python")),
        ("ada/clf", ("registry-1.docker.io", "ada/clf")),
        ("docker.io/python", ("registry-1.docker.io", "library/python")),
        ("ghcr.io/astral-sh/uv", ("ghcr.io", "astral-sh/uv")),
        ("localhost/x", ("localhost", "x")),
        ("host:5000/x/y", ("host:5000", "x/y")),
    ],
)
def test_where_a_name_leads(name: str, where: tuple[str, str]) -> None:
    """As docker reads it: a first part with a dot or a port is a host."""
    found = pins._REFERENCE.fullmatch(name)
    assert found is not None
    assert pins._where(found["host"].rstrip("/"), found["path"]) == where


@pytest.mark.parametrize("name", ["", "-v", "a b", "A", "x\nRUN y", "x:$Y", "../x", "x@sha256:1"])
def test_what_is_no_name(name: str) -> None:
    """Nothing becomes an option, another line or a variable."""
    with pytest.raises(InvalidValue, match="not the name of an image"):
        pins.check_name(name)
