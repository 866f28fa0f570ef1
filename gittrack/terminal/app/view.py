"""What a pane is made from: the chosen runs, the room there is, and what was read of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from gittrack.terminal.app.lines import drawn
from gittrack.terminal.escape import block
from gittrack.terminal.theme import CURVES, console, rich_page, rich_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.query.watching import Watched
    from gittrack.store.runs import RunStore
    from gittrack.terminal.app.curve_settings import CurveSettings
    from gittrack.terminal.chart import Segment as ChartSegment
    from gittrack.terminal.page import Section
    from gittrack.terminal.table import Table

_KEPT = 64


class Material:
    """What was read of runs; of those that have ended it is kept for a while.

    Args:
        store: where they are.

    Attributes:
        elsewhere: what was fetched of runs that go on elsewhere, by id; their curves are thinned there.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.elsewhere: dict[str, Watched] = {}
        self._kept: OrderedDict[tuple[str, str, int], Any] = OrderedDict()
        self._lock = threading.Lock()

    def series(self, run: Run) -> list[Series]:
        """The points of a run."""
        if run.id in self.elsewhere:
            return [tail.series() for tail in self.elsewhere[run.id].tails.values()]
        found: list[Series] = self._once("series", run, lambda: self.store.series(run.id))
        return found

    def environment(self, run: Run) -> dict[str, Any]:
        """The document of its `environment.yaml`."""
        if run.id in self.elsewhere:
            return {}
        found: dict[str, Any] = self._once("environment", run, lambda: self.store.environment(run.id))
        return found

    def forget(self) -> None:
        """Read everything again."""
        with self._lock:
            self._kept.clear()

    def _once(self, what: str, run: Run, read: Callable[[], Any]) -> Any:  # noqa: ANN401  what is read
        key = (what, run.id, run.attempt)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = read()
        if run.status != "running":
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


@dataclass(frozen=True)
class View:
    """What a pane is made from.

    Attributes:
        material: what was read.
        runs: the chosen runs, one or more.
        width: columns of the pane.
        height: lines of the pane.
        unicode: whether more than ASCII can be shown.
        colours: whether colours may be shown.
        now: milliseconds since the epoch.
        curves: how curves are drawn.
        artifact: of which one a preview is shown, None for the list.
    """

    material: Material
    runs: tuple[Run, ...]
    width: int
    height: int
    unicode: bool
    colours: bool
    now: int
    curves: CurveSettings
    artifact: str | None = None

    @property
    def store(self) -> RunStore:
        """Where the runs are."""
        return self.material.store

    @property
    def run(self) -> Run:
        """The first of them."""
        return self.runs[0]

    @property
    def rules(self) -> dict[str, Any]:
        """The setting `metrics`."""
        rules = self.store.config.get("metrics")
        return rules if isinstance(rules, dict) else {}

    def page(self, sections: Sequence[Section]) -> list[Strip]:
        """A page as lines."""
        return drawn(
            console(self.width, colours=True, unicode=self.unicode),
            rich_page(sections, self.width),
            self.width,
        )

    def table(self, table: Table, *, header: bool = True) -> list[Strip]:
        """A table as lines; columns that have no room are counted."""
        fitted = table.fitted(self.width)
        found = drawn(
            console(self.width, colours=True, unicode=self.unicode),
            rich_table(fitted, header=header),
            self.width,
        )
        if fitted.dropped:
            word = "column has" if len(fitted.dropped) == 1 else "columns have"
            found.append(said(f"{len(fitted.dropped)} more {word} no room here", "dim"))
        return found


def said(text: str, style: str = "") -> Strip:
    """One line of text."""
    return Strip(
        [Segment(block(text).replace("\n", " ").replace("\t", "    "), Style.parse(style) if style else None)]
    )


def paragraphs(text: str, width: int, style: str = "") -> list[Strip]:
    """Text of several lines, wrapped."""
    plain = block(text).replace("\t", "    ")
    return drawn(console(width, colours=True), Text(plain, style=style, overflow="fold"), width)


def charted(lines: Sequence[Sequence[ChartSegment]]) -> list[Strip]:
    """A chart as lines, curves in their colours."""
    parsed = [Style.parse(one) for one in CURVES]
    return [
        Strip(
            [
                Segment(one.text, None if one.curve is None else parsed[one.curve % len(parsed)])
                for one in line
            ]
        )
        for line in lines
    ]
