from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.events import Ended
from tests.cli.recorded import begin, record

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def runs(store: RunStore) -> list[Run]:
    """Three runs."""
    return [
        record(store, name=name, params={"lr": lr, "seed": 1}, start_time=start)
        for name, lr, start in (("base", 0.1, 1_000_000), ("wide", 0.1, 2_000_000), ("tiny", 0.01, 3_000_000))
    ]


def out_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `compare` prints."""
    assert invoke(["compare", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("runs")
def test_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """One run a column, rows that differ only."""
    lines = out_of(capsys, "base", "tiny").splitlines()
    assert lines[0].split()[-2:] == ["base", "tiny"]
    assert ["lr", "0.1", "0.01"] in [line.split() for line in lines]
    assert not any(line.startswith("seed") for line in lines)


@pytest.mark.usefixtures("runs")
def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    """`--all` has rows that are the same."""
    assert "seed" in out_of(capsys, "base", "tiny", "--all")


@pytest.mark.usefixtures("runs")
def test_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """`--rows` has one run a row."""
    lines = out_of(capsys, "base", "tiny", "--rows").splitlines()
    assert lines[0].split()[:2] == ["run", "name"]
    assert len(lines) == 3


def test_filter(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    """A filter stands for the runs that match, the oldest first; each run comes once."""
    body = json.loads(out_of(capsys, "params.lr = 0.1", "base", "--json"))
    assert body["runs"] == [runs[0].id, runs[1].id]


def test_best(store: RunStore, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The best value of a metric with a goal is marked."""
    (repo / "gittrack.yaml").write_text("metrics:\n  loss: {goal: min}\n")
    good = record(store, name="good")
    bad, journal = begin(store, name="bad")
    journal.point("loss", 9.0, 99)
    journal.close()
    lines = out_of(capsys, good.id, bad.id).splitlines()
    (loss,) = [line for line in lines if line.startswith("loss")]
    assert loss.split()[2:] == ["*", "9"]


@pytest.mark.usefixtures("runs")
def test_markdown_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """For a pull request, and for a spreadsheet."""
    assert "| lr | 0.1 | 0.01 |" in out_of(capsys, "base", "tiny", "--md")
    assert "\nlr,0.1,0.01\n" in out_of(capsys, "base", "tiny", "--csv")


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("word", "said"), [("nope", "nope"), ("params.lr = 7", "no run matches")])
def test_nothing_found(word: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A word that names no run, and a filter that none matches."""
    assert invoke(["compare", word]) == 1
    assert said in capsys.readouterr().err


def test_without_words(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    """Nothing to compare is wrong usage."""
    assert invoke(["compare"]) == 2
    assert "missing argument" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_groups(capsys: pytest.CaptureFixture[str]) -> None:
    """Mean, deviation and n by a param, for eyes, programs and spreadsheets."""
    every = ("attributes.status = 'finished'", "--group-by", "param:lr")
    rows = [line.split() for line in out_of(capsys, *every).splitlines()]
    assert rows[0][:2] == ["lr", "runs"]
    assert rows[1][0] == "0.01"
    body = json.loads(out_of(capsys, *every, "--json"))
    assert body["by"] == "param:lr"
    assert body["groups"][0]["metrics"]["loss"]["count"] == len(body["groups"][0]["runs"])
    assert "param:lr,runs,metric,n,mean" in out_of(capsys, *every, "--csv")
    assert "| lr | runs |" in out_of(capsys, *every, "--md")


def test_importance(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """How much each param explains; where none varies, that is said."""
    for number in range(6):
        run, journal = begin(store, params={"lr": number // 2}, name=f"r{number}")
        journal.point("m", float(number // 2), 0)
        journal.event(Ended("finished", run.start_time + 1000, 0))
        journal.close()
        store.finish(run.id)
    words = ("metrics.m >= 0", "--importance", "m")
    rows = [line.split() for line in out_of(capsys, *words).splitlines()]
    assert rows[1][:2] == ["lr", "100%"]
    assert json.loads(out_of(capsys, *words, "--json"))[0]["param"] == "lr"
    assert invoke(["compare", "metrics.loss >= 0", "--importance", "loss"]) == 0
    assert "no param varies" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_one_thing_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Groups and importance do not go together."""
    assert invoke(["compare", "base", "--group-by", "seeds", "--importance", "loss"]) == 2
    assert "do not go together" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_rows_where_columns_do_not_fit(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal too narrow for the runs side by side, they stand below each other."""
    for number in range(6):
        record(store, name=f"r{number}", params={"lr": number})
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert out_of(capsys, "attributes.status = 'finished'").split()[:2] == ["run", "name"]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("options", "said"),
    [((), "Metrics, last values"), (("--group-by", "param:lr"), "Metrics by lr"),
     (("--importance", "loss"), "What explains loss")],
)  # fmt: skip
def test_pictures(
    options: tuple[str, ...], said: str, store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SVG and PNG of runs, groups and importance instead of a table."""
    other, journal = begin(store, params={"lr": 0.5, "seed": 2})
    journal.point("loss", 9.0, 99)
    journal.event(Ended("finished", other.start_time + 5000, 0))
    journal.close()
    store.finish(other.id)
    svg, png = tmp_path / "a.svg", tmp_path / "a.png"
    words = ("attributes.status = 'finished'", "--all", *options)
    assert out_of(capsys, *words, "--svg", str(svg), "--png", str(png)) == ""
    assert said in svg.read_text(encoding="utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")
