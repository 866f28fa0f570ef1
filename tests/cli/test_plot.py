from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.cli.recorded import record

if TYPE_CHECKING:
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
