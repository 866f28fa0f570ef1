"""The script repeats a run without gittrack."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.reproduction.reproduce import preview
from gittrack.launch.reproduction.script import script_of
from gittrack.tracking import wrap
from tests.support.faults import forged, make_training, train

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of the training."""
    return make_training(tmp_path / "repo", monkeypatch)


def execute(store: RunStore, run: Run, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of a run with a plain shell, elsewhere."""
    path = tmp_path / "again.sh"
    path.write_text("\n".join(script_of(store, preview(store, run))))
    env = {**os.environ, "GITTRACK_JOURNAL": str(tmp_path / "journal"), "TMPDIR": str(tmp_path)}
    words = ["sh", str(path)]
    return subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)


def test_it_runs(store: RunStore, tmp_path: Path) -> None:
    """Code, data, variables and command as they were; nothing is left."""
    run = train(store, seed=3)
    (tmp_path / "repo" / "train.py").write_text("broken(\n")
    done = execute(store, run, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "journal").read_text().count("loss") == 3
    assert list(tmp_path.glob("reproduce-*")) == []


def test_whole_paths_and_odd_words(store: RunStore, tmp_path: Path) -> None:
    """Paths into the user's tree lead into the clone, and no word means anything to the shell."""
    code = "import sys; print(sys.argv[1:])"
    words = ["python", "-c", code, str(tmp_path / "repo" / "train.py"), "$(touch evil); 'x'\n`y`"]
    run = wrap.run(words, store).run
    assert run is not None
    done = execute(store, run, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "/code/train.py" in done.stdout
    assert r"$(touch evil); 'x'\n`y`" in done.stdout
    assert not list(tmp_path.rglob("evil"))


def test_a_record_cannot_add_lines(store: RunStore, tmp_path: Path) -> None:
    """Names and reasons of other clones stay in their comments."""
    run = forged(store, train(store), name="a\ntouch evil", command=("true",), inputs=())
    text = "\n".join(script_of(store, preview(store, run)))
    assert "touch evil" in text
    assert not [line for line in text.splitlines() if line.startswith("touch")]
    assert execute(store, run, tmp_path).returncode == 0


def test_what_is_missing(store: RunStore, tmp_path: Path) -> None:
    """A run that cannot be repeated gives a script that says so and ends with 5."""
    run = forged(store, train(store), command=())
    done = execute(store, run, tmp_path)
    assert done.returncode == 5
    assert done.stderr == "the run cannot be repeated: the command was not recorded\n"


def test_packages(store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that is not here is made by uv or pip, kept data is named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = train(store)
    store.objects.put_file(tmp_path / "repo" / "data" / "train.csv")
    kept = (dataclasses.replace(run.inputs[0], kept=True),)
    other = forged(store, run, environment={"packages": {"click": "7.0"}}, inputs=kept)
    (tmp_path / "repo" / "data" / "train.csv").unlink()
    text = "\n".join(script_of(store, preview(store, other)))
    assert "click==7.0" in text
    assert "uv venv --quiet --python" in text
    assert "# get data/train.csv first" in text
    words = ["sh", "-n", "-c", text]
    assert subprocess.run(words, check=False).returncode == 0
