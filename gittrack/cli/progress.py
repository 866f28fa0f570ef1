"""One line on a terminal that says how far something is."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from gittrack.cli import output
from gittrack.terminal.escape import clip, columns, line

if TYPE_CHECKING:
    from types import TracebackType

_PAUSE = 0.1  # seconds between two drawings


class ProgressLine:
    """Shows steps on standard error, and takes the line away at the end; silent without a terminal.

    Call it with the stage, how much of it is done, and how much there is (None where unknown).
    """

    def __init__(self) -> None:
        self._shown = 0
        self._stage = ""
        self._next = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Draw a step; most are passed over, for drawing costs more than counting."""
        now = time.monotonic()
        if stage == self._stage and now < self._next and done != total:
            return
        self._stage, self._next = stage, now + _PAUSE
        share = f"{done:,}" if not total else f"{100 * done // total:3} % ({done:,} of {total:,})"
        self._draw(f"{line(stage)}: {share}")

    def __enter__(self) -> ProgressLine | None:
        return self if output.is_terminal(sys.stderr) else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown:
            self._draw("")
            click.echo("\r", nl=False, err=True)

    def _draw(self, text: str) -> None:
        text = clip(text, output.width() - 1)
        blanks = " " * max(0, self._shown - columns(text))
        click.echo(f"\r{text}{blanks}", nl=False, err=True)
        self._shown = columns(text)
