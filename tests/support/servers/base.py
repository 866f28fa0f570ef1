"""What every server of the artifact tests does, and how one is started and ended."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HOST = "127.0.0.1"
PARTS = Path(os.environ.get("GITTRACK_TEST_PARTS") or Path.home() / ".cache" / "gittrack" / "test-parts")
"""Where `.ci/parts` installs servers; read at import, as tests hide the environment."""
INSTALL = "run .ci/parts"
PATIENCE = 120.0
SECRET = "s3cret-of-the-tests"  # noqa: S105  must not be seen in any message


@dataclass(frozen=True)
class Access:
    """How to come to a store.

    Attributes:
        url: `artifacts.url`.
        options: `artifacts.options`.
        environment: variables in which the store's own tools find credentials.
        files: the same in the home folder; relative path to content.
    """

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


class Server(Protocol):
    """A server and its stores.

    Attributes:
        name: in the registry.
        cannot: what it cannot do or refuse, with the reason; tests that need it are skipped.
        many: how many small files a test may send.
    """

    name: str
    cannot: Mapping[str, str]
    many: int

    def missing(self) -> str | None:
        """Why it cannot be started here, None when it can."""
        ...

    def start(self, folder: Path) -> None:
        """Start it with its files in a folder, and wait until it answers."""
        ...

    def stop(self) -> None:
        """End it."""
        ...

    def make(self, place: str) -> None:
        """Make a store, empty, where stores have to be made."""
        ...

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """How to come to a store.

        Args:
            place: which one.
            case: `good`, `wrong`, `unknown`, `anonymous`, `read-only` credentials, or `no-store`.
            port: instead of the server's own: a proxy's, or one where nobody listens.
        """
        ...

    def folder(self, place: str) -> Path | None:
        """Where the files of a store are on this machine, None where they are not simply there."""
        ...

    @property
    def port(self) -> int:
        """Where it listens."""
        ...


class Process:
    """A program that runs until it is killed, and leaves nothing worth keeping."""

    def __init__(self, command: Sequence[str | Path], folder: Path, **environment: str) -> None:
        self._log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*guard, *map(str, command)],
                cwd=folder,
                env=_environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return when it is ready; fail when it ends before, or takes two minutes."""
        end = time.monotonic() + PATIENCE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                log = self._log.read_text(errors="replace")[-2000:]
                msg = f"{self._process.args!r} is not ready: {log}"
                raise AssertionError(msg)
            time.sleep(0.05)

    def wait_until_done(self) -> None:
        """Wait for its end, which must be a good one."""
        status = self._process.wait(PATIENCE)
        assert status == 0, self._log.read_text(errors="replace")[-2000:]

    def kill(self) -> None:
        """End it by its process id; some would take half a minute to end by themselves."""
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """Variables that a server sees: none of coverage, which follows Python programs, nor of pytest."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PY"))}


def poll(done: Callable[[], bool], what: str) -> None:
    """Return when something is done; fail after a minute."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class OfFolders:
    """What servers have in common whose stores are folders of one root."""

    _root: Path
    _process: Process

    def __init__(self) -> None:
        self.port = free_port()

    def stop(self) -> None:
        """As in `Server`."""
        self._process.kill()

    def make(self, place: str) -> None:
        """As in `Server`."""
        self.folder(place).mkdir(parents=True)

    def folder(self, place: str) -> Path:
        """As in `Server`."""
        return self._root / place


def free_port() -> int:
    """A port on which nobody listens, nor 10,000 above it: SeaweedFS takes both.

    Random, below those that the system gives to connections, so that two test processes hardly meet.
    """
    while True:
        port = random.SystemRandom().randrange(12_000, 22_000)
        if _free(port) and _free(port + 10_000):
            return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    try:
        with socket.create_connection((HOST, port), timeout=2):
            return True
    except OSError:
        return False


def fetch(url: str, method: str = "GET") -> tuple[int, str]:
    """Status and text of an answer; 0 when there is none."""
    request = urllib.request.Request(url, method=method)  # noqa: S310  of a test server
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  the same
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


def lacking(*paths: Path) -> str | None:
    """The first of some files that is not there, as a reason."""
    return next((f"{path} is not installed: {INSTALL}" for path in paths if not path.exists()), None)
