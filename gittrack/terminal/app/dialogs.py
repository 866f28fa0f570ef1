"""Small windows: a question, a line of text, a text of several lines, something to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from gittrack.terminal.app.keymap import sections
from gittrack.terminal.escape import block, line

if TYPE_CHECKING:
    from typing import ClassVar

    from rich.console import RenderableType
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Confirm(ModalScreen[bool]):
    """A question that is answered with y or n; gives whether yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y,enter", "answer(True)", ""),
        ("n,escape,q", "answer(False)", ""),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and how to answer it."""
        with Vertical(classes="window"):
            yield Static(Text(block(self._question)))
            yield Static(Text("y yes   n no"), classes="hint")

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001  Textual passes what the binding says
        """Close with the answer."""
        self.dismiss(yes)


class Ask(ModalScreen["str | None"]):
    """A line of text; gives it, None where it was given up."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "")]

    def __init__(self, title: str, value: str = "", hint: str = "") -> None:
        super().__init__()
        self._title, self._value, self._hint = title, value, hint

    def compose(self) -> ComposeResult:
        """Title, line and hint."""
        with Vertical(classes="window"):
            yield Static(Text(block(self._title)), classes="title")
            yield Input(line(self._value), select_on_focus=False, compact=True)
            yield Static(Text(self._hint or "enter saves, escape leaves it as it is"), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the text."""
        self.dismiss(event.value)


class Write(ModalScreen["str | None"]):
    """A text of several lines; gives it, None where it was given up."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", ""), ("ctrl+s,f2", "save", "")]

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        """Title, text and hint."""
        with Vertical(classes="window tall"):
            yield Static(Text(block(self._title)), classes="title")
            yield TextArea(block(self._value), soft_wrap=True, tab_behavior="focus", compact=True)
            yield Static(Text("ctrl+s saves, escape leaves it as it is"), classes="hint")

    def action_save(self) -> None:
        """Close with the text."""
        self.dismiss(self.query_one(TextArea).text)


class Read(ModalScreen[bool]):
    """Something to read; gives whether its copy was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,question_mark,enter", "close(False)", ""),
        ("y,c", "close(True)", ""),
        ("down,j", "scroll(1)", ""),
        ("up,k", "scroll(-1)", ""),
    ]

    def __init__(self, title: str, text: RenderableType, hint: str) -> None:
        super().__init__()
        self._title, self._text, self._hint = title, text, hint

    def compose(self) -> ComposeResult:
        """Title, text and hint."""
        with Vertical(classes="window wide"):
            yield Static(Text(block(self._title)), classes="title")
            yield Static(self._text, classes="body")
            yield Static(Text(self._hint), classes="hint")

    def action_close(self, copy: bool) -> None:  # noqa: FBT001  Textual passes what the binding says
        """Close."""
        self.dismiss(copy)

    def action_scroll(self, by: int) -> None:
        """Some lines down."""
        self.query_one(".window", Vertical).scroll_relative(y=by * 3, animate=False)


def help_table() -> Table:
    """All keys."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for title, keys in sections().items():
        table.add_row("")
        table.add_row(
            Text(title.partition(" the marked")[0], "bold"), Text(_MARKED if " the marked" in title else "")
        )
        for key in keys:
            table.add_row(Text(key.shown, "cyan"), key.text)
    return table


_MARKED = "the marked runs, or the one at the cursor"
