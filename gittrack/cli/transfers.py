"""What verbs that move artifacts share: `--jobs`, the line that shows progress, what is said afterwards."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gittrack.cli import output
from gittrack.cli.progress import ProgressLine
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.artifacts.transfer import Progress
    from gittrack.store.kept.shipped import Shipped

F = TypeVar("F", bound="Callable[..., Any]")
_PAUSE = 0.1  # seconds between two drawings


def jobs_option(function: F) -> F:
    """`--jobs`."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1, max=64),
        default=8,
        metavar="N",
        show_default=True,
        help="Artifacts to move at once.",
    )(function)


class TransferLine(ProgressLine):
    """Shows a transfer on standard error, and takes the line away at the end; silent without a terminal."""

    def __init__(self, stage: str) -> None:
        from gittrack.terminal.transfer import Pace

        super().__init__()
        self._what = stage
        self._pace = Pace()
        self._due = 0.0

    def __enter__(self) -> Callable[[Progress], None] | None:  # type: ignore[override]  # called with other things
        return self.show if output.is_terminal(sys.stderr) else None

    def show(self, told: Progress) -> None:
        """Draw how far it is; most calls are passed over."""
        now = time.monotonic()
        if now < self._due and told.done_files != told.total_files:
            return
        from gittrack.terminal.transfer import line as text

        self._due = now + _PAUSE
        self._draw(
            text(
                self._what,
                done=told.done_bytes,
                total=told.total_bytes,
                files=(told.done_files, told.total_files),
                rate=self._pace.at(now, told.done_bytes),
                unicode=output.unicode_works(sys.stderr),
            )
        )


def sent(shipped: Shipped) -> str:
    """What an upload came to, as a sentence."""
    from gittrack.terminal.figures import size

    where = line(shipped.url or "")
    had = f"; {shipped.present:,} were there already" if shipped.present else ""
    return f"sent {shipped.sent:,} {_word(shipped.sent)} ({size(shipped.size)}) to {where}{had}."


def told(shipped: Shipped) -> list[str]:
    """What a push or pull did with artifacts, one sentence each."""
    from gittrack.terminal.figures import size

    said = [sent(shipped)] if shipped.sent else []
    if shipped.received:
        what = f"{shipped.received:,} {_word(shipped.received)} ({size(shipped.received_size)})"
        said.append(f"fetched {what} from {line(shipped.url or '')}.")
    if shipped.stayed:
        what = f"{shipped.stayed:,} {_word(shipped.stayed)} ({size(shipped.stayed_size)})"
        said.append(f"{what} stayed on this machine.")
    return said


def _word(count: int) -> str:
    return "artifact" if count == 1 else "artifacts"
