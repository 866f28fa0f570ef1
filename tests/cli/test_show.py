from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.events import ArtifactLogged, Ended, InputLogged, TagsSet
from gittrack.core.records import Artifact, Input
from tests.cli.recorded import begin, record

if TYPE_CHECKING:
    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run with everything."""
    return record(store, name="base", params={"lr": 0.1}, note="First.", output=b"\x1b[31mhi\x1b[0m\n")


def test_page(run: Run, store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """The page has all sections, later changes too."""
    store.edit([run.id], [TagsSet({"best": "yes"})])
    assert invoke(["show", "base"]) == 0
    out = capsys.readouterr().out
    assert all(
        title in out for title in ("Note", "Params", "Metrics", "Tags", "Environment", "Artifacts", "History")
    )
    assert run.id in out
    assert "tag best: yes" in out


def test_page_on_a_terminal(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal it is coloured."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert invoke(["show", run.id]) == 0
    assert "\x1b[" in capsys.readouterr().out


def test_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` is the record in detail."""
    assert invoke(["show", run.id, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["run_id"] == run.id
    assert body["metrics"]["loss"]["count"] == 20


def test_points(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--metrics KEY` is the points of it."""
    assert invoke(["show", run.id, "--metrics", "loss"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["step", "value", "time"]
    assert lines[1].split()[:2] == ["0", "1.0"]
    assert len(lines) == 21


def test_points_as_csv(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Points as CSV."""
    assert invoke(["show", run.id, "--metrics", "loss", "--csv"]) == 0
    assert capsys.readouterr().out.startswith("step,value,time\n0,1.0,")


def test_points_as_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Points as JSON, with their rank."""
    assert invoke(["show", run.id, "--metrics", "loss", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0].keys() == {"rank", "step", "value", "time"}


def test_points_of_two_ranks(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Where several processes logged, the rank has a column."""
    run, journal = begin(store)
    other = store.join(run.id, rank=1)
    other.point("loss", 7.0, 0)
    assert invoke(["show", run.id, "--metrics", "loss", "--csv"]) == 0
    other.close()
    journal.close()
    assert capsys.readouterr().out.startswith("rank,step,value,time\n0,0,1.0,")


def test_unknown_metric(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A metric that the run lacks says which is near."""
    assert invoke(["show", run.id, "--metrics", "los"]) == 1
    assert capsys.readouterr().err == "error: no metric 'los'\nhint: did you mean 'loss'?\n"


def test_environment(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--environment` is the document as it was recorded."""
    assert invoke(["show", run.id, "--environment"]) == 0
    assert '"numpy": "2.0"' in capsys.readouterr().out.replace("numpy:", '"numpy":')
    assert invoke(["show", run.id, "--environment", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["packages"] == {"numpy": "2.0"}


def test_no_environment(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run without one says so."""
    run, journal = begin(store)
    assert invoke(["show", run.id, "--environment"]) == 0
    journal.close()
    assert capsys.readouterr().out == "no environment was recorded\n"


def test_output(run: Run, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """`--output` is what it printed, byte by byte in a pipe."""
    assert invoke(["show", run.id, "--output"]) == 0
    assert capsysbinary.readouterr().out == b"\x1b[31mhi\x1b[0m\n"


def test_output_on_a_terminal(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal nothing in the output acts on it but colours."""
    run = record(store, output=b"\x1b[2J\x1b[31mred\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert invoke(["show", run.id, "--output"]) == 0
    assert capsys.readouterr().out == "\\x1b[2J\x1b[31mred\n\x1b[0m"


def test_output_of_a_live_run(store: RunStore, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The output of a run that goes on is there already."""
    run, journal = begin(store)
    (store.live_directory(run.id) / "output.log").write_bytes(b"so far\n")
    assert invoke(["show", run.id, "--output"]) == 0
    journal.close()
    assert capsysbinary.readouterr().out == b"so far\n"


def test_no_output(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run whose output was not captured says how it is."""
    run = record(store)
    assert invoke(["show", run.id, "--output"]) == 1
    assert "has no captured output" in capsys.readouterr().err


def test_output_elsewhere(run: Run, store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Output that is not in this clone is no defect."""
    store.objects.path_of(run.artifacts[0].sha256).unlink()
    assert invoke(["show", run.id, "--output"]) == 1
    assert "is not in this clone" in capsys.readouterr().err


def test_csv_alone(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`--csv` without `--metrics` makes no sense."""
    assert invoke(["show", run.id, "--csv"]) == 2
    assert "goes with --metrics" in capsys.readouterr().err


def test_unknown_run(repo: object, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    """No run of that name: an error with a hint."""
    assert invoke(["show", "nope"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "hint: " in said


def test_lineage(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """`--lineage` is a tree of runs, `--json` the same as a value."""
    prep, journal = begin(store, name="prep")
    journal.event(ArtifactLogged(Artifact("x.csv", "ab" * 32, 4)))
    journal.event(Ended("finished", prep.start_time + 1))
    journal.close()
    store.finish(prep.id)
    train, journal = begin(store, name="train")
    journal.event(InputLogged(Input("train", "data/x.csv", "ab" * 32)))
    journal.close()
    assert invoke(["show", "train", "--lineage"]) == 0
    out = capsys.readouterr().out
    assert f"└─ prep {prep.id}, finished: x.csv → train" in out
    assert invoke(["show", "prep", "--lineage", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [one["run_id"] for one in body["downstream"]] == [train.id]


def test_lineage_on_a_terminal(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal it is coloured."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert invoke(["show", run.id, "--lineage"]) == 0
    assert "\x1b[" in capsys.readouterr().out
