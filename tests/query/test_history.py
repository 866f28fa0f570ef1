from __future__ import annotations

import json

from gittrack.core import events
from gittrack.core.records import Run
from gittrack.query.history import history
from gittrack.store.format.layout import Edited, Stamp

FIRST = Run("a", name="base", status="finished", start_time=1000, end_time=2000, tags={"owner": "ada"})


def edited(clock: int, author: str, *edits: events.Edit) -> Edited:
    """One change."""
    return Edited(Stamp(clock, "w1w1"), clock, author, edits)


def test_start_and_end() -> None:
    """A run starts and ends."""
    assert [(one.kind, one.after) for one in history(FIRST, ())] == [("start", 1), ("end", "finished")]


def test_attempts() -> None:
    """Later attempts stand where they happened."""
    later = Run("a", start_time=5000)
    assert [(one.kind, one.after) for one in history(FIRST, (), [later])][-1] == ("start", 2)


def test_both_values_of_one_tag() -> None:
    """Two people set one tag: the later one shows what the other had set."""
    changes = history(
        FIRST,
        [edited(3, "Ada", events.TagsSet({"best": "yes"})), edited(4, "Bob", events.TagsSet({"best": "no"}))],
    )[2:]
    assert [(one.author, one.before, one.after) for one in changes] == [
        ("Ada", None, "yes"),
        ("Bob", "yes", "no"),
    ]


def test_every_edit() -> None:
    """Each kind of change has its kind, and its values before and after."""
    changes = history(
        FIRST,
        [
            edited(
                3,
                "Ada",
                events.Noted("hm"),
                events.Renamed("x"),
                events.Deleted(),
                events.Restored(),
                events.TagsSet({"owner": None}),
                events.Unknown({}),  # type: ignore[arg-type]  # of a newer version
            )
        ],
    )[2:]
    assert [(one.kind, one.before, one.after) for one in changes] == [
        ("note", None, "hm"),
        ("rename", "base", "x"),
        ("delete", None, None),
        ("restore", None, None),
        ("tag", "ada", None),
        ("change", None, None),
    ]


def test_json() -> None:
    """As JSON, times in ISO 8601."""
    body = [one.as_json() for one in history(FIRST, [edited(3000, "Ada", events.Noted("hm"))])]
    assert json.loads(json.dumps(body)) == body
    assert body[-1]["time"] == "1970-01-01T00:00:03.000Z"
