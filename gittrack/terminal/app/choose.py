"""A window to choose one or several of many in, found by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from gittrack.terminal.escape import block, line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from textual.app import ComposeResult
    from textual.binding import BindingType


class Item(NamedTuple):
    """Something to choose: its name, and what is shown of it."""

    name: str
    text: str


class Choose(ModalScreen["list[str] | None"]):
    """One or several of many, found by typing; gives the names, None where it was given up.

    Args:
        title: above.
        items: what there is.
        chosen: what is chosen already; None to choose one, which closes the window.
        unicode: whether more than ASCII can be shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss(None)", ""),
        ("down", "go(1)", ""),
        ("up", "go(-1)", ""),
        ("pagedown", "go(10)", ""),
        ("pageup", "go(-10)", ""),
        ("tab", "choose", ""),
        ("ctrl+up,shift+up", "move(-1)", ""),
        ("ctrl+down,shift+down", "move(1)", ""),
    ]

    def __init__(
        self, title: str, items: Sequence[Item], chosen: Sequence[str] | None = None, *, unicode: bool = True
    ) -> None:
        super().__init__()
        self._title = title
        self._items = list(items)
        self._chosen = None if chosen is None else list(chosen)
        self._shown: list[Item] = []
        self._marks = ("☑ ", "☐ ") if unicode else ("[x] ", "[ ] ")

    def compose(self) -> ComposeResult:
        """Title, what is typed, the list and a hint."""
        hint = "type to find, enter chooses, escape gives up"
        if self._chosen is not None:
            hint = "type to find, tab chooses, shift+up and shift+down move, enter is done, escape gives up"
        with Vertical(classes="window tall"):
            yield Static(Text(block(self._title)), classes="title")
            yield Input(placeholder="type to find", compact=True)
            yield OptionList(compact=True, markup=False)
            yield Static(Text(hint), classes="hint")

    def on_mount(self) -> None:
        """Show everything; chosen ones first, in their order."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._list()

    def on_input_changed(self) -> None:
        """Show what has the typed text in it."""
        self._list()

    def on_input_submitted(self) -> None:
        """Enter: done, or this one."""
        if self._chosen is not None:
            self.dismiss(self._chosen)
        elif (item := self._at()) is not None:
            self.dismiss([item.name])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click: this one."""
        event.stop()
        if self._chosen is not None:
            self.action_choose()
        elif (item := self._at()) is not None:
            self.dismiss([item.name])

    def action_go(self, by: int) -> None:
        """Some items down."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = max(0, min((options.highlighted or 0) + by, options.option_count - 1))

    def action_choose(self) -> None:
        """Choose the item, or leave it out."""
        item = self._at()
        if item is None or self._chosen is None:
            return
        if item.name in self._chosen:
            self._chosen.remove(item.name)
        else:
            self._chosen.append(item.name)
        self._list(self.query_one(OptionList).highlighted, still=True)

    def action_move(self, by: int) -> None:
        """Put the chosen item earlier or later."""
        item = self._at()
        if item is None or self._chosen is None or item.name not in self._chosen:
            return
        at = self._chosen.index(item.name)
        to = max(0, min(at + by, len(self._chosen) - 1))
        self._chosen.insert(to, self._chosen.pop(at))
        self._list()
        names = [one.name for one in self._shown]
        self.query_one(OptionList).highlighted = names.index(item.name)

    def _at(self) -> Item | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    def _list(self, highlighted: int | None = None, *, still: bool = False) -> None:
        typed = self.query_one(Input).value.strip().lower()
        if not still:
            chosen = self._chosen or []
            first = [item for name in chosen for item in self._items if item.name == name]
            rest = [item for item in self._items if item.name not in chosen]
            self._shown = [item for item in (*first, *rest) if typed in item.text.lower()]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Text(self._mark(item) + line(item.text))) for item in self._shown])
        if self._shown:
            options.highlighted = highlighted or 0

    def _mark(self, item: Item) -> str:
        if self._chosen is None:
            return ""
        return self._marks[0] if item.name in self._chosen else self._marks[1]
