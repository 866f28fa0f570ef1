"""Running runs as people see them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from gittrack.core.records import Run
from gittrack.query.progress import progress
from gittrack.query.watching import Watched
from gittrack.store.journal.tail import Point, Tail
from gittrack.terminal.live import drawn
from gittrack.terminal.page import plain_page
from gittrack.terminal.watch_page import ended, page, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW = 1_000_000_000_000
HOSTILE = "\x1b[2Jx\u202ey\n[red]"


def watched(
    name: str = "base",
    *,
    steps: int = 20,
    total: int | None = 80,
    alive: bool = True,
    more: Mapping[str, float] = MappingProxyType({}),
) -> Watched:
    """A run with three metrics."""
    tails = {}
    for key, scale in {"loss": -1.0, "acc": 1.0, **more, "process/cpu_percent": 3.0}.items():
        tail = Tail(key)
        tail.add(Point(step, scale * step, NOW - 1000 * (steps - step)) for step in range(steps))
        tails[key] = tail
    run = Run(
        "20261124-000000-abcdefgh",
        name=name,
        start_time=NOW - 125_000,
        params={"max_steps": total} if total else {},
    )
    return Watched(run, tails, alive, progress(run.params, tails.values()))


def lines(found: list[Watched], width: int = 100, **more: object) -> str:
    """The page as text."""
    sections = page(found, now=NOW, rules={"acc": {"goal": "max"}}, **more)  # type: ignore[arg-type]
    return str(drawn(sections, width))


def test_blocks(golden: Callable[[str, str], None]) -> None:
    """Where there is room, all about each."""
    golden("watch_blocks", lines([watched(), watched("other", total=None)], height=40))


def test_a_line_each(golden: Callable[[str, str], None]) -> None:
    """Where there is not; those that have no room are counted."""
    many = [watched(f"run-{number}", steps=number + 1) for number in range(9)]
    golden("watch_lines", lines(many, 80, height=8))
    golden("watch_lines_wide", lines(many, 200, height=8))


def test_ascii() -> None:
    """Bars of signs that every terminal has; no curves."""
    text = lines([watched()], unicode=False)
    assert "######------------------" in text
    assert "▁" not in text


def test_no_sign_of_life() -> None:
    """A run without a process is said to be one."""
    assert "(no sign of life)" in lines([watched(alive=False)])


def test_one_line_for_a_file() -> None:
    """What a pipe gets."""
    text = said(watched(), NOW, {})
    assert "abcdefgh base running step 20/80 (25%) 1m00s left loss=-19 acc=19" in text
    assert ended(Run("x", name="n", status="failed", start_time=0, end_time=5000), NOW).endswith(
        "x n failed after 5.0s"
    )


def test_slow_and_many_steps() -> None:
    """Rates by the minute; large numbers with commas."""
    tail = Tail("loss")
    tail.add([Point(4998, 0.0, 0), Point(4999, 0.0, 60_000)])
    run = Run("20261124-000000-abcdefgh", params={"steps": 10_000})
    found = Watched(run, {"loss": tail}, True, progress(run.params, [tail]))  # noqa: FBT003  alive
    assert "5,000/10,000 (50%)  1 step/min" in lines([found])


def test_text_of_runs_is_only_text() -> None:
    """Escapes and markup in names and keys are shown, not obeyed."""
    one = watched(HOSTILE, more={HOSTILE: 1.0})
    for text in (
        lines([one]),
        lines([one] * 9, height=5),
        "\n".join(plain_page(page([one], now=NOW, rules={}))),
    ):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]" in text


def test_resources() -> None:
    """Processor, memory and each GPU."""
    one = watched(more={"process/memory_rss": 1e6, "gpu/0/utilisation": 2.0})
    assert "cpu 57%" in lines([one])
    assert "memory 19 MB" in lines([one])
    assert "gpu 38%" in lines([one])
