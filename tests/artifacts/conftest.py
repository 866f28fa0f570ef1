"""Real servers for the artifact tests: each is started once, when it is first needed."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.remote import Remote
from tests.support.servers import SERVERS, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.servers.base import Access, Server


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """A server by its name, started when it was not; all end with the tests."""
    started: dict[str, Server] = {}
    failed: dict[str, str] = {}

    def find(name: str) -> Server:
        if name in failed:  # it would take a minute for each test
            pytest.fail(failed[name])
        if name not in started:
            server = SERVERS[name]()
            if reason := missing(name, server):
                (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
            try:
                started[name] = _started(name, tmp_path_factory)
            except BaseException as error:
                failed[name] = f"{name} did not start: {error}"
                raise
        return started[name]

    yield find
    for server in started.values():
        server.stop()


def _started(name: str, folders: pytest.TempPathFactory) -> Server:
    """A server that answers; once more on other ports, as somebody else may have been faster."""
    for last in (False, True):
        server = SERVERS[name]()
        try:
            server.start(folders.mktemp(name))
        except BaseException:
            with contextlib.suppress(AttributeError):  # it had not come to have a process
                server.stop()
            if last:
                raise
        else:
            return server
    msg = "unreachable: it is started, or there was an error"
    raise AssertionError(msg)


class Site:
    """A store of its own on a server, and the ways to come to it."""

    def __init__(self, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self._home = home
        self._monkeypatch = monkeypatch
        self.place = f"store-{uuid.uuid4().hex[:12]}"
        self._opened: list[Remote] = []
        server.make(self.place)

    def access(self, case: str = "good", port: int | None = None) -> Access:
        """The credentials of a case are where the store's tools look; skip what the server cannot do."""
        self.need(case)
        access = self.server.access(self.place, case, port)
        for name in list(os.environ):
            if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "STORAGE_", "SSH_")):
                self._monkeypatch.delenv(name)
        self._monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name, value in access.environment.items():
            self._monkeypatch.setenv(name, value)
        for name in (".netrc", ".ssh/id_ed25519"):
            (self._home / name).unlink(missing_ok=True)
        for name, text in access.files.items():
            content = text
            (self._home / name).parent.mkdir(mode=0o700, exist_ok=True)
            if name.endswith("known_hosts") and (self._home / name).exists():  # of the server and a proxy
                content += (self._home / name).read_text()
            (self._home / name).write_text(content)
            (self._home / name).chmod(0o600)
        return access

    def open(self, case: str = "good", port: int | None = None) -> Remote:
        """The store with the credentials of a case."""
        access = self.access(case, port)
        remote = Remote.open(access.url, access.options)
        self._opened.append(remote)
        return remote

    def need(self, what: str) -> None:
        """Skip what the server cannot do, with its reason."""
        if reason := self.server.cannot.get(what):
            pytest.skip(reason)

    def close(self) -> None:
        """Close what was opened."""
        for remote in self._opened:
            remote.close()


@pytest.fixture(params=list(SERVERS))
def site(
    request: pytest.FixtureRequest, running: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A store of its own, on every server in turn."""
    from pathlib import Path

    site = Site(running(request.param), Path.home(), monkeypatch)
    yield site
    site.close()


@pytest.fixture
def remote(site: Site) -> Remote:
    """That store, with the right to write."""
    return site.open()
