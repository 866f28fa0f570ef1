"""What the keys do: one table, from which bindings and help are made; pure."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """One thing that can be done.

    Attributes:
        keys: as Textual names them, separated by commas.
        shown: as people read them.
        action: of the application.
        text: what it does.
        section: where the help lists it.
        foot: the word for it in the last line of the screen, empty to leave it out there.
    """

    keys: str
    shown: str
    action: str
    text: str
    section: str
    foot: str = ""


_MOVE, _LIST, _PANES, _CURVES, _CHANGE, _OTHER = (
    "Move",
    "List",
    "Panes",
    "Curves",
    "Change the marked runs, or the one at the cursor",
    "Other",
)
PANES = ("Run", "Curves", "Params", "Code", "Env", "System", "Output", "Files", "Notes")
CURVES_PANE, OUTPUT_PANE, FILES_PANE = PANES.index("Curves"), PANES.index("Output"), PANES.index("Files")
_SAYS = (
    "the run: params, metrics, code, artifacts",
    "curves of the chosen runs over each other",
    "what differs between the chosen runs",
    "code: of two runs what differs, of one what was not committed",
    "environment: the same",
    "system metrics",
    "output",
    "artifacts, and what is in them",
    "note, tags and history",
)

KEYS = (
    Key("", "up down j k", "", "one run up or down", _MOVE),
    Key("", "pgup pgdn home end", "", "a page up or down, to the first or last run", _MOVE),
    Key("", "left right", "", "further columns", _MOVE),
    Key("", "tab", "switch_focus", "between the list and the pane", _MOVE),
    Key(
        "slash",
        "/",
        "filter",
        "filter; enter goes back to the list, escape takes the filter away",
        _LIST,
        "filter",
    ),
    Key("space", "space", "mark", "mark the run, or let it go", _LIST, "mark"),
    Key("a", "a", "mark_all", "mark all runs listed, up to 1,000", _LIST),
    Key("s", "s", "sort", "choose what to sort by; a click on a title does it too", _LIST, "sort"),
    Key("S", "S", "reverse", "sort the other way round", _LIST),
    Key("g", "g", "group", "choose what to group by; enter on a group folds it", _LIST, "group"),
    Key("c", "c", "columns", "choose the columns; they are remembered", _LIST, "columns"),
    Key("D", "D", "deleted", "show removed runs too", _LIST),
    Key("enter", "enter", "open", "open or close the pane", _PANES, "open"),
    *(
        Key(str(number), str(number), f"pane({number - 1})", text, _PANES)
        for number, text in enumerate(_SAYS, 1)
    ),
    Key("z", "z", "zoom", "give the pane the whole screen", _PANES),
    Key("m", "m", "curve('metric', 1)", "next metric", _CURVES),
    Key("M", "M", "curve('metric', -1)", "metric before", _CURVES),
    Key("l", "l", "curve('log', 1)", "logarithmic y axis", _CURVES),
    Key("x", "x", "curve('axis', 1)", "x axis: step, time since the start, epoch", _CURVES),
    Key("w", "w", "curve('smooth', 1)", "more smoothing, then none", _CURVES),
    Key("b", "b", "curve('bands', 1)", "runs that differ in the seed only as one curve with a band", _CURVES),
    Key("plus,equals_sign", "+", "curve('zoom', 1)", "zoom in", _CURVES),
    Key("minus", "-", "curve('zoom', -1)", "zoom out", _CURVES),
    Key("less_than_sign,comma", "<", "curve('pan', -1)", "to the left", _CURVES),
    Key("greater_than_sign,full_stop", ">", "curve('pan', 1)", "to the right", _CURVES),
    Key("0", "0", "curve('whole', 1)", "the whole curve again", _CURVES),
    Key("t", "t", "tag", "set or remove tags", _CHANGE),
    Key("n", "n", "note", "write a note", _CHANGE),
    Key("N", "N", "rename", "give another name", _CHANGE),
    Key("d", "d", "delete", "remove, after a question", _CHANGE),
    Key("u", "u", "restore", "show removed runs again", _CHANGE),
    Key("r", "r", "reproduce", "the command that reproduces the run", _OTHER),
    Key("y", "y", "copy_command", "copy that command", _OTHER),
    Key("Y", "Y", "copy_id", "copy the id", _OTHER),
    Key("f5,ctrl+r", "f5", "reload", "read everything again", _OTHER),
    Key("escape", "escape", "leave", "close what is open, then let the marked runs go", _OTHER),
    Key("question_mark,f1", "?", "help", "this help", _OTHER, "help"),
    Key("q,ctrl+c", "q", "quit", "leave", _OTHER, "quit"),
)


def sections() -> dict[str, list[Key]]:
    """The keys by section, in order."""
    found: dict[str, list[Key]] = {}
    for key in KEYS:
        found.setdefault(key.section, []).append(key)
    return found
