"""A process of the command line ends like any other, sooner."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LAST = "import atexit; atexit.register(print, 'last'); "


def end(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that leaves."""
    words = [sys.executable, "-c", f"from gittrack.cli.entry import leave; {program}"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("status", [0, 1, 130])
def test_the_status(status: int) -> None:
    """The process ends with it, after what was to be done at the end, and loses no output."""
    done = end(f"{_LAST}print('first'); leave({status})")
    assert (done.returncode, done.stdout) == (status, "first\nlast\n")


def test_threads() -> None:
    """A thread that still works is waited for."""
    program = (
        f"{_LAST}import threading, time; t = threading.Timer(0.2, print, ['thread']); t.start(); leave(1)"
    )
    done = end(program)
    assert (done.returncode, done.stdout) == (1, "thread\nlast\n")


def test_no_output() -> None:
    """Streams that are closed or missing end nothing."""
    done = end("import sys; sys.stdout.close(); sys.stderr = None; leave(3)")
    assert done.returncode == 3


def test_the_command() -> None:
    """`python -m gittrack` and the script are one."""
    done = subprocess.run(
        [sys.executable, "-m", "gittrack", "no-such-verb"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no-such-verb" in done.stderr
