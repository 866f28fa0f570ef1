from __future__ import annotations

import errno
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from gittrack.cli import errors
from gittrack.cli.options import State
from gittrack.core.errors import FilterError, GitTrackError, GitTrackWarning, UsageError
from gittrack.terminal.escape import columns, line

if TYPE_CHECKING:
    from collections.abc import Callable


def raising(error: BaseException) -> Callable[[], None]:
    """An action that raises."""

    def action() -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (GitTrackError("it broke", hint="mend it"), 1, "error: it broke\nhint: mend it\n"),
        (GitTrackError("bad \x1b[2J"), 1, "error: bad \\x1b[2J\n"),
        (UsageError("both"), 2, "error: both\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
        (click.exceptions.Exit(7), 7, ""),
        (click.UsageError("Wrong way."), 2, "error: wrong way\nhint: `gittrack --help` says what it takes\n"),
        (click.ClickException("Hm"), 1, "error: hm\nhint: `gittrack --help` says what it takes\n"),
    ],
)
def test_status(error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of error has its exit status and its words."""
    assert errors.guard(raising(error), State()) == status
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("result", "status"), [(None, 0), (0, 0), (5, 5), ("text", 0)])
def test_result(result: object, status: int) -> None:
    """An integer that is returned is the exit status."""
    assert errors.guard(lambda: result, State()) == status


def test_filter_error_has_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    """A filter is shown with a caret below the place."""
    errors.guard(
        raising(FilterError("unknown word 'acc'", "metrics.x > 1 an acc", 17, hint="say and")), State()
    )
    assert capsys.readouterr().err == (
        "error: unknown word 'acc'\n  metrics.x > 1 an acc\n" + " " * 19 + "^\nhint: say and\n"
    )


@pytest.mark.parametrize(
    ("text", "position"), [("a" * 500, 250), ("a\x1b[31mb", 6), ("日本 = 1", 3), ("x", 1), ("x" * 300, 0)]
)
def test_caret_points_at_the_place(text: str, position: int) -> None:
    """Long, wide and hostile filters keep the caret below its character, within the window."""
    shown, mark = errors.caret(text, position)
    assert shown.isprintable()
    assert len(shown) <= 75
    before = next(shown[:end] for end in range(len(shown) + 1) if columns(shown[:end]) == len(mark) - 1)
    assert shown[len(before) :].startswith(line(text[position:])[:1])


@pytest.mark.parametrize(
    ("number", "hint"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "read-only"), (errno.EACCES, "check who owns")],
)
def test_system_errors_are_expected(number: int, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk or missing permission is no defect."""
    assert errors.guard(raising(OSError(number, os.strerror(number), "/some/file")), State()) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: /some/file: ")
    assert hint in said


def test_defect_leaves_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is a defect: exit status 3, and a log with traceback and versions."""
    assert errors.guard(raising(RuntimeError("boom")), State()) == 3
    said = capsys.readouterr().err
    assert said.startswith("error: a defect of gittrack: RuntimeError: boom\n")
    path = Path(said.split("details are in ")[1].split(";")[0])
    text = path.read_text()
    path.unlink()
    assert "Traceback" in text
    assert "gittrack " in text
    assert "git " in text


def test_defect_that_cannot_be_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no log can be written, the message still comes."""
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    assert errors.guard(raising(RuntimeError()), State()) == 3
    assert "could not be written" in capsys.readouterr().err


def test_other_operating_system_errors_are_defects(capsys: pytest.CaptureFixture[str]) -> None:
    """An `OSError` that nobody expects is a defect."""
    assert errors.guard(raising(OSError(errno.EINVAL, "strange")), State()) == 3
    Path(capsys.readouterr().err.split("details are in ")[1].split(";")[0]).unlink()


def test_warnings_come_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning of ours is one line, and comes once."""

    def action() -> None:
        for _ in range(3):
            warnings.warn("the index is old", GitTrackWarning, stacklevel=1)

    assert errors.guard(action, State()) == 0
    assert capsys.readouterr().err == "warning: the index is old\n"


def test_warnings_of_others_are_left_alone() -> None:
    """Other warnings go their usual way."""
    with pytest.warns(UserWarning, match="theirs"):
        errors.guard(lambda: warnings.warn("theirs", UserWarning, stacklevel=1), State())


def test_exit_is_passed_on() -> None:
    """What wants to leave the interpreter may."""
    with pytest.raises(SystemExit):
        errors.guard(raising(SystemExit(4)), State())


def test_reader_that_went_away() -> None:
    """`gittrack … | head` is quiet."""
    code = (
        "import sys; from gittrack.cli import errors; from gittrack.cli.options import State; import click\n"
        "def act():\n  for n in range(100000): click.echo('x' * 100)\n"
        "sys.exit(errors.guard(act, State()))"
    )
    script = f'{sys.executable} -c "$CODE" | head -n 1; exit ${{PIPESTATUS[0]}}'
    environment = {**os.environ, "CODE": code}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (141, "")


def test_colours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`FORCE_COLOR` colours, `NO_COLOR` wins over it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    errors.tell("x")
    assert "\x1b[31m" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    errors.tell("x")
    assert capsys.readouterr().err == "error: x\n"
