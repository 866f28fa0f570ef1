"""Histories, of the runs branch and of one run, as tables; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import DIM, KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.history import Happening
    from gittrack.store.log import Commit


def commit_table(commits: Sequence[Commit]) -> Table:
    """The commits of the runs branch, one a row."""
    return Table(
        (
            Column("commit", [Cell(figures.commit(one.oid), "yellow") for one in commits]),
            Column("time", [Cell(figures.moment(one.time), DIM) for one in commits], rank=1),
            Column("author", [Cell(one.author, KEY) for one in commits], rank=2),
            Column("subject", [Cell(one.subject) for one in commits], wrap=True),
        )
    )


def happening_section(title: str, happened: Sequence[Happening]) -> Section:
    """What happened to a run, one line each."""
    table = Table(
        (
            Column("time", [Cell(figures.moment(one.time), DIM) for one in happened]),
            Column("who", [Cell(one.author or "run", KEY) for one in happened]),
            Column("what", [Cell(_said(one)) for one in happened], wrap=True),
        )
    )
    return Section(title, table)


def _said(one: Happening) -> str:
    if one.kind == "start":
        return "started" if one.after == 1 else f"resumed, attempt {one.after}"
    if one.kind == "end":
        return f"ended, {one.after}"
    if one.kind == "tag" and one.after is None:
        return f"removed tag {one.key} (was {one.before})" if one.before else f"removed tag {one.key}"
    if one.kind in {"tag", "rename", "note"}:
        verb = {"tag": f"tag {one.key}: ", "rename": "name: ", "note": "note: "}[one.kind]
        return f"{verb}{one.before or ''}{' → ' if one.before else ''}{one.after or '(nothing)'}"
    return {"delete": "removed", "restore": "restored"}.get(one.kind, one.kind)
