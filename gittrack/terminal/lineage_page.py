"""The lineage of a run as two trees; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.terminal.escape import line
from gittrack.terminal.page import Section
from gittrack.terminal.table import Cell
from gittrack.terminal.theme import DIM, STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.query.lineage import Lineage, Link, Step

_FEW = 3  # links of two runs that are shown


class _Lines(NamedTuple):
    """What a tree is drawn with: beside a run that others follow, the last one, and before their own."""

    tee: str
    corner: str
    bar: str
    blank: str
    arrow: str


_UNICODE = _Lines("├─ ", "└─ ", "│  ", "   ", "→")
_ASCII = _Lines("|- ", "`- ", "|  ", "   ", "->")


def page(found: Lineage, *, unicode: bool = True) -> list[Section]:
    """Where a run comes from and where it went.

    Args:
        found: the lineage.
        unicode: whether lines can be drawn.
    """
    run = found.upstream.run
    lines = _UNICODE if unicode else _ASCII
    up, down = tuple(_tree(found.upstream, lines)), tuple(_tree(found.downstream, lines))
    head = Cell(f"{_shown(found.upstream)}, {run.status}", STATUS.get(run.status, ""))
    nothing = (Cell("nothing that is known here", DIM),)
    return [
        Section("Run", lines=(head,)),
        Section("Made from", lines=up or nothing),
        Section("Used by", lines=down or nothing),
    ]


def _tree(step: Step, lines: _Lines, before: str = "") -> Iterator[Cell]:
    below: list[Step | str] = [*step.steps]
    below += [_input(name, uri, sha256) for name, uri, sha256 in _leaves(step)]
    if step.more:
        below.append(f"and {step.more:,} more")
    for number, one in enumerate(below):
        last = number == len(below) - 1
        start = before + (lines.corner if last else lines.tee)
        if isinstance(one, str):
            yield Cell(start + one, DIM)
            continue
        said = f"{_shown(one)}, {one.run.status}{_links(one.links, lines.arrow)}"
        yield Cell(start + said + (" (see above)" if one.repeated else ""))
        yield from _tree(one, lines, before + (lines.blank if last else lines.bar))


def _leaves(step: Step) -> Iterator[tuple[str, str, str]]:
    for one in step.unmade:
        yield one.name, one.uri, (one.sha256 or "")[:12]


def _input(name: str, uri: str, sha256: str) -> str:
    place = "" if uri == name else f" ({line(uri)})"
    return f"{line(name)}{place} {sha256}".rstrip()


def _shown(step: Step) -> str:
    run = step.run
    name = f"{line(run.name)} " if run.name else ""
    return f"{name}{run.id}{' (removed)' if run.deleted else ''}"


def _links(links: tuple[Link, ...], arrow: str) -> str:
    if not links:
        return ""
    shown = [
        line(one.artifact if one.artifact == one.input else f"{one.artifact} {arrow} {one.input}")
        for one in links[:_FEW]
    ]
    more = len(links) - len(shown)
    return f": {', '.join(shown)}{f' and {more:,} more' if more else ''}"
