"""Standard output: JSON, whether to use colours, how wide it is."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from gittrack.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from gittrack.terminal.chart import Segment
    from gittrack.terminal.page import Section
    from gittrack.terminal.table import Table

PLAIN_WIDTH = 80
_SPELLED = {
    "→": "->",
    "±": "+/-",
    "…": "...",
    "Δ": "delta",
    "∞": "inf",
    "✓": "+",
    "✗": "x",
    "●": "*",
    "■": "#",
}


def is_terminal(stream: IO[Any] | None = None) -> bool:
    """Whether somebody watches: the stream is a terminal, or `FORCE_COLOR` says to act so."""
    return _set("FORCE_COLOR") or _tty(stream or sys.stdout)


def colours(stream: IO[Any] | None = None) -> bool:
    """Whether to colour: `NO_COLOR` forbids it, `FORCE_COLOR` asks for it, else a capable terminal."""
    if _set("NO_COLOR"):
        return False
    if _set("FORCE_COLOR"):
        return True
    return _tty(stream or sys.stdout) and os.environ.get("TERM") != "dumb"


def unicode_works(stream: IO[Any] | None = None) -> bool:
    """Whether the stream can show more than ASCII."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "ascii"
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")


def spell_out(stream: IO[Any] | None = None) -> None:
    """Let a stream that cannot show a character write it in ASCII (`→` as `->`) instead of failing."""
    target = stream or sys.stdout
    if unicode_works(target) or not hasattr(target, "reconfigure"):
        return
    import codecs

    codecs.register_error("gittrack", _spelled)
    target.reconfigure(errors="gittrack")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = "".join(
        _SPELLED.get(one) or one.encode("ascii", "backslashreplace").decode()
        for one in error.object[error.start : error.end]
    )
    return found, error.end


def width() -> int:
    """Columns of the terminal: `COLUMNS`, else what the terminal says, else 80."""
    return _size()[0]


def height() -> int:
    """Lines of the terminal: `LINES`, else what the terminal says, else 24."""
    return _size()[1]


def _size() -> tuple[int, int]:
    try:
        found = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except (OSError, ValueError):
        found = os.terminal_size((PLAIN_WIDTH, 24))
    sizes = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (int(text) if text.isdecimal() else 0 for text in sizes)
    return max(20, columns or found.columns or PLAIN_WIDTH), max(5, lines or found.lines or 24)


def emit_json(value: object) -> None:
    """Print one value as indented JSON."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=not unicode_works())
    emit_lines(escape.json_text(line) for line in text.split("\n"))


def emit_json_list(values: Iterable[object]) -> None:
    """Print a JSON list, one value a line, so that it can be read as it comes."""
    separator = "[\n"
    for value in values:
        click.echo(separator + _compact(value), nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[\n" else "\n]")


def emit_json_line(value: object) -> None:
    """Print one value as JSON on a line of its own, at once."""
    click.echo(_compact(value))
    sys.stdout.flush()


def emit_lines(lines: Iterable[str]) -> None:
    """Print lines that are harmless already."""
    for line in lines:
        click.echo(line)


def emit_table(table: Table, shape: str | None = None, *, note: str = "") -> None:
    """Print a table.

    Args:
        table: the values.
        shape: `md` or `csv`; None for eyes: fitted to a terminal, or plain text.
        note: how to see the columns that have no room.
    """
    from gittrack.terminal import table as tables

    if shape == "md":
        emit_lines(tables.as_markdown(table))
    elif shape == "csv":
        rows = ([cell.text for cell in row] for row in table.rows)
        emit_lines(tables.as_csv([column.title for column in table.columns], rows))
    elif is_terminal():
        from gittrack.terminal.theme import rich_table

        fitted = table.fitted(width())
        console().print(rich_table(fitted))
        if fitted.dropped:
            word = "column" if len(fitted.dropped) == 1 else "columns"
            click.echo(f"+{len(fitted.dropped)} more {word}, {note}", err=True)
    else:
        emit_lines(tables.plain(table))


def emit_page(sections: Sequence[Section]) -> None:
    """Print a page: styled on a terminal, else plain text."""
    if is_terminal():
        from gittrack.terminal.theme import rich_page

        console().print(rich_page(sections, width()))
    else:
        from gittrack.terminal.page import plain_page

        emit_lines(plain_page(sections))


def emit_chart(lines: Sequence[Sequence[Segment]]) -> None:
    """Print a chart: in colours on a terminal, else plain text."""
    if is_terminal():
        from gittrack.terminal.theme import rich_chart

        console().print(rich_chart(lines))
    else:
        emit_lines("".join(one.text for one in segments).rstrip() for segments in lines)


def console() -> Console:
    """Rich's console on standard output, as the environment wants it."""
    from gittrack.terminal import theme

    return theme.console(width(), colours=colours(), unicode=unicode_works())


def _compact(value: object) -> str:
    import json

    from gittrack.core.text import dump_json

    try:
        return escape.json_text(dump_json(value).decode()) if unicode_works() else json.dumps(value)
    except (TypeError, ValueError):  # nested deeper than orjson goes
        return json.dumps(value)


def _set(name: str) -> bool:
    return os.environ.get(name, "") not in {"", "0"} if name == "FORCE_COLOR" else bool(os.environ.get(name))


def _tty(stream: IO[Any]) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
