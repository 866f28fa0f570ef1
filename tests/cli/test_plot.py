from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.cli.recorded import record

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture(autouse=True)
def runs(store: RunStore) -> list[Run]:
    """Two runs."""
    return [
        record(store, name="base", start_time=1_000_000),
        record(store, name="wide", start_time=2_000_000),
    ]


def out_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `plot` prints."""
    assert invoke(["plot", *words]) == 0
    return capsys.readouterr().out


def test_overlay(capsys: pytest.CaptureFixture[str]) -> None:
    """Runs over each other, named in the legend."""
    out = out_of(capsys, "loss", "base", "wide")
    assert out.startswith("loss\n")
    assert "base" in out
    assert "wide" in out
    assert "\x1b" not in out


def test_last_run_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a run, the last one."""
    out = out_of(capsys, "loss")
    assert "wide" in out
    assert "base" not in out


def test_several_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    """A word that names no run is a metric."""
    out = out_of(capsys, "loss", "acc", "base")
    assert "\n\nacc\n" in out


@pytest.mark.parametrize("options", [["--log"], ["--smooth", "0.9"], ["--x", "time"], ["--height", "8"]])
def test_options(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Logarithmic, smoothed, by time, of a given height."""
    out = out_of(capsys, "loss", "base", *options)
    assert "base" in out
    assert options[0] != "--height" or len(out.splitlines()) == 8


def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal curves have colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[36m" in out_of(capsys, "loss", "base")


def test_unknown_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """A metric that none of the runs has is an error that names what there is."""
    assert invoke(["plot", "los", "base"]) == 1
    assert "did you mean 'loss'?" in capsys.readouterr().err


def test_unknown_best(capsys: pytest.CaptureFixture[str]) -> None:
    """A word with @ is never a metric."""
    assert invoke(["plot", "loss", "@best:nope"]) == 1
    assert "nope" in capsys.readouterr().err


def test_smooth_beyond_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A weight of 1 would draw nothing."""
    assert invoke(["plot", "loss", "--smooth", "1"]) == 2
    assert "--smooth" in capsys.readouterr().err


EVERY = "attributes.status = 'finished'"


def test_groups(capsys: pytest.CaptureFixture[str]) -> None:
    """A filter chooses runs; a group is one curve with its mean and deviation."""
    assert "like base, mean ± sd of 2" in out_of(capsys, "loss", EVERY, "--group-by", "seeds")


@pytest.mark.parametrize(
    "words",
    [["loss", "base", "acc"], ["--scatter", "lr:loss"], ["--parallel", "loss"], ["loss", EVERY, "--log-x"]],
    ids=["curves", "scatter", "parallel", "log x"],
)
def test_pictures(
    words: list[str], store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SVG and PNG of each kind of chart, numbered where there are several."""
    for number in range(3):
        record(store, params={"lr": 10.0**-number, "opt": "ab"[number % 2]})
    assert invoke(["plot", *words, "--svg", str(tmp_path / "a.svg"), "--png", str(tmp_path / "a.png")]) == 0
    assert "wrote" in capsys.readouterr().err
    charts = len(words) - 1 if words[1] == "base" else 1
    written = sorted(path.name for path in tmp_path.glob("a*"))
    assert len(written) == 2 * charts
    assert all((tmp_path / name).read_bytes()[:4] in {b"<svg", b"\x89PNG"} for name in written)
    out = out_of(capsys, *words, "--height", "12")
    assert out


def test_scatter_on_the_screen(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """One mark a run."""
    record(store, params={"lr": 1})
    record(store, params={"lr": 2})
    out = out_of(capsys, "--scatter", "lr:loss", "--height", "10")
    assert out.startswith("loss by lr\n")
    assert out.count("●") == 3  # two, and one in the legend


def test_points(capsys: pytest.CaptureFixture[str]) -> None:
    """The points for other programs."""
    lines = out_of(capsys, "loss", "base", "--csv").splitlines()
    assert lines[0] == "chart,curve,x,y"
    assert len(lines) == 21
    body = json.loads(out_of(capsys, "loss", "base", "--json"))
    assert body[0]["x"] == 0.0


def test_markdown(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """`--md`: curves by Mermaid, scatters and parallel axes in characters."""
    out = out_of(capsys, "loss", "acc", "base", "wide", "--md", "--log")
    assert out.count("```mermaid") == 2
    assert "- 🟧 wide" in out
    for number in range(3):
        record(store, params={"lr": 10.0**-number})
    out = out_of(capsys, "--scatter", "lr:loss", "--md")
    assert out.startswith("loss by lr\n\n```text\n")
    assert out.endswith("```\n\n")
    assert out_of(capsys, "--parallel", "loss", "--md").startswith("loss\n\n```text\n")


@pytest.mark.parametrize(
    ("words", "status"),
    [([], 2), (["--scatter", "lr"], 2), (["--scatter", "a:b"], 1), (["loss", "@last~9"], 1),
     (["loss", "params.lr = 99"], 1), (["--parallel", "loss"], 1), (["loss", "--x", "nothing"], 1)],
)  # fmt: skip
def test_what_cannot_be_drawn(words: list[str], status: int) -> None:
    """Wrong usage, and things that are not there."""
    assert invoke(["plot", *words]) == status
