"""Points of all segments of a live run as series."""

from __future__ import annotations

from array import array
from operator import itemgetter
from typing import TYPE_CHECKING

from gittrack.core.series import Series
from gittrack.store.journal.points import read_segment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.store.journal.lines import JournalLines

_MS = 1_000_000
_Lane = tuple[str, int]
_Segment = tuple[int, int, str, bytes]


class Points:
    """Collects segments and gives them as series.

    Args:
        journals: writer to the lines of its journal, which name its keys and its rank.

    Attributes:
        problems: what could not be understood.
    """

    def __init__(self, journals: Mapping[str, JournalLines]) -> None:
        self.problems: list[str] = []
        self._journals = journals
        self._segments: list[tuple[str, int, str, bytes]] = []

    def read(self, name: str, data: bytes) -> None:
        """Take in one segment file, `<writer>.<n>.points`, in any order."""
        writer, _, number = name.removesuffix(".points").partition(".")
        if not number.isdecimal():
            self.problems.append(f"{name}: not the name of a points file")
            return
        self._segments.append((writer, int(number), name, data))

    def series(self) -> list[Series]:
        """All points: those of one lane as they were logged, of several by time."""
        lanes: dict[tuple[str, int], dict[_Lane, Series]] = {}
        for writer, _, name, data in sorted(self._segments):
            try:
                self._columns(writer, data, lanes)
            except ValueError as error:
                self.problems.append(f"{name}: {error}")
        for writer, journal in self._journals.items():
            for where, one in journal.series.items():
                lanes.setdefault(where, {})[writer, -1] = one
        return [_merged(list(parts.values())) for _, parts in sorted(lanes.items(), key=itemgetter(0))]

    def _columns(self, writer: str, data: bytes, lanes: dict[tuple[str, int], dict[_Lane, Series]]) -> None:
        lane, records = read_segment(data)
        add = {}
        for value, step, time, number, sequence in records:
            if not sequence:
                continue
            if number not in add:
                key, rank = self._name(writer, number)
                parts = lanes.setdefault((key, rank), {})
                one = parts.setdefault((writer, lane), Series(key, rank))
                add[number] = one.steps.append, one.values.append, one.times.append
            add_step, add_value, add_time = add[number]
            add_step(step)
            add_value(value)
            add_time(time)

    def _name(self, writer: str, number: int) -> tuple[str, int]:
        journal = self._journals.get(writer)
        rank = journal.rank if journal else 0
        if journal and number in journal.keys:
            return journal.keys[number], rank
        problem = f"{writer}.jsonl: does not name metric {number}"
        if problem not in self.problems:
            self.problems.append(problem)
        return f"unnamed-{number}", rank


def _merged(parts: list[Series]) -> Series:
    """Several lanes as one series, times from ns to ms."""
    whole = parts[0]
    if len(parts) > 1:
        joined = Series(whole.key, whole.rank)
        for part in parts:
            joined.steps += part.steps
            joined.values += part.values
            joined.times += part.times
        order = sorted(range(len(joined)), key=joined.times.__getitem__)
        whole = Series(whole.key, whole.rank)
        whole.steps = array("q", map(joined.steps.__getitem__, order))
        whole.values = array("d", map(joined.values.__getitem__, order))
        whole.times = array("q", map(joined.times.__getitem__, order))
    whole.times = array("q", [time // _MS for time in whole.times])
    return whole
