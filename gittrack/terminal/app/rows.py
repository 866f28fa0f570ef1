"""What the list shows, row by row: runs and the heads of groups; only the runs near the screen are read."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from gittrack.query.paged import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run
    from gittrack.query.paged import Group
    from gittrack.terminal.table import Cell

_KEPT = 4000  # runs in memory


class Head(NamedTuple):
    """The row above a group."""

    group: Group
    folded: bool


class Rows:
    """A listing as rows, with the runs that were read so far.

    Attributes:
        listing: which runs, in order.
        running: the live runs by id, as they stand.
        cells: id to what stands in the columns, as far as it was made.
    """

    def __init__(self) -> None:
        self.listing = Listing([])
        self.running: dict[str, Run] = {}
        self.cells: dict[str, tuple[Cell, ...]] = {}
        self._runs: dict[str, Run] = {}
        self._folded: set[object] = set()
        self._starts: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def show(self, listing: Listing, *, anew: bool = False) -> None:
        """Take another listing.

        Args:
            listing: the new one.
            anew: forget the runs that were read: they may have changed.
        """
        self.listing = listing
        if anew:
            self.forget()
        self._place()

    def forget(self) -> None:
        """Read runs and make cells again."""
        self._runs.clear()
        self.cells.clear()

    def fold(self, group: Group) -> None:
        """Hide the runs of a group, or show them again."""
        self._folded ^= {group.value}
        self._place()

    def unfold_all(self) -> None:
        """Show the runs of all groups."""
        self._folded.clear()

    def _place(self) -> None:
        self._starts, at = [], 0
        for group in self.listing.groups:
            self._starts.append(at)
            at += 1 + (0 if group.value in self._folded else group.count)
        self._count = at if self.listing.groups else len(self.listing.ids)

    def at(self, row: int) -> str | Head | None:
        """The id of the run in a row, or the head of a group; None beyond the last."""
        if not 0 <= row < self._count:
            return None
        if not self.listing.groups:
            return self.listing.ids[row]
        number = bisect_right(self._starts, row) - 1
        group, within = self.listing.groups[number], row - self._starts[number]
        if within == 0:
            return Head(group, group.value in self._folded)
        return self.listing.ids[group.start + within - 1]

    def row_of(self, run_id: str) -> int | None:
        """The row of a run, None where it is not shown."""
        try:
            place = self.listing.ids.index(run_id)
        except ValueError:
            return None
        if not self.listing.groups:
            return place
        starts = [group.start for group in self.listing.groups]
        number = bisect_right(starts, place) - 1
        group = self.listing.groups[number]
        return None if group.value in self._folded else self._starts[number] + 1 + place - group.start

    def run(self, run_id: str) -> Run | None:
        """A run, None where it was not read yet."""
        return self.running.get(run_id) or self._runs.get(run_id)

    def missing(self, first: int, last: int) -> list[str]:
        """The ids of the runs in these rows that have to be read."""
        found = (self.at(row) for row in range(max(0, first), min(last, self._count)))
        return [one for one in found if isinstance(one, str) and self.run(one) is None]

    def add(self, runs: Mapping[str, Run]) -> None:
        """Take runs that were read."""
        if len(self._runs) > _KEPT:
            self._runs.clear()
            self.cells.clear()
        self._runs |= runs

    def follow(self, running: Mapping[str, Run]) -> list[str]:
        """Take the live runs as they stand; the ids of those that changed."""
        changed = [run_id for run_id, run in running.items() if self.running.get(run_id) != run]
        self.running = dict(running)
        for run_id in changed:
            self.cells.pop(run_id, None)
        return changed
