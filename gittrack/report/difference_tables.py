"""Tables of what differs between runs: one row a thing, one column a run; pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gittrack.query.compare.side_by_side import ABSENT
from gittrack.query.review.changes import text_of
from gittrack.report import numbers
from gittrack.report.document import Cell, Column, Section, Span, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gittrack.query.changes.diff import Change
    from gittrack.query.changes.diff import Section as SectionName
    from gittrack.query.changes.whole import Differences
    from gittrack.report.document import Tone

    Columns = Sequence[dict[str, Change]]
    CellOf = Callable[[str, Change | None, object], Cell]

VERDICTS: dict[bool | None, tuple[str, Tone]] = {
    True: ("better", "good"),
    False: ("worse", "bad"),
    None: ("", ""),
}
_HARDWARE = "hardware."
_WHAT = {"metrics": "metric", "params": "param", "packages": "package", "tags": "tag", "inputs": "data"}
_KEPT = 10  # rows that never fall away
_DIGEST = 12  # characters of one that are shown


def titled(name: str) -> str:
    """The title of a section of records."""
    return "Data" if name == "inputs" else name.capitalize()


def counted(title: str, count: int) -> str:
    """A title and how much there is."""
    return f"{title} ({count:,})"


def metrics(found: Sequence[Differences], names: Sequence[str]) -> Section | None:
    """The metrics of one diff with what they changed by; of several, one column a run."""
    if len(found) > 1:
        return _section("metrics", "Metrics", _columns(found, "metrics"), names, _metric_cell)
    changes = found[0].records.sections.get("metrics", ())
    if not changes:
        return None
    numeric = (*names, "Δ", "%")
    columns = (Column("metric"), *(Column(title, right=True) for title in numeric), Column(""))
    table = Table("Metrics", columns, tuple(map(_metric, changes)), keep=_KEPT)
    return Section("metrics", counted("Metrics", len(changes)), (table,))


def records(
    found: Sequence[Differences], names: Sequence[str], parts: Iterable[SectionName]
) -> Iterator[Section]:
    """The sections of what was recorded, in the order of `parts`; hardware before the environment."""
    for part in parts:
        columns = _columns(found, part)
        if part == "environment":
            hardware = [{key: one for key, one in each.items() if _of_hardware(key)} for each in columns]
            columns = [{key: one for key, one in each.items() if not _of_hardware(key)} for each in columns]
            yield from _recorded("hardware", hardware, names)
        yield from _recorded(part, columns, names)


def _of_hardware(key: str) -> bool:
    return key.startswith(_HARDWARE)


def _columns(found: Sequence[Differences], name: SectionName) -> Columns:
    return [{each.key: each for each in one.records.sections.get(name, ())} for one in found]


def _recorded(name: str, columns: Columns, names: Sequence[str]) -> Iterator[Section]:
    def cell(key: str, change: Change | None, base: object) -> Cell:
        if change is not None and not change.differs:
            return _same()
        return _value(name, key, base if change is None else change.after)

    section = _section(name, titled(name), columns, names, cell)
    if section is not None:
        yield section


def _section(name: str, title: str, columns: Columns, names: Sequence[str], cell: CellOf) -> Section | None:
    """The first run's value, then each other's, `=` where it is the same."""
    known = {key: change.before for each in columns for key, change in each.items()}
    if not known:
        return None
    rows = tuple(_row(name, key, base, columns, cell) for key, base in known.items())
    heads = (Column(_WHAT.get(name, "what")), *(_head(name, one) for one in names))
    return Section(name, counted(title, len(rows)), (Table(title, heads, rows, keep=_KEPT),))


def _head(name: str, title: str) -> Column:
    return Column(title, right=name == "metrics")


def _row(name: str, key: str, base: object, columns: Columns, cell: CellOf) -> tuple[Cell, ...]:
    changes = [each.get(key) for each in columns]
    shown = key.removeprefix(_HARDWARE) if name == "hardware" else key
    others = (_same() if one is None else cell(key, one, base) for one in changes)
    return Cell((Span("duration" if shown == "duration_ms" else shown),)), cell(key, None, base), *others


def _metric(one: Change) -> tuple[Cell, ...]:
    word, tone = VERDICTS[one.better]
    moved, share = (one.delta, one.ratio) if one.differs else (None, None)
    return (
        Cell((Span(one.key),)),
        _number(one.before),
        _number(one.after),
        Cell((Span("" if moved is None else numbers.difference(moved, None), tone=tone),), moved),
        Cell((Span("" if not share else numbers.percent(share), tone=tone),), share),
        Cell((Span(word, tone=tone),)),
    )


def _number(value: Any) -> Cell:  # noqa: ANN401  a number or ABSENT
    if value is ABSENT:
        return _none()
    return Cell((Span(numbers.number(float(value), 6)),), float(value))


def _metric_cell(_key: str, change: Change | None, base: object) -> Cell:
    if change is None:
        return _number(base)
    if not change.differs:
        return _same()
    tone = VERDICTS[change.better][1]
    shown = _number(change.after)
    share = f" ({numbers.percent(change.ratio)})" if change.ratio else ""
    return Cell((*shown.line, Span(share, tone=tone)), shown.key)


def _same() -> Cell:
    return Cell((Span("=", tone="dim"),))


def _none() -> Cell:
    return Cell((Span(numbers.NONE, tone="dim"),))


def _value(section: str, key: str, value: Any) -> Cell:  # noqa: ANN401  a JSON value or ABSENT
    return _none() if value is ABSENT else Cell((Span(_text(section, key, value), "code"),), _size(value))


def _text(section: str, key: str, value: Any) -> str:  # noqa: ANN401  a JSON value
    if section == "inputs" or (section, key) == ("run", "code"):
        return text_of(value)[:_DIGEST]
    if section == "command" and not isinstance(value, str):
        return shlex.join(map(str, value))
    return numbers.duration(value) if (section, key) == ("run", "duration_ms") else text_of(value)


def _size(value: object) -> float | None:
    """What a cell is sorted by."""
    try:
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    except OverflowError:  # an integer beyond what a float holds
        return None
