from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.cli import output
from gittrack.core import events
from gittrack.query.changes.diff import diff
from gittrack.query.compare.side_by_side import compare
from gittrack.query.history import history
from gittrack.query.plots.curve import points
from gittrack.store.format.layout import Edited, Stamp
from gittrack.store.log import Commit
from gittrack.terminal import artifacts, compare_table, diff_page, listing, show_page
from gittrack.terminal.chart import Curve, chart
from gittrack.terminal.history import commit_table, happening_section
from tests.golden.samples import (
    COMMIT,
    ENVIRONMENT,
    LISTED,
    NOW,
    OTHER_ENVIRONMENT,
    RULES,
    hostile,
    run,
    series_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Golden = Callable[[str, str], None]
    Screen = Callable[[int], None]

RUNS = [run(number) for number in range(4)]
both_widths = pytest.mark.parametrize("width", [80, 200])


@both_widths
def test_ls(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of runs, fitted to the width."""
    screen(width)
    output.emit_table(listing.table(RUNS, now=NOW, rules=RULES, marks=True), note="--columns or --json")
    golden(f"ls-{width}", "".join(capsys.readouterr()))


def test_ls_piped(golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of runs in a pipe: whole ids, times, no colours."""
    output.emit_table(listing.table(RUNS, now=NOW, rules=RULES))
    golden("ls-piped", capsys.readouterr().out)


def test_ls_markdown(golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """The list as Markdown, hostile text in it harmless."""
    output.emit_table(listing.table([RUNS[0], hostile()], now=NOW, rules=RULES), "md")
    golden("ls-md", capsys.readouterr().out)


@both_widths
def test_show(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """All about one run."""
    screen(width)
    edits = [
        Edited(Stamp(NOW, "w1w1"), NOW - 5000, "Bob <bob@example.org>", (events.TagsSet({"owner": "bob"}),))
    ]
    happened = history(RUNS[0], edits)
    output.emit_page(
        show_page.page(RUNS[0], now=NOW, series=series_of(0), environment=ENVIRONMENT, edits=happened)
    )
    golden(f"show-{width}", capsys.readouterr().out)


def test_show_piped(golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """All about one run, as plain text."""
    output.emit_page(show_page.page(RUNS[1], now=NOW, series=series_of(1), environment=ENVIRONMENT))
    golden("show-piped", capsys.readouterr().out)


@both_widths
def test_artifacts(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """The artifacts of a run."""
    screen(width)
    output.emit_table(artifacts.table(LISTED, short=True), note="--json")
    golden(f"artifacts-{width}", "".join(capsys.readouterr()))


def test_artifacts_piped(golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """The artifacts of a run in a pipe."""
    output.emit_table(artifacts.table(LISTED))
    golden("artifacts-piped", capsys.readouterr().out)


@both_widths
def test_diff(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """What differs between two runs."""
    screen(width)
    found = diff(RUNS[0], RUNS[1], environments=(ENVIRONMENT, OTHER_ENVIRONMENT), rules=RULES)
    output.emit_page(diff_page.page(found.differing()))
    golden(f"diff-{width}", capsys.readouterr().out)


@both_widths
def test_compare(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs side by side."""
    screen(width)
    output.emit_table(compare_table.table(compare(RUNS, RULES).differing()), note="--rows or --json")
    golden(f"compare-{width}", "".join(capsys.readouterr()))


def test_compare_rows(screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs one below the other."""
    screen(120)
    output.emit_table(compare_table.table(compare(RUNS, RULES).differing(), rows=True), note="--json")
    golden("compare-rows", "".join(capsys.readouterr()))


@pytest.mark.parametrize("unicode", [True, False])
def test_plot(screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str], *, unicode: bool) -> None:
    """Curves over each other, in Braille and in ASCII."""
    screen(80)
    curves = [
        Curve(one.name, points(series_of(n)[0].steps, series_of(n)[0].values)) for n, one in enumerate(RUNS)
    ]
    output.emit_chart(chart(curves, width=80, height=20, title="loss", unicode=unicode))
    golden(f"plot-{'unicode' if unicode else 'ascii'}", capsys.readouterr().out)


def test_log(screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """History of the branch and of one run in which two people set one tag."""
    screen(80)
    output.emit_table(commit_table([Commit(COMMIT, NOW, "Ada", "gittrack: 2 runs of digits")]))
    edits = [
        Edited(Stamp(NOW, "w1w1"), NOW, "Ada <ada@example.org>", (events.TagsSet({"best": "yes"}),)),
        Edited(
            Stamp(NOW + 1, "w2w2"),
            NOW + 1,
            "Bob <bob@example.org>",
            (events.TagsSet({"best": "no"}), events.Renamed("x")),
        ),
        Edited(
            Stamp(NOW + 2, "w2w2"),
            NOW + 2,
            "Bob <bob@example.org>",
            (events.Deleted(), events.TagsSet({"best": None})),
        ),
    ]
    output.emit_page([happening_section("base", history(RUNS[0], edits, [run(0, start_time=NOW - 10)]))])
    golden("log-80", capsys.readouterr().out)


def test_hostile_text_reaches_no_terminal(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a run says of itself, only printable characters come out, and no markup is read."""
    screen(100)
    bad = hostile()
    output.emit_table(listing.table([bad, RUNS[0]], now=NOW, marks=True))
    output.emit_page(show_page.page(bad, now=NOW, environment={"a": {"b\x1b": "c\x1b"}}))
    output.emit_page(diff_page.page(diff(bad, RUNS[0])))
    output.emit_table(compare_table.table(compare([bad, RUNS[0]])))
    output.emit_chart(chart([Curve(bad.name, [(1, 2)])], width=80, height=12, title=bad.name))
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.split("\n"))
    assert "[red]" in out
