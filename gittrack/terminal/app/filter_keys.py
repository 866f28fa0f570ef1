"""The line of the filter: what is wrong with it is said while it is typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Input, Static

from gittrack.core.errors import FilterError
from gittrack.query.filter.parser import parse
from gittrack.terminal.app.base import Base
from gittrack.terminal.app.suggest import FieldSuggester
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from textual.timer import Timer

    from gittrack.query.filter.nodes import Node

_PAUSE = 0.12  # seconds without a key after which a filter is asked


class FilterKeys(Base):
    """The keys of the filter."""

    _node: Node | None = None
    _typing: Timer | None = None

    # ---- filter

    def action_filter(self) -> None:
        """Open the line of the filter."""
        self.query_one("#filter", Vertical).add_class("shown")
        field = self.query_one("#filter Input", Input)
        field.focus()
        field.cursor_position = len(field.value)
        self.in_thread("keys", self._learn)

    def _learn(self) -> None:
        suggester = self.query_one("#filter Input", Input).suggester
        if isinstance(suggester, FieldSuggester):
            suggester.learn()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is wrong with the filter, and ask it after a short pause."""
        if event.input.parent is not self.query_one("#filter"):
            return
        self.filter_text = event.value
        if self._typing is not None:
            self._typing.stop()
        if self._parsed() is not None:
            self._typing = self.set_timer(_PAUSE, self._ask_filter)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the list."""
        if event.input.parent is self.query_one("#filter"):
            self._leave_filter()

    def _leave_filter(self) -> None:
        self.query_one("#filter", Vertical).set_class(bool(self.filter_text.strip()), "shown")
        self.table.focus()

    def clear_filter(self) -> None:
        """All runs again."""
        self.query_one("#filter Input", Input).value = ""
        self.filter_text = ""
        self._leave_filter()

    def _parsed(self) -> bool | None:
        """Whether there is a filter that parses; None where it does not, which is said."""
        note = self.query_one("#filter-note", Static)
        text = self.filter_text
        try:
            node = parse(text) if text.strip() else None
        except FilterError as error:
            note.add_class("wrong")
            hint = f"; {error.hint}" if error.hint else ""
            place = min(error.position, max(0, self.size.width - 50))
            note.update(Text(f"{' ' * place}^ {line(error.message)}{line(hint)}", overflow="fold"))
            return None
        note.remove_class("wrong")
        note.update("")
        self._node = node
        return node is not None

    def _ask_filter(self) -> None:
        self.question = replace(self.question, node=self._node)
        self.ask(top=True)

    def listed(self) -> None:
        """Say how many runs a filter finds."""
        super().listed()
        if self.question.node is not None and self._parsed():
            count = len(self.table.rows.listing.ids)
            self.query_one("#filter-note", Static).update(
                f"{count:,} {'run matches' if count == 1 else 'runs match'}"
            )
