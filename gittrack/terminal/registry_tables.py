"""Registered models, and what happened to one, as tables; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.terminal import figures
from gittrack.terminal.table import Cell, Column, Table
from gittrack.terminal.theme import DIM, KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.models.registry.history import Event
    from gittrack.store.registry.records import Model

_ALIAS = "green"
_RACE = "yellow"


def model_table(models: Sequence[Model], *, short: bool = False) -> Table:
    """One version a row, the newest of each model first.

    Args:
        models: by name.
        short: for eyes: the name of a model once.
    """
    rows = [row for model in models for row in _rows(model, short=short)]
    titles = ("model", "version", "aliases", "run", "registered", "by", "flavors", "size", "tags", "digest")
    ranks = (0, 0, 1, 2, 3, 5, 6, 7, 8, 9)
    columns = zip(*rows, strict=True) if rows else [[] for _ in titles]
    return Table(
        tuple(
            Column(title, list(cells), right=title in {"version", "size"}, rank=rank)
            for title, cells, rank in zip(titles, columns, ranks, strict=True)
        )
    )


def _rows(model: Model, *, short: bool) -> Iterator[tuple[Cell, ...]]:
    name = model.name
    for one in reversed(model.versions):
        yield (
            Cell(name, "bold"),
            Cell(str(one.number)),
            Cell(", ".join(one.aliases), _ALIAS),
            Cell(one.run_id, KEY),
            Cell(figures.moment(one.time), DIM),
            Cell(one.author.partition(" <")[0]),
            Cell(", ".join(one.flavors)),
            Cell("" if one.size is None else figures.size(one.size)),
            Cell(", ".join(f"{key}={value}" for key, value in one.tags.items())),
            Cell(one.digest[:12], DIM),
        )
        name = "" if short else name
    for tagged in reversed(model.gto):
        cells = (name, tagged.version, ", ".join(tagged.aliases), f"@{tagged.commit[:10]} (GTO)")
        rest = (figures.moment(tagged.time), tagged.author.partition(" <")[0], "", "", "", "")
        styles = ("bold", "", _ALIAS, DIM, DIM, "", "", "", "", "")
        yield tuple(Cell(text, style) for text, style in zip((*cells, *rest), styles, strict=True))
        name = "" if short else name


def history_table(events: Sequence[Event]) -> Table:
    """What happened to a model, one thing a row."""
    return Table(
        (
            Column("time", [Cell(figures.moment(one.time), DIM) for one in events], rank=1),
            Column("who", [Cell(one.author.partition(" <")[0], KEY) for one in events], rank=2),
            Column("version", [_number(one.version) for one in events], right=True),
            Column("what", [Cell(_said(one), _RACE if one.unaware else "") for one in events], wrap=True),
        )
    )


def _number(version: int | None) -> Cell:
    return Cell("" if version is None else str(version))


def _said(one: Event) -> str:
    told = f": {one.text}" if one.text else ""
    if one.what in {"promoted", "demoted"}:
        was = "" if one.was is None else f" (was {one.was})"
        race = ", at the same time as the one before" if one.unaware else ""
        verb = "is" if one.what == "promoted" else "is no longer"
        return f"{verb} {one.alias}{was if one.what == 'promoted' else ''}{race}{told}"
    if one.what == "registered":
        return f"registered {one.text.removeprefix('runs:/')}"
    return f"{one.what}{told}"
