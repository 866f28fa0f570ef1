"""What can be done with the list: sort, group, columns, marks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.query.filter.nodes import Field, Order
from gittrack.terminal.app import columns
from gittrack.terminal.app.filter_keys import FilterKeys
from gittrack.terminal.app.rows import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run
    from gittrack.terminal.app.grid import Grid

_MOST_MARKED = 1000
_NONE = ""


class ListKeys(FilterKeys):
    """The keys of the list."""

    # ---- sort and group

    def action_sort(self) -> None:
        """Choose what to sort by."""
        self._choose_field("Sort by", "start time, the newest first", self._sort_by)

    def action_group(self) -> None:
        """Choose what to group by."""
        self._choose_field("Group by", "nothing", self._group_by)

    def _choose_field(self, title: str, nothing: str, then: Callable[[str], None]) -> None:
        from gittrack.terminal.app.choose import Choose, Item  # windows are loaded when one is opened

        def done(chosen: list[str] | None) -> None:
            if chosen is not None:
                then(chosen[0])

        names = [
            name
            for name in dict.fromkeys([*self.table.names, *self.known_columns])
            if columns.field_of(name) is not None
        ]
        items = [Item(_NONE, nothing), *(Item(name, name) for name in names)]
        self.push_screen(Choose(title, items, unicode=self.unicode), done)

    def _sort_by(self, name: str) -> None:
        field = columns.field_of(name) if name else None
        orders = () if field is None else (Order(field, descending=self._downwards(field)),)
        self._ask_sorted(name if field is not None else "", orders)

    def _ask_sorted(self, name: str, orders: tuple[Order, ...]) -> None:
        self.table.sorting = (name, orders[0].descending) if orders else None
        self.table.choose(self.table.names)
        self._fill_shown()
        self.question = replace(self.question, orders=orders)
        self.ask(top=True)

    def _downwards(self, field: Field) -> bool:
        """What comes first: the best value of a metric, the newest time, the first of the alphabet."""
        if field.kind == "metrics":
            from gittrack.query.select import goal

            return goal(field.key, self.rules) == "max"
        return field.kind == "attributes" and field.key in {"start_time", "end_time", "duration", "run_id"}

    def action_reverse(self) -> None:
        """Sort the other way round."""
        orders = self.question.orders or (Order(Field("attributes", "start_time"), descending=True),)
        name = self.table.sorting[0] if self.table.sorting else "started"
        self._ask_sorted(name, tuple(replace(one, descending=not one.descending) for one in orders))

    def on_grid_titled(self, message: Grid.Titled) -> None:
        """A click on a title sorts, a second one the other way round."""
        if self.table.sorting is not None and self.table.sorting[0] == message.name:
            self.action_reverse()
        elif columns.field_of(message.name) is not None:
            self._sort_by(message.name)

    def _group_by(self, name: str) -> None:
        self.table.rows.unfold_all()
        self.table.grouping = columns.title(name, [name]) if name else ""
        self.question = replace(self.question, group=columns.field_of(name) if name else None)
        self.ask(top=True)

    # ---- columns

    def action_columns(self) -> None:
        """Choose the columns."""
        from gittrack.terminal.app.choose import Choose, Item

        def done(chosen: list[str] | None) -> None:
            if chosen is not None:
                self._take_columns(chosen)

        names = dict.fromkeys([*self.table.names, *self.known_columns])
        items = [Item(name, name) for name in names]
        self.push_screen(Choose("Columns", items, self.table.names, unicode=self.unicode), done)

    def _take_columns(self, chosen: list[str]) -> None:
        self.memory.remember(chosen or None)
        rows = self.table.rows
        seen = [run for row in range(min(len(rows), 60)) if (run := self._run_in(row)) is not None]
        self.table.choose(chosen or columns.first_choice(seen, self.rules))
        self._fill_shown()
        if self.question.group is not None:  # groups have the means of what is shown
            self.ask()

    def _fill_shown(self) -> None:
        """Cells of what is on the screen; the others follow when they come into sight."""
        self.table.rows.forget()
        self.table.show()
        self._fill(list(self.table.rows.running.values()))

    def _run_in(self, row: int) -> Run | None:
        found = self.table.rows.at(row)
        return self.table.rows.run(found) if isinstance(found, str) else None

    # ---- marks

    def action_mark(self) -> None:
        """Mark the run at the cursor, or let it go, and go on to the next."""
        found = self.table.at_cursor
        if isinstance(found, str):
            if found in self.table.marked:
                del self.table.marked[found]
            else:
                self.table.marked[found] = None
            self.table.refresh_row(self.table.cursor)
            self._marked()
        self.table.cursor += 1

    def action_mark_all(self) -> None:
        """Mark everything that is listed, or let it go where it is marked."""
        ids = self.table.rows.listing.ids[:_MOST_MARKED]
        if all(run_id in self.table.marked for run_id in ids):
            self.table.marked.clear()
        else:
            self.table.marked |= dict.fromkeys(ids)
        self.table.refresh()
        self._marked()

    def unmark(self) -> None:
        """Let all marked runs go."""
        self.table.marked.clear()
        self.table.refresh()
        self._marked()

    def _marked(self) -> None:
        self.say_top()
        self.chosen_changed()

    def chosen_changed(self) -> None:
        """Other runs are chosen."""

    def action_deleted(self) -> None:
        """Show removed runs too, or hide them."""
        self.question = replace(self.question, deleted=not self.question.deleted)
        self.ask()

    def action_reload(self) -> None:
        """Read everything again."""
        self.material.forget()
        self.ask(refresh=True)

    def fold(self) -> bool:
        """Fold the group at the cursor; whether there is one."""
        found = self.table.at_cursor
        if isinstance(found, Head):
            self.table.rows.fold(found.group)
            self.table.show()
            return True
        return False
