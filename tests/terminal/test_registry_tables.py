"""Registered models as tables."""

from __future__ import annotations

from gittrack.models.registry.history import events
from gittrack.store.registry.fold import fold
from gittrack.store.registry.gto import GtoVersion
from gittrack.terminal.registry_tables import history_table, model_table
from gittrack.terminal.table import plain
from tests.store.registry.test_fold import edited, files, moved, stamp, version

ONE = "1" * 40


def test_models() -> None:
    """The newest version first; for eyes the name of a model once."""
    model = fold(
        "churn", files(version(1), version(2, 2), moved(3, stamp(1)), edited(4, stamp(2), tags={"a": "b"}))
    )
    lines = list(plain(model_table([model])))
    assert [line.split()[:3] for line in lines[1:]] == [["churn", "2", "-"], ["churn", "1", "champion"]]
    assert "a=b" in lines[1]
    [_, second] = [row[0].text for row in model_table([model], short=True).rows]
    assert second == ""


def test_tags_of_gto() -> None:
    """Beside our own versions, with the commit in the place of a run."""
    model = fold("churn", {})
    tagged = GtoVersion("churn", "v1.0.0", ONE, 1, "Ada <ada@example.org>", ("prod",))
    [row] = model_table([model.__class__("churn", gto=(tagged,))]).rows
    assert [cell.text for cell in row[:4]] == ["churn", "v1.0.0", "prod", "@1111111111 (GTO)"]


def test_no_models() -> None:
    """A head alone."""
    assert len(list(plain(model_table([])))) == 1


def test_history() -> None:
    """One thing a row; who did not know of the move before is said."""
    found = fold(
        "churn",
        files(
            version(1),
            version(2, 2),
            moved(3, stamp(1)),
            moved(4, stamp(2)),
            moved(5, None, after=stamp(4)),
            edited(6, stamp(1), number=7),
        ),
    )
    said = [row[3].text for row in history_table(events(found)).rows]
    assert said[2:] == [
        "is champion",
        "is champion (was 7), at the same time as the one before",
        "is no longer champion",
        "renumbered: to 7",
    ]
