"""What was measured, and the tables of it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Measured:
    """One number.

    Attributes:
        figure: what was measured; rows with the same figure stand side by side.
        tool: who was measured.
        value: the number, None where it could not be measured.
        unit: its unit.
        limit: what gittrack is to reach, with its direction: `<= 1` or `>= 100`.
        note: what a reader must know beside it.
    """

    figure: str
    tool: str
    value: float | None
    unit: str
    limit: str = ""
    note: str = ""

    def reached(self) -> bool | None:
        """Whether the limit holds; None without one."""
        if not self.limit or self.value is None:
            return None
        sign, number = self.limit.split()
        return self.value <= float(number) if sign == "<=" else self.value >= float(number)


@dataclass
class Results:
    """All numbers of one run of the benchmarks, with when and where."""

    rows: list[Measured] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    started: str = field(default_factory=lambda: datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"))
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    load_after: float = 0.0

    def document(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "started": self.started,
            "load_before": round(self.load_before, 2),
            "load_after": round(self.load_after, 2),
            "machine": machine(),
            "versions": self.versions,
            "rows": [asdict(row) for row in self.rows],
        }


def machine() -> str:
    """The machine in words: cores, system, Python, Git."""
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {python}, Git {said}"


def number(value: float | None) -> str:
    """Three digits that matter: `0.412`, `12.3`, `1,240`."""
    if value is None:
        return "-"
    if value and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def _ratio(row: Measured, ours: Measured | None) -> str:
    if ours is None or row.tool == ours.tool or not row.value or not ours.value:
        return ""
    return (
        f"{row.value / ours.value:.2g}x" if row.value / ours.value < 10 else f"{row.value / ours.value:,.0f}x"
    )


def lines(rows: Iterable[Measured]) -> list[tuple[str, str, str, str, str, str]]:
    """Each row as figure, tool, value with unit, ratio to gittrack, limit with verdict, note."""
    rows = list(rows)
    ours = {row.figure: row for row in rows if row.tool == "gittrack"}
    table = []
    for row in rows:
        verdict = {True: " reached", False: " MISSED", None: ""}[row.reached()]
        value = f"{number(row.value)} {row.unit}"
        ratio = _ratio(row, ours.get(row.figure))
        table.append((row.figure, row.tool, value, ratio, f"{row.limit}{verdict}", row.note))
    return table


HEAD = ("figure", "tool", "value", "ratio", "limit", "note")


def as_text(rows: Iterable[Measured]) -> str:
    """An aligned table."""
    table = [HEAD, *lines(rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def as_markdown(results: Results) -> str:
    """A table for the documentation, with date, machine, load and versions under it."""
    table = [HEAD, tuple("---" for _ in HEAD), *lines(results.rows)]
    body = "\n".join("| " + " | ".join(row) + " |" for row in table)
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    load = f"load {results.load_before:.1f} before and {results.load_after:.1f} after"
    return f"{body}\n\nMeasured {results.started} on {machine()}; {load}. Versions: {versions}.\n"
