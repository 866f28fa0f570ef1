"""Terminals: what the child of `execute` sees of ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
WRAP = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from gittrack.tracking.process import execute
from gittrack.tracking.signals import die_of
class Seen:
    write = close = lambda *_: None
end, _ = execute(sys.argv[1:], env=os.environ, sink=Seen)
print("END", end.code, end.signal, end.interrupted, flush=True)
if end.signal:
    die_of(end.signal)
sys.exit(end.code)
"""


@pytest.fixture
def wrapped(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts a Python program wrapped by `execute` in a terminal."""
    (tmp_path / "wrap.py").write_text(WRAP)
    started: list[Terminal] = []

    def start(program: str, size: tuple[int, int] = (24, 80)) -> Terminal:
        (tmp_path / "child.py").write_text(program)
        words = [sys.executable, str(tmp_path / "wrap.py"), sys.executable, "-u", str(tmp_path / "child.py")]
        started.append(Terminal(words, size))
        return started[-1]

    yield start
    for terminal in started:
        terminal.kill()


def test_a_terminal_stays_one(wrapped: Callable[..., Terminal]) -> None:
    """The child's streams are terminals of the right size."""
    program = "import os; print([os.isatty(n) for n in (0, 1, 2)], tuple(os.get_terminal_size(1)))"
    terminal = wrapped(program, (33, 77))
    assert terminal.end() == 0
    assert "[True, True, True] (77, 33)" in terminal.text


def test_bytes_are_untouched(wrapped: Callable[..., Terminal]) -> None:
    """Colours and carriage returns arrive as they were; a line ends as it would alone."""
    terminal = wrapped(r"import sys; sys.stdout.write('\033[31mred\033[0m\r12%\n')")
    terminal.end()
    assert "\x1b[31mred\x1b[0m\r12%\r\nEND" in terminal.text


def test_input(wrapped: Callable[..., Terminal]) -> None:
    """What is typed goes to the child."""
    terminal = wrapped("print('hello', input('name? '))")
    terminal.wait_for("name? ")
    terminal.type("Ada\n")
    assert terminal.end() == 0
    assert "hello Ada" in terminal.text


def test_interrupt(wrapped: Callable[..., Terminal]) -> None:
    """^C reaches the child once; we wait for it and end as it does."""
    program = (
        "import time\n"
        "try:\n print('ready'); time.sleep(60)\n"
        "except KeyboardInterrupt:\n print('cleaning'); time.sleep(0.2); print('clean')\n"
    )
    terminal = wrapped(program)
    terminal.wait_for("ready")
    terminal.type("\x03")
    assert terminal.end() == 0
    assert terminal.text.endswith("cleaning\r\nclean\r\nEND 0 None True\r\n")


def test_death_by_interrupt(wrapped: Callable[..., Terminal]) -> None:
    """A child that ^C ends ends us by SIGINT, so that a loop in a shell stops."""
    terminal = wrapped("import time; print('ready'); time.sleep(60)")
    terminal.wait_for("ready")
    terminal.type("\x03")
    assert terminal.end() == -2
    assert "END None 2 True" in terminal.text


def test_resize(wrapped: Callable[..., Terminal]) -> None:
    """A window that changes its size tells the child."""
    program = (
        "import os, signal, sys\n"
        "def resized(*_):\n"
        " size = tuple(os.get_terminal_size(1))\n"
        " print(size)\n"
        " if size == (100, 40): sys.exit(0)\n"
        "signal.signal(signal.SIGWINCH, resized)\n"
        "print('ready')\n"
        "while True: signal.pause()\n"
    )
    terminal = wrapped(program)
    terminal.wait_for("ready")
    terminal.resize(40, 100)
    assert terminal.end() == 0


def test_job_control(tmp_path: Path) -> None:
    """^Z stops both, `fg` continues both."""
    (tmp_path / "wrap.py").write_text(WRAP)
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"])
    try:
        terminal.type(
            f"PS1=; {sys.executable} {tmp_path}/wrap.py sh -c 'echo re''ady; sleep 0.5; echo do''ne'\n"
        )
        terminal.wait_for("ready")
        terminal.type("\x1a")
        terminal.wait_for("Stopped")
        terminal.type("jobs -l; echo look''ed\n")
        terminal.wait_for("looked")
        terminal.type("fg\n")
        terminal.wait_for("END 0 None False")
        assert "done" in terminal.text
    finally:
        terminal.kill()
