"""The one error boundary: what goes wrong becomes one message and one exit status.

0 is success, 1 an expected failure, 2 wrong usage, 3 a defect of gittrack, 130 interrupted, 141 a
reader that went away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import output
from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.terminal.escape import columns, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from gittrack.cli.options import State

FAILURE, USAGE, DEFECT, INTERRUPTED, BROKEN_PIPE = 1, 2, 3, 130, 141
_EXPECTED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
_CARET_WINDOW = 70


def guard(action: Callable[[], object], state: State) -> int:
    """Do it, and give the exit status.

    Args:
        action: what it returns is the exit status when it is an integer, else 0.
        state: tells where a log of a defect may go.
    """
    try:
        with shown_warnings():
            result = action()
            sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  this is the boundary
        return _status(error, state)
    return result if isinstance(result, int) else 0


def _status(error: BaseException, state: State) -> int:  # noqa: PLR0911  one case a kind of error
    match error:
        case SystemExit() | GeneratorExit():
            raise error
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            tell("interrupted", kind="")
            return INTERRUPTED
        case BrokenPipeError():
            _forget_stdout()
            return BROKEN_PIPE
        case click.ClickException():
            return _usage(error)
        case GitTrackError():
            return _expected(error)
        case OSError(errno=number) if number in _EXPECTED:
            return _system(error)
        case _:
            return _defect(error, state)


def tell(message: str, hint: str | None = None, *, kind: str = "error: ") -> None:
    """Say what is wrong, and what to do about it, on standard error."""
    with contextlib.suppress(OSError):
        colours = output.colours(sys.stderr)  # click would drop them where there is no terminal
        click.echo(f"{_coloured(kind)}{line(message)}", err=True, color=colours)
        if hint:
            click.echo(f"{_coloured('hint: ')}{line(hint)}", err=True, color=colours)


def _coloured(kind: str) -> str:
    if not kind or not output.colours(sys.stderr):
        return kind
    colour = {"error: ": "red", "warning: ": "yellow"}.get(kind, "cyan")
    return click.style(kind, fg=colour, bold=colour == "red")


def _expected(error: GitTrackError) -> int:
    position = getattr(error, "position", None)  # a filter, a space
    if position is not None:
        tell(error.message)
        for text in caret(getattr(error, "text", ""), position):
            click.echo(f"  {text}", err=True)
        if error.hint:
            tell(error.hint, kind="hint: ")
    else:
        tell(error.message, error.hint)
    return error.exit_code


def caret(text: str, position: int) -> tuple[str, str]:
    """A filter and the line below it that points at a character of it.

    Returns:
        Both at most about 70 characters: of a long filter the part around the caret.
    """
    before, after = line(text[:position]), line(text[position:])
    if len(before) > _CARET_WINDOW // 2:
        before = "…" + before[-_CARET_WINDOW // 2 :]
    room = _CARET_WINDOW - len(before)
    if len(after) > room:
        after = after[:room] + "…"
    return before + after, " " * columns(before) + "^"


def _usage(error: click.ClickException) -> int:
    message = error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "gittrack"
    tell(message, getattr(error, "hint", None) or f"`{path} --help` says what it takes")
    return USAGE if isinstance(error, click.UsageError) else error.exit_code


def _system(error: OSError) -> int:
    where = f"{error.filename}: " if error.filename else ""
    hints = {
        errno.ENOSPC: "free some space and repeat; what was acknowledged before is kept",
        errno.EDQUOT: "free some space and repeat; what was acknowledged before is kept",
        errno.EROFS: "the file system is read-only; name another repository with --repo",
    }
    number = error.errno or 0
    tell(f"{where}{error.strerror}", hints.get(number, "check who owns the file and what you may do with it"))
    return FAILURE


def _defect(error: BaseException, state: State) -> int:
    message = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    path = _write_log(error, state)
    where = f"details are in {path}" if path else "details could not be written"
    tell(f"a defect of gittrack: {message}", f"{where}; please report it")
    return DEFECT


def _write_log(error: BaseException, state: State) -> Path | None:
    import tempfile
    import traceback
    from pathlib import Path

    from gittrack.cli.versions import all_versions

    text = "\n".join([*all_versions(), f"command {sys.argv!r}", "", *traceback.format_exception(error)])
    folders: tuple[Path | None, ...] = (None if state.directory is None else state.directory / "logs", None)
    for folder in folders:
        with contextlib.suppress(OSError):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".log", "gittrack-defect-", folder)
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
                file.write(text)
            return Path(name)
    return None


def _forget_stdout() -> None:
    """Keep the interpreter from complaining when it closes a pipe that nobody reads."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


@contextlib.contextmanager
def shown_warnings() -> Iterator[None]:
    """Print each warning of gittrack once, as `warning: …`, while the block runs."""
    seen: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", GitTrackWarning)
        before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:  # noqa: ANN401
            if not issubclass(category, GitTrackWarning):
                before(message, category, *rest)
            elif str(message) not in seen:
                seen.add(str(message))
                tell(str(message), kind="warning: ")

        warnings.showwarning = show  # type: ignore[assignment]  # the arguments are passed on
        yield


class UnknownVerb(click.UsageError):
    """There is no such verb; says which was probably meant."""

    hint: str | None = None


def unknown_verb(word: str, known: Iterable[str], ctx: click.Context) -> UnknownVerb:
    """The error for a word that is none of the known verbs."""
    import difflib

    error = UnknownVerb(f"no such verb: {word!r}", ctx)
    near = difflib.get_close_matches(word, list(known), n=1)
    if near:
        error.hint = f"did you mean {near[0]!r}?"
    return error
