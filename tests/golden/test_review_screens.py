from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.cli import output
from gittrack.core.records import MetricSummary
from gittrack.query.changes.code import ChangedFile
from gittrack.query.changes.diff import diff
from gittrack.query.changes.files import FileChange, FileSide
from gittrack.query.changes.output import first_difference
from gittrack.query.changes.whole import Differences
from gittrack.query.changes.why import reasons
from gittrack.query.compare.groups import grouped
from gittrack.query.compare.importance import importance
from gittrack.query.plots.parallel import parallel
from gittrack.query.plots.plotting import mean_and_deviation
from gittrack.query.plots.scatter import scatter_plot
from gittrack.terminal import group_table
from gittrack.terminal.chart import Curve, chart
from gittrack.terminal.differences_page import page
from gittrack.terminal.page import markdown_page
from gittrack.terminal.parallel import parallel_chart
from tests.golden.samples import ENVIRONMENT, NOW, OTHER_ENVIRONMENT, RULES, hostile, run, series_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run

    Golden = Callable[[str, str], None]
    Screen = Callable[[int], None]

both_widths = pytest.mark.parametrize("width", [80, 200])
BOTH = (ENVIRONMENT, {**OTHER_ENVIRONMENT, "hardware": {"cpu": "Xeon", "cores": 8}})


def differences(before: Run, after: Run) -> Differences:
    """Two runs with other code, output and artifacts."""
    timed = replace(
        after, metrics={**after.metrics, "time/epoch": MetricSummary(33.0, 1, NOW, 33.0, 33.0, 1)}
    )
    found = diff(before, timed, environments=BOTH, rules=RULES)
    told = reasons(found.sections["metrics"], (before, timed), BOTH, ["train.py +41 -6", "model.py +1 -1"])
    return Differences(
        found.differing(),
        code=(ChangedFile("train.py", 41, 6), ChangedFile("model.py", 1, 1)),
        output=first_difference(b"epoch 1\nloss 0.3\n", b"epoch 1\nloss 0.2\n"),
        files=(
            FileChange("model.pt", "file", FileSide("ab" * 32, 97_500_000), FileSide("cd" * 32, 97_500_000)),
            FileChange("confusion.png", "image", None, FileSide("ef" * 32, 12_300)),
            FileChange(
                "scores.csv",
                "numbers",
                FileSide("01" * 32, 812),
                FileSide("23" * 32, 815),
                ("[1][2]: 0.5 → 0.25, by -0.25", "[4][2]: 0.1 → 0.2, by 0.1"),
                12,
            ),
        ),
        reasons=told,
    )


@both_widths
def test_differences(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """All that differs between two runs."""
    screen(width)
    output.emit_page(page([differences(run(0), run(1))]))
    golden(f"differences-{width}", capsys.readouterr().out)


@both_widths
def test_of_several_runs(
    width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run against two others."""
    screen(width)
    output.emit_page(page([differences(run(0), run(1)), differences(run(0), run(2))]))
    golden(f"differences-several-{width}", capsys.readouterr().out)


def test_differences_as_markdown(golden: Golden) -> None:
    """For a pull request; hostile text in it is harmless."""
    lines = [
        *markdown_page(page([differences(run(0), run(1))])),
        *markdown_page(page([differences(run(0), hostile())])),
    ]
    golden("differences-md", "\n".join(lines))


def runs() -> list[Run]:
    """Twelve runs: four learning rates, three seeds."""
    found = []
    for number in range(12):
        value = (0.3, 0.1, 0.05, 0.4)[number % 4] + 0.01 * (number // 4)
        metrics = {"loss": MetricSummary(value, 1, NOW, value, value, 1)}
        params = {"lr": (0.001, 0.01, 0.1, 1.0)[number % 4], "seed": number // 4, "opt": "ab"[number % 2]}
        found.append(run(number, params=params, metrics=metrics))
    return found


@both_widths
def test_groups(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """Mean, deviation and n by a param."""
    screen(width)
    output.emit_table(group_table.table(grouped(runs(), "param:lr", rules=RULES)), note="--json")
    golden(f"groups-{width}", "".join(capsys.readouterr()))


def test_importance(screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """How much each param explains."""
    screen(80)
    output.emit_table(group_table.importance_table(importance(runs(), "loss")))
    golden("importance", capsys.readouterr().out)


@pytest.mark.parametrize("unicode", [True, False])
def test_bands(screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str], *, unicode: bool) -> None:
    """The mean of seeds with their deviation around it."""
    screen(80)
    drawn = [
        list(zip(map(float, one.steps), one.values, strict=True))
        for one in (series_of(number)[0] for number in range(3))
    ]
    curves = [Curve("lr 0.1, mean ± sd of 3", *mean_and_deviation(drawn)), Curve("one", drawn[0])]
    output.emit_chart(chart(curves, width=80, height=20, title="loss", unicode=unicode, x_label="epoch"))
    golden(f"bands-{'unicode' if unicode else 'ascii'}", capsys.readouterr().out)


@pytest.mark.parametrize("x", ["lr", "opt"])
def test_scatter(x: str, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """One mark a run, against a number and against texts."""
    screen(80)
    plot = scatter_plot(runs(), x, "loss", by="param:opt")
    drawn = chart(
        plot.curves, width=80, height=16, title=plot.title, log_x=x == "lr", x_number=plot.x_number, x_label=x
    )
    output.emit_chart(drawn)
    golden(f"scatter-{x}", capsys.readouterr().out)


@both_widths
def test_parallel(width: int, screen: Screen, golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a run through its params."""
    screen(width)
    output.emit_chart(parallel_chart(parallel(runs(), "loss", rules=RULES), width=width, height=18))
    golden(f"parallel-{width}", capsys.readouterr().out)


def test_differences_of_hostile_runs(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    """Only printable characters reach the terminal."""
    screen(100)
    bad = hostile()
    output.emit_page(page([differences(bad, run(0))]))
    output.emit_page(page([differences(run(0), bad), differences(run(0), run(1))]))
    output.emit_table(group_table.table(grouped([bad, run(0)], "branch")))
    output.emit_chart(parallel_chart(parallel([bad, run(0)], next(iter(bad.metrics))), width=100, height=12))
    assert all(line.isprintable() for line in capsys.readouterr().out.split("\n"))
