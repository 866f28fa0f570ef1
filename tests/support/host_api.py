"""The routes of GitHub's and GitLab's API that comments need, on a server of this machine."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "test-token"  # noqa: S105  of this server alone
BOT = {"login": "github-actions[bot]", "type": "Bot", "id": 41}
STRANGER = {"login": "mallory", "type": "User", "id": 13}


@dataclass
class HostApi:
    """What the server knows and does.

    Attributes:
        head: the commit at the head of pull request 7.
        state: of it.
        comments: id to body and author.
        login: who the token is of, None for the bot of a job, which may not ask.
        failing: status codes for the next requests.
        asked: method and path of each request.
        url: of the server.
    """

    head: str = "a" * 40
    state: str = "open"
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    login: str | None = None
    failing: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, body: str, author: dict[str, Any] = BOT) -> int:
        """Somebody comments."""
        number = len(self.comments) + 1
        self.comments[number] = {"id": number, "body": body, "user": author, "author": author}
        return number

    def answer(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        """Status and JSON."""
        parts = urlsplit(path)
        if re.fullmatch(r"/repos/ada/digits/pulls/7", parts.path):
            return 200, {"state": self.state, "head": {"sha": self.head}}
        if re.fullmatch(r"/projects/3/merge_requests/7", parts.path):
            return 200, {"state": "opened" if self.state == "open" else self.state, "sha": self.head}
        if parts.path == "/user":
            mine = self.login is None and "merge_requests" not in path
            return (403, {"message": "not accessible by integration"}) if mine else (200, self._me())
        if re.fullmatch(
            r"/repos/ada/digits/issues/7/comments|/projects/3/merge_requests/7/notes", parts.path
        ):
            return self._listed(parts.query) if method == "GET" else self._created(body)
        found = re.fullmatch(
            r"(?:/repos/ada/digits/issues/comments|/projects/3/merge_requests/7/notes)/(\d+)", parts.path
        )
        if found and method in {"PATCH", "PUT"} and body is not None:
            self.comments[int(found[1])]["body"] = body["body"]
            return 200, self.comments[int(found[1])]
        return 404, {"message": "Not Found"}

    def _me(self) -> dict[str, Any]:
        return {"login": self.login, "type": "User", "id": 41}

    def _listed(self, query: str) -> tuple[int, Any]:
        asked = parse_qs(query)
        size, page = int(asked["per_page"][0]), int(asked["page"][0])
        return 200, list(self.comments.values())[(page - 1) * size : page * size]

    def _created(self, body: dict[str, Any] | None) -> tuple[int, Any]:
        author = BOT if self.login is None else self._me()
        return 201, self.comments[self.add((body or {})["body"], author)]


@contextlib.contextmanager
def host_api() -> Iterator[HostApi]:
    """The server, while the block runs."""
    known = HostApi()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            known.asked.append(f"{self.command} {urlsplit(self.path).path}")
            token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
            if not token.endswith(TOKEN):
                status, found = 401, {"message": "Bad credentials"}
            elif known.failing:
                status, found = known.failing.pop(0), {"message": "try later"}
            else:
                status, found = known.answer(self.command, self.path, body)
            data = json.dumps(found).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", known.url + "/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  their names are http.server's

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
