"""`gittrack model serve` as a process, and what to ask it with."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Answer(NamedTuple):
    """What a server said."""

    status: int
    kind: str
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Server:
    """A server on a port of this machine."""

    process: subprocess.Popen[bytes]

    def __init__(self, port: int) -> None:
        self.port = port

    def listens(self) -> bool:
        """Whether it takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True

    def ask(
        self,
        path: str = "/invocations",
        body: bytes | None = None,
        kind: str | None = "application/json",
        method: str | None = None,
    ) -> Answer:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            headers = {} if kind is None or body is None else {"Content-Type": kind}
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get("content-type", ""), answer.read())

    def predict(self, document: Any) -> Answer:
        """Send JSON."""
        return self.ask(body=json.dumps(document).encode())


@contextlib.contextmanager
def serving(model: Path, *options: str) -> Iterator[Server]:
    """A server of a model, ended with the block; it must end well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "gittrack", "model", "serve", str(model), "--port", str(port), *options]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        try:
            server = Server(port)
            server.process = process
            _wait(server, process)
            yield server
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in {0, -signal.SIGTERM}
        finally:
            process.kill()


def wait_for(what: Callable[[], bool]) -> None:
    """Ask until it is so."""
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(process.stderr.read() if process.stderr else "it ended")
        with contextlib.suppress(OSError):
            if server.ask("/ping").status == http.client.OK:
                return
        time.sleep(0.05)
    msg = "the server does not answer"
    raise AssertionError(msg)
