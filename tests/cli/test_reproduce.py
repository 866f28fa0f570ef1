"""`gittrack reproduce`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.support.faults import forged, make_training, train

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of the training."""
    return make_training(tmp_path / "repo", monkeypatch)


def test_identical(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """The verdict is on standard output, what is being done on standard error."""
    run = train(store, name="base")
    assert invoke(["reproduce", "base"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith(f"{run.id} reproduced by ")
    assert out.splitlines()[0].endswith(": identical")
    assert err.splitlines() == [
        "environment: local, it has the recorded packages",
        f"repeating {run.id}: python train.py",
    ]


@pytest.mark.parametrize(
    ("words", "status"), [(("--unseeded=1",), 1), (("--lr=x",), 5)], ids=["differs", "failed twice"]
)
@pytest.mark.filterwarnings("ignore:no metrics from")
def test_exit_status(store: RunStore, words: tuple[str, ...], status: int) -> None:
    """1 where it differs, 5 where both fail before anything can be compared."""
    train(store, *words)
    assert invoke(["reproduce", "@last", "-q"]) == status


@pytest.mark.filterwarnings("ignore:no metrics from")
def test_failed(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """4 where the command fails."""
    train(store)
    monkeypatch.setenv("FAIL", "1")
    assert invoke(["reproduce", "@last", "-q"]) == 4


def test_not_comparable(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """5 where something is missing; it is named."""
    run = forged(store, train(store), command=())
    assert invoke(["reproduce", run.id, "-q"]) == 5
    assert "the command was not recorded" in capfd.readouterr().out


def test_json(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output is JSON alone, what the command prints goes to standard error."""
    from gittrack.tracking import wrap

    assert wrap.run(["echo", "hello"], store).run
    capfd.readouterr()
    assert invoke(["reproduce", "@last", "--json", "-q"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["verdict"] == "identical"
    assert err == "hello\n"


def test_kept(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """All of the verdict is kept with both runs: `--show` prints it again, `show` what counts of it."""
    train(store, "--unseeded=1", name="base")
    assert invoke(["reproduce", "base", "-q", "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    for run_id in (said["original"], said["repeats"][0]):
        assert invoke(["reproduce", run_id, "--show", "--json"]) == 1
        shown = json.loads(capfd.readouterr().out)
        assert shown == {name: value for name, value in said.items() if name != "preparation"}
        assert invoke(["show", run_id]) == 0
        page = capfd.readouterr().out
        assert f"differs, reproduced by {said['repeats'][0]}" in page
        assert f"suspect: {said['suspects'][0]['text']}" in page


def test_nothing_kept(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """A run that was never reproduced has no verdict."""
    train(store)
    assert invoke(["reproduce", "@last", "--show"]) == 1
    assert "no verdict is kept" in capfd.readouterr().err


def test_files(store: RunStore, tmp_path: Path) -> None:
    """JUnit is written, Markdown appended."""
    train(store)
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    words = ["--junit", str(tmp_path / "r.xml"), "--markdown", str(summary)]
    assert invoke(["reproduce", "@last", "-q", *words]) == 0
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")
    assert summary.read_text().startswith("# before\n### ✅ Reproduction: identical")


def test_files_that_cannot_be_written(
    store: RunStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be written is an error that names the verdict."""
    train(store)
    assert invoke(["reproduce", "@last", "-q", "--junit", str(tmp_path / "no" / "r.xml")]) == 2
    assert "hint: the verdict is identical" in capfd.readouterr().err


def test_dry_run(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """What would be done, as text and as JSON; nothing is run."""
    run = train(store)
    assert invoke(["reproduce", run.id, "--dry-run"]) == 0
    assert "input data/train.csv  here" in capfd.readouterr().out
    assert invoke(["reproduce", run.id, "--dry-run", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["possible"] is True
    Path("data/train.csv").unlink()
    assert invoke(["reproduce", run.id, "--dry-run"]) == 5
    assert "Missing\n" in capfd.readouterr().out


def test_script(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """The script is printed."""
    train(store)
    assert invoke(["reproduce", "@last", "--script"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("#!/bin/sh\n")
    assert out.endswith("python train.py\n")


def test_seed(store: RunStore) -> None:
    """`run --seed` is recorded, and holds again."""
    assert invoke(["run", "--seed", "5", "-q", "-i", "data/train.csv", "--", "python", "train.py"]) == 0
    assert invoke(["reproduce", "@last", "-q"]) == 0
    assert store.live() == []


def test_against(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """Two runs that are there are held against each other; nothing is run."""
    one, two = train(store, "--lr=1"), train(store, "--lr=2")
    assert invoke(["reproduce", one.id, "--against", two.id]) == 1
    assert "1. other params: lr" in capfd.readouterr().out
    assert "gittrack.verdict" not in store.get(two.id).tags
