from __future__ import annotations

import io
import json
import os

import pytest

from gittrack.cli import output
from gittrack.cli.captured import harmless


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the variables is set."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours(variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """A terminal has colours unless somebody objects."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert output.colours(Terminal()) is expected


@pytest.mark.parametrize(("value", "expected"), [("0", False), ("1", True)])
def test_forced(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """`FORCE_COLOR` makes a pipe a terminal, `0` does not."""
    monkeypatch.setenv("FORCE_COLOR", value)
    assert output.is_terminal(io.StringIO()) is expected


def test_closed_stream_is_no_terminal() -> None:
    """A closed stream has nobody who watches."""
    stream = io.StringIO()
    stream.close()
    assert not output.is_terminal(stream)


@pytest.mark.parametrize(("columns", "expected"), [("120", 120), ("5", 20), ("x", 80)])
def test_width(columns: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`COLUMNS` is honoured, within reason; without a terminal there are 80."""
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    monkeypatch.setenv("COLUMNS", columns)
    assert output.width() == expected


def test_height_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal there are 24 lines."""

    def fail(*_: int) -> None:
        raise OSError

    monkeypatch.setattr(os, "get_terminal_size", fail)
    assert output.height() == 24


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", True), ("UTF8", True), ("ascii", False), (None, False)]
)
def test_unicode_works(encoding: str | None, expected: bool) -> None:  # noqa: FBT001  a case of the table
    """Only Unicode encodings show more than ASCII."""

    class Stream(io.StringIO):
        pass

    Stream.encoding = encoding  # type: ignore[assignment]  # what a stream says
    assert output.unicode_works(Stream()) is expected


def test_json_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON says the same, and no character of it acts on a terminal."""
    value = {"name": "\x1b[31m\u202e\x9b", "deep": [{"a": 1}]}
    output.emit_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert all(line.isprintable() for line in out.split("\n"))


@pytest.mark.parametrize("values", [[], [1], [{"a": "\u202e\ud800"}, {"b": [None]}]])
def test_json_list(values: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    """A list is JSON, one value a line."""
    output.emit_json_list(iter(values))
    out = capsys.readouterr().out
    assert len(json.loads(out)) == len(values)
    assert all(line.isprintable() for line in out.split("\n"))


def test_deep_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What the fast writer refuses is still written."""
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    output.emit_json_list([deep])
    assert json.loads(capsys.readouterr().out) == [deep]


def test_output_keeps_colours_only() -> None:
    """Of captured output colours stay, what moves the cursor shows, overwritten lines are gone."""
    text = "\x1b[31mred\x1b[0m\x1b[2J\n10%\r50%\r100%\r\nend"
    assert harmless(text, colours=True) == "\x1b[31mred\x1b[0m\\x1b[2J\n100%\nend\x1b[0m"
    assert harmless(text, colours=False) == "red\\x1b[2J\n100%\nend"


def test_signs_are_spelled_out_where_they_cannot_be_shown() -> None:
    """A stream without Unicode gets ASCII instead of an error; others stay as they are."""
    memory = io.BytesIO()
    plain = io.TextIOWrapper(memory, encoding="ascii")
    output.spell_out(plain)
    plain.write("0.1 → 0.2 ± 0.1 é")
    plain.flush()
    assert memory.getvalue() == b"0.1 -> 0.2 +/- 0.1 \\xe9"
    wide = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    output.spell_out(wide)
    assert wide.errors == "strict"
