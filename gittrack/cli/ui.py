"""`gittrack ui`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gittrack.cli import options, output


@options.verb("ui")
@options.filter_argument
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--no-state", is_flag=True, help="Neither use nor remember chosen columns.")
def command(ctx: click.Context, filters: tuple[str, ...], *, no_mouse: bool, no_state: bool) -> None:
    """Look at runs on the whole screen: list, curves, differences, output, artifacts.

    Keys: ? shows them all, q leaves. FILTER reads like: metrics.acc > 0.9 and params.lr = 0.1
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from gittrack.core.errors import UsageError

        msg = "the screen needs a terminal"
        raise UsageError(msg, hint="`gittrack ls` and `gittrack show` print the same for pipes")
    text = options.joined(filters) or ""
    store = options.store(ctx)
    if text:
        from gittrack.query.filter.parser import parse

        parse(text)  # what is wrong with it is said before the screen opens
    from gittrack.terminal.app.app import show

    show(
        store,
        state=None if no_state else state_file(),
        unicode=output.unicode_works(),
        colours=output.colours(),
        mouse=not no_mouse,
        filter_text=text,
    )


def state_file() -> Path:
    """Where the chosen columns are remembered: below `$XDG_STATE_HOME`, or where the system keeps such."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if Path(given).is_absolute():
        base = Path(given)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path.home() / ".local" / "state"
    return base / "gittrack" / "ui.json"
