"""`gittrack ui`, in real terminals."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyte
import pytest

from gittrack.cli import ui
from gittrack.cli.main import invoke
from tests.cli.recorded import record
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

_UI = [sys.executable, "-m", "gittrack", "ui"]


class Eyes(Terminal):
    """A terminal whose screen is kept as a person sees it."""

    def __init__(self, words: list[str], size: tuple[int, int]) -> None:
        self.screen = pyte.Screen(size[1], size[0])
        self._stream = pyte.Stream(self.screen)
        self._fed = 0
        super().__init__(words, size)

    def wait_until_seen(self, text: str) -> str:
        """Read until some text stands on the screen."""
        while text not in (seen := self.seen()):
            if not self._read():
                msg = f"{text!r} did not come:\n{seen}"
                raise AssertionError(msg)
        return seen

    def seen(self) -> str:
        """What stands on the screen."""
        self._stream.feed(self.text[self._fed :])
        self._fed = len(self.text)
        return "\n".join(self.screen.display)


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("plain", ["", "1"])
def test_in_a_real_terminal(
    store: RunStore,
    columns: int,
    plain: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It starts, shows runs, opens a pane, leaves; with NO_COLOR no colour is written."""
    record(store, name="base", params={"lr": 0.1})
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", plain) if plain else monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Eyes(_UI, (24, columns))
    try:
        terminal.wait_until_seen("1 run")
        terminal.wait_until_seen("base")
        terminal.type("2")
        terminal.wait_until_seen("metric 1 of 2")
        terminal.type("q")
        assert terminal.end() == 0
    finally:
        terminal.kill()
    coloured = "\x1b[38;" in terminal.text or ";38;2;" in terminal.text or "48;2;" in terminal.text
    assert coloured is not bool(plain)


def test_without_a_terminal(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage, and what does the same for pipes."""
    del store
    assert invoke(["ui"]) == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_a_broken_filter_is_said_before(store: RunStore) -> None:
    """The screen does not open."""
    del store
    terminal = Terminal([*_UI, "acc >"])
    try:
        terminal.wait_for("error:")
        assert terminal.end() == 1
    finally:
        terminal.kill()


def test_where_columns_are_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Below XDG_STATE_HOME where that is a whole path, else where the system keeps such."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert ui.state_file() == tmp_path / "gittrack" / "ui.json"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setattr(sys, "platform", "linux")
    assert ui.state_file() == Path(os.environ["HOME"]) / ".local" / "state" / "gittrack" / "ui.json"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert ui.state_file() == tmp_path / "gittrack" / "ui.json"
