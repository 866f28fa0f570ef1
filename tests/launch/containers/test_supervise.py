"""A container as a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.containers import supervise
from tests.support.containers import IMAGE, RUN, Podman

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def start(podman: Podman, *command: str, init: bool = True) -> subprocess.Popen[str]:
    """A container of its own."""
    words = [*podman.words, "run", "--rm", *RUN.split()]
    words += ["--init", "--init-path=/usr/bin/catatonit"] if init else []
    return subprocess.Popen(
        [sys.executable, supervise.__file__, str(len(podman.words)), *words, IMAGE, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(done: Callable[[], bool]) -> None:
    """Return when something is done; fail after a minute."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def read_line(process: subprocess.Popen[str]) -> str:
    """The next line that it prints."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_exit_status(podman: Podman) -> None:
    """That of the command, with its output; nothing is left."""
    process = start(podman, "sh", "-c", "echo out; echo err >&2; exit 3")
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, sorted(said.split())) == (3, ["err", "out"])
    assert podman.running() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(podman: Podman, number: signal.Signals) -> None:
    """They reach the container, which ends, and so does the command: by the signal."""
    process = start(podman, "sh", "-c", "echo ready; exec sleep 600")
    assert read_line(process) == "ready\n"
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number
    assert podman.running() == []


def test_a_program_that_ends_well(podman: Podman) -> None:
    """A handler of its own decides what its exit status is."""
    process = start(
        podman, "sh", "-c", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
    )
    assert read_line(process) == "ready\n"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert (said, process.returncode) == ("bye\n", 0)


def test_a_program_that_does_not_end(podman: Podman) -> None:
    """A second signal does not wait: what ignores the first one is killed."""
    process = start(podman, "sh", "-c", "trap '' INT; echo ready; exec sleep 600", init=False)
    assert read_line(process) == "ready\n"
    process.send_signal(signal.SIGINT)
    until(lambda: podman.running() != [])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert podman.running() == []


def test_grace(podman: Podman, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After a while it is killed without a second signal; other signals are passed on."""
    monkeypatch.setattr(supervise, "GRACE", 0.2)
    monkeypatch.setenv("GITTRACK_JOURNAL", str(tmp_path / "child.jsonl"))
    (tmp_path / "script").write_text(
        "trap '' TERM; trap 'echo told >>$1/seen' USR1; echo >$1/ready; while :; do sleep 0.1; done"
    )
    words = [str(len(podman.words)), *podman.words, "run", "--rm", *RUN.split(), IMAGE]
    ended: list[int] = []
    before = {one: signal.getsignal(getattr(signal, one)) for one in supervise._FORWARDED}
    wait = "until [ -e ready ]; do sleep 0.05; done; kill -USR1 $0; until [ -e seen ]; do sleep 0.05; done"
    watch = subprocess.Popen(["sh", "-c", f"{wait}; kill -TERM $0", str(os.getpid())], cwd=tmp_path)
    try:
        monkeypatch.setattr(os, "kill", lambda _pid, number: ended.append(number))
        code = supervise.main([*words, "sh", str(tmp_path / "script"), str(tmp_path)])
    finally:
        for one, handler in before.items():
            signal.signal(getattr(signal, one), handler)
        watch.wait(60)
    assert (code, ended) == (137, [signal.SIGTERM])
    assert (tmp_path / "seen").read_text() == "told\n"


def test_no_such_command(podman: Podman) -> None:
    """127, as in a shell."""
    process = start(podman, "no-such-command", init=False)
    process.communicate(timeout=60)
    assert process.returncode == 127


@pytest.mark.parametrize(
    ("given", "option"),
    [
        (("/a", "/b"), "--volume=/a:/b"),
        (("/a", "/b", "ro"), "--volume=/a:/b:ro"),
        (("", "/b"), "--volume=/b"),
        (("/a:x", "/b"), "--mount=type=bind,source=/a:x,target=/b"),
        (("/a:x", "/b", "ro,z"), "--mount=type=bind,source=/a:x,target=/b,readonly"),
    ],
)
def test_bind(given: tuple[str, ...], option: str) -> None:
    """A colon in a path needs another option."""
    assert supervise.bind(*given) == option


def test_a_path_that_cannot_be_mounted() -> None:
    """A colon and a comma."""
    with pytest.raises(ValueError, match="cannot be mounted"):
        supervise.bind("/a:b,c", "/d")
