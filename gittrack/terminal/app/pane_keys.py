"""The pane below or beside the list: which one, of which runs, how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Container, Vertical
from textual.widgets import Static

from gittrack.core.errors import GitTrackError
from gittrack.core.times import now_ms
from gittrack.terminal.app.curve_settings import CurveSettings
from gittrack.terminal.app.keymap import CURVES_PANE, FILES_PANE, OUTPUT_PANE, PANES
from gittrack.terminal.app.lines import Lines
from gittrack.terminal.app.listing_keys import ListKeys
from gittrack.terminal.app.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.strip import Strip
    from textual.timer import Timer

    from gittrack.core.records import Run
    from gittrack.terminal.app.grid import Grid

_PAUSE = 0.05  # seconds that the cursor rests on a run before its pane is made
_BESIDE = 150  # columns from which on the pane stands beside the list


class PaneKeys(ListKeys):
    """The keys of the pane."""

    pane = 0
    is_open = False
    settings = CurveSettings()
    artifact: str | None = None
    _resting: Timer | None = None
    _drawn: tuple[object, ...] = ()

    def action_open(self) -> None:
        """Open the pane or close it; on the head of a group, fold it; in the pane, choose the line."""
        if self.lines.has_focus and self.lines.cursor is not None:
            self.post_message(Lines.Chosen(self.lines.cursor))
        elif not (self.table.has_focus and self.fold()):
            self._open(is_open=not self.is_open)

    def action_pane(self, number: int) -> None:
        """Show one of the panes."""
        self.pane = number
        self.artifact = None
        self._open(is_open=True)

    def _open(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.query_one("#pane", Vertical).set_class(is_open, "shown")
        if not is_open:
            self.query_one("#main", Container).remove_class("zoomed")
            self.table.focus()
        self.call_after_refresh(self._opened)

    def _opened(self) -> None:
        self.table.watch_cursor(self.table.cursor, self.table.cursor)
        self.draw_pane()

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or take it back."""
        if not self.is_open:
            self._open(is_open=True)
        main = self.query_one("#main", Container)
        main.toggle_class("zoomed")
        (self.lines if main.has_class("zoomed") else self.table).focus()
        self.call_after_refresh(self.draw_pane)

    def action_switch_focus(self) -> None:
        """From the list to the pane, or back."""
        if not self.is_open:
            self._open(is_open=True)
        zoomed = self.query_one("#main", Container).has_class("zoomed")
        (self.table if self.lines.has_focus and not zoomed else self.lines).focus()

    def action_leave(self) -> None:
        """Close what is open, the innermost first; then let the marked runs go, then the filter."""
        if self.focused is not None and self.focused.parent is self.query_one("#filter"):
            self.clear_filter()
        elif self.artifact is not None:
            self.artifact = None
            self.draw_pane()
        elif self.query_one("#main", Container).has_class("zoomed"):
            self.action_zoom()
        elif self.is_open:
            self._open(is_open=False)
        elif self.table.marked:
            self.unmark()
        elif self.filter_text:
            self.clear_filter()

    def on_resize(self, event: events.Resize) -> None:
        """Put the pane beside the list where there is room."""
        self.query_one("#main", Container).set_class(event.size.width >= _BESIDE, "beside")
        self.call_after_refresh(self.draw_pane)

    def action_curve(self, what: str, way: int) -> None:
        """Change how curves are drawn, and show them."""
        from gittrack.terminal.app.curves import metrics_of  # panes are loaded when one is opened

        runs = [run for run_id in self.chosen() if (run := self.table.rows.run(run_id)) is not None]
        metrics = metrics_of(runs, self.rules)
        if self.pane == CURVES_PANE and self.is_open:
            self.settings = self.settings.after(what, way, metrics)
            self.draw_pane()
        else:
            self.action_pane(CURVES_PANE)

    # ---- which runs

    def chosen(self) -> list[str]:
        """The marked runs; with one marked, that and the one at the cursor; else the one at the cursor."""
        marked, at = list(self.table.marked), self.table.at_cursor
        if len(marked) > 1 or not isinstance(at, str):
            return marked
        return [*marked, *([at] if at not in marked else [])]

    def on_grid_moved(self) -> None:
        """Another run is at the cursor."""
        if len(self.table.marked) < 2:  # noqa: PLR2004  with more, the cursor chooses nothing
            self.chosen_changed()

    def chosen_changed(self) -> None:
        """Draw the pane when the cursor has come to rest."""
        self.artifact = None
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_PAUSE, self.draw_pane)

    def listed(self) -> None:
        """The run at the cursor may be another one."""
        super().listed()
        self.draw_pane()

    def read(self) -> None:
        """The run at the cursor may have been read only now."""
        if self.is_open and not self.lines.lines:
            self.draw_pane()

    def followed(self, changed: Sequence[str]) -> None:
        """Bring the pane of a live run up to date."""
        if self.artifact is None and set(changed) & set(self.chosen()):
            self.draw_pane()

    def on_grid_clicked(self, message: Grid.Clicked) -> None:
        """A click in the gutter marks, a double click opens."""
        if message.gutter:
            self.action_mark()
            self.table.cursor -= 1
        else:
            self.action_open()

    # ---- what it shows

    def draw_pane(self) -> None:
        """Make the pane in a thread and show it."""
        if not self.is_open:
            return
        self._draw_tabs()
        ids = self.chosen()
        if not ids:
            self.lines.show([])
            return
        pane, artifact, settings = self.pane, self.artifact, self.settings
        width, height = max(20, self.lines.size.width - 3), self.lines.size.height
        known = {run_id: self.table.rows.run(run_id) for run_id in ids}

        def work() -> None:
            from gittrack.terminal.app.panes import made

            runs = tuple(run for run_id in ids if (run := known[run_id] or self._get(run_id)) is not None)
            if not runs:
                return
            view = View(
                self.material, runs, width, height, self.unicode, self.colours, now_ms(), settings, artifact
            )
            lines = made(pane, view)
            choices = self._choices(pane, view)
            self.call_from_thread(self._show_pane, (pane, tuple(ids), artifact), lines, choices)

        self.in_thread("pane", work)

    def _get(self, run_id: str) -> Run | None:
        try:
            return self.store.get(run_id)
        except GitTrackError:
            return None

    def _choices(self, pane: int, view: View) -> range:
        if pane != FILES_PANE or view.artifact is not None:
            return range(0)
        from gittrack.terminal.app.artifacts import HEAD, listed

        count = len(listed(view)) if view.run.artifacts or view.run.inputs else 0
        return range(HEAD, HEAD + count)

    def _show_pane(self, what: tuple[object, ...], lines: list[Strip], choices: range) -> None:
        same, again = what == self._drawn, what[:-1] == self._drawn[:-1]
        self._drawn = what
        self.lines.show(lines, end=self.pane == OUTPUT_PANE, keep=same, choices=choices, again=again)

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Show the artifact in that line."""
        ids = self.chosen()
        run = self.table.rows.run(ids[0]) if ids else None
        if self.pane != FILES_PANE or self.artifact is not None or run is None:
            return

        def work() -> None:
            from gittrack.terminal.app.artifacts import HEAD, listed

            view = View(self.material, (run,), 80, 24, self.unicode, self.colours, 0, self.settings)
            found = listed(view)
            self.call_from_thread(self._choose_artifact, found[message.number - HEAD].path)

        self.in_thread("artifact", work)

    def _choose_artifact(self, path: str) -> None:
        self.artifact = path
        self.draw_pane()

    def _draw_tabs(self) -> None:
        text = Text(no_wrap=True, overflow="crop")
        wide = self.query_one("#tabs", Static).size.width >= sum(len(name) + 3 for name in PANES)
        for number, name in enumerate(PANES):
            here = number == self.pane
            label = f"{number + 1} {name}" if wide or here else f"{number + 1}"
            text.append(
                f"[{label}]" if here and not self.colours else label, "bold reverse" if here else "dim"
            )
            text.append("  " if wide else " ")
        self.query_one("#tabs", Static).update(text)
