"""`gittrack ui`: everything that keys do, and the way in."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.text import Text

from gittrack.terminal.app.pane_keys import PaneKeys
from gittrack.terminal.app.state import Memory
from gittrack.terminal.escape import line
from gittrack.tracking import edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.store.runs import RunStore
    from gittrack.terminal.app.dialogs import Ask, Write


class RunsApp(PaneKeys):
    """All runs of a repository, to look at, compare and keep in order."""

    # ---- changes

    def targets(self) -> list[str]:
        """What a change is about: the marked runs, else the one at the cursor."""
        at = self.table.at_cursor
        return list(self.table.marked) or ([at] if isinstance(at, str) else [])

    def action_tag(self) -> None:
        """Set and remove tags."""
        from gittrack.terminal.app.dialogs import Ask  # windows are loaded when one is opened

        self._asked(
            lambda ids: Ask(
                f"Tags of {_several(ids)}",
                hint="key=value sets a tag, -key removes one; quotes as in a shell",
            ),
            lambda ids, text: edit.tag(self.store, ids, *parsed_tags(text)),
        )

    def action_note(self) -> None:
        """Write a note."""
        from gittrack.terminal.app.dialogs import Write

        self._asked(
            lambda ids: Write(f"Note on {_several(ids)}", self._of_one(ids, "note")),
            lambda ids, text: edit.note(self.store, ids, text),
        )

    def action_rename(self) -> None:
        """Give the run another name."""
        from gittrack.terminal.app.dialogs import Ask

        self._asked(
            lambda ids: Ask(f"Name of {_several(ids[:1])}", self._of_one(ids[:1], "name")),
            lambda ids, text: edit.rename(self.store, ids[0], text),
        )

    def action_delete(self) -> None:
        """Remove runs, after a question."""
        from gittrack.terminal.app.dialogs import Confirm

        ids = self.targets()

        def done(yes: bool | None) -> None:  # noqa: FBT001  Textual passes what the screen gives
            if yes:
                self._change(
                    lambda: edit.hide(self.store, ids), f"removed {_several(ids)}; u shows them again"
                )

        if ids:
            self.push_screen(Confirm(f"Remove {_several(ids)}? They are hidden, nothing is lost."), done)

    def action_restore(self) -> None:
        """Show removed runs again."""
        ids = self.targets()
        if ids:
            self._change(lambda: edit.restore(self.store, ids), f"restored {_several(ids)}")

    def _asked(
        self, window: Callable[[list[str]], Ask | Write], change: Callable[[list[str], str], None]
    ) -> None:
        ids = self.targets()

        def done(text: str | None) -> None:
            if text is not None:
                self._change(lambda: change(ids, text), f"changed {_several(ids)}")

        if ids:
            self.push_screen(window(ids), done)

    def _change(self, work: Callable[[], None], said: str) -> None:
        def changed() -> None:
            work()
            self.call_from_thread(self._changed, said)

        self.in_thread("change", changed, exclusive=False)

    def _changed(self, said: str) -> None:
        self.notify(said, markup=False, timeout=3)
        self.ask(refresh=True)

    def _of_one(self, ids: list[str], field: str) -> str:
        run = self.table.rows.run(ids[0]) if len(ids) == 1 else None
        return str(getattr(run, field)) if run is not None else ""

    # ---- the command that reproduces a run, and the rest

    def action_reproduce(self) -> None:
        """Show the command that reproduces the run."""
        from gittrack.terminal.app.dialogs import Read

        ids = self.targets()
        if not ids:
            return
        run = self.table.rows.run(ids[0])
        text = Text(f"{reproduce_command(ids[0])}\n", "bold")
        if run is not None and run.command:
            text.append(f"\nrecorded: {line(shlex.join(run.command))}\n", "dim")
        text.append("\nIt runs in a work tree of its own and says whether the same came out.\n", "dim")
        text.append(
            f"{reproduce_command(ids[0])} --dry-run says what would be done and what is missing.", "dim"
        )

        def done(copy: bool | None) -> None:  # noqa: FBT001  Textual passes what the screen gives
            if copy:
                self.action_copy_command()

        self.push_screen(Read("Reproduce", text, "y copies the command, escape closes"), done)

    def action_copy_command(self) -> None:
        """Copy the command that reproduces the run, by the terminal."""
        ids = self.targets()
        if ids:
            self._copy(reproduce_command(ids[0]))

    def action_copy_id(self) -> None:
        """Copy the ids of the runs."""
        ids = self.targets()
        if ids:
            self._copy(" ".join(ids))

    def _copy(self, text: str) -> None:
        self.copy_to_clipboard(text)
        self.notify(f"copied: {text[:200]}", markup=False, timeout=3)

    def action_help(self) -> None:
        """Show what the keys do."""
        from gittrack.terminal.app.dialogs import Read, help_table

        self.push_screen(Read("Keys", help_table(), "up and down scroll, escape closes"))


def reproduce_command(run_id: str) -> str:
    """The command that reproduces a run."""
    return f"gittrack reproduce {shlex.quote(run_id)}"


def parsed_tags(text: str) -> tuple[dict[str, object], list[str]]:
    """`key=value` words as tags, `-key` words as names of tags to remove.

    Raises:
        GitTrackError: a word is neither, or a quote is open.
    """
    from gittrack.core.errors import InvalidValue

    tags: dict[str, object] = {}
    removed = []
    try:
        words = shlex.split(text)
    except ValueError as error:
        msg = f"not words: {error}"
        raise InvalidValue(msg) from error
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key:
            tags[key] = value
        elif word.startswith("-") and len(word) > 1 and not equals:
            removed.append(word[1:])
        else:
            msg = f"{word!r} is no key=value"
            raise InvalidValue(msg, hint="write key=value to set a tag, -key to remove one")
    return tags, removed


def _several(ids: list[str]) -> str:
    return f"run {ids[0]}" if len(ids) == 1 else f"{len(ids):,} runs"


def show(
    store: RunStore,
    *,
    state: Path | None,
    unicode: bool,
    colours: bool,
    mouse: bool = True,
    filter_text: str = "",
) -> None:
    """Show the runs until somebody leaves.

    Args:
        store: the runs.
        state: the file that remembers columns, None to remember nothing.
        unicode: whether more than ASCII can be shown.
        colours: whether colours may be shown.
        mouse: whether the mouse is of use.
        filter_text: a filter to begin with.
    """
    memory = Memory(state, store.git.place.common_dir)
    app = RunsApp(store, memory, unicode=unicode, colours=colours, filter_text=filter_text)
    app.run(mouse=mouse)
    if app.defect is not None:
        raise app.defect
