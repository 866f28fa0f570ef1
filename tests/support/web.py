"""Web servers: of the files of a folder, and of repositories."""

from __future__ import annotations

import base64
import contextlib
import http.server
import os
import subprocess
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


def served(folder: Path) -> contextlib.AbstractContextManager[str]:
    """Serve the files of a folder on this machine; gives the URL."""
    return _serving(partial(_Quiet, directory=str(folder)))


@contextlib.contextmanager
def _serving(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Backend(http.server.BaseHTTPRequestHandler):
    """Git's own server program behind HTTP, as CGI wants it (RFC 3875); nobody may push."""

    def __init__(self, *words: Any, folder: Path, token: str | None = None) -> None:
        self._folder = folder
        self._token = token
        super().__init__(*words)

    def do_GET(self) -> None:
        """Answer a request."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer a request with a body."""
        self._answer(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _answer(self, body: bytes) -> None:
        if self._token is not None and not self._is_known(self._token):
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(self._folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=os.environ | variables, capture_output=True, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().splitlines()]
        status = next((int(text[:3]) for name, text in lines if name == "Status"), 200)
        self.send_response(status)
        for name, text in lines:
            if name != "Status":
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _is_known(self, token: str) -> bool:
        expected = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def log_message(self, *_: object) -> None:
        """Nothing."""


def git_served(folder: Path, token: str | None = None) -> contextlib.AbstractContextManager[str]:
    """Serve the repositories below a folder to whoever reads, or has the token of a job; gives the URL."""
    return _serving(partial(_Backend, folder=folder, token=token))
