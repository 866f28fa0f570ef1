"""A small training to be recorded and repeated, and records of it that are made to be wrong."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.ids import new_run_id
from gittrack.core.series import Series, summarise
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from gittrack.store.runs import RunStore
from gittrack.tracking import wrap
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    import pytest

    from gittrack.core.records import Run

TRAIN = """\
import json, os, pathlib, random, sys
words = dict(word[2:].split("=") for word in sys.argv[1:])
if os.environ.get("FAIL"):
    sys.exit(3)
if os.environ.get("DIE"):
    os.kill(os.getpid(), 9)
data = pathlib.Path("data/train.csv").read_text()
seed = words.get("seed", os.environ.get("GITTRACK_SEED", "0"))
random.seed(seed if "unseeded" not in words else None)
threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
rate = float(words.get("lr", "0.1"))
loss = 1 + sum(map(len, data.split())) + data.count("7") * 0.5 + rate + random.random() + threads * 1e-9
with open(os.environ["GITTRACK_JOURNAL"], "a") as journal:
    for step in range(3):
        event = {"event": "metric", "key": "loss", "value": loss / (step + 1), "step": step}
        journal.write(json.dumps(event) + "\\n")
pathlib.Path("metrics.json").write_text(json.dumps({"acc": 1 / loss}))
"""


def make_training(path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A repository with the training, its data ignored by Git; the current folder is in it."""
    for name in ("OMP_NUM_THREADS", "PYTHONHASHSEED", "GITTRACK_SEED", "FAIL", "DIE"):
        monkeypatch.delenv(name, raising=False)
    repo = make_repo(path)
    (repo / "train.py").write_text(TRAIN)
    (repo / ".gitignore").write_text("data/\nmetrics.json\n")
    (repo / "data").mkdir()
    (repo / "data" / "train.csv").write_text("1 2 3\n")
    git_run("add", ".", cwd=repo)
    git_run("commit", "-q", "-m", "training", cwd=repo)
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return RunStore.open(start=repo)


def train(store: RunStore, *words: str, **wish: Any) -> Run:
    """Record the training."""
    given: dict[str, Any] = {"inputs": ["data/train.csv"], "metrics_files": [Path("metrics.json")]} | wish
    run = wrap.run(["python", "train.py", *words], store, wrap.Wish(**given)).run
    assert run is not None
    return run


def forged(
    store: RunStore,
    run: Run,
    *,
    environment: dict[str, dict[str, Any] | None] | None = None,
    shift: float = 0.0,
    **fields: Any,
) -> Run:
    """Commit a record like that of a run, but for parts of its environment, its fields, and its metrics.

    Args:
        store: where.
        run: the run.
        environment: merged into its document; None empties a part.
        shift: relative, added to every value of `loss`.
        fields: of the record.
    """
    series = [_shifted(one, shift) if one.key == "loss" else one for one in store.series(run.id)]
    document = store.environment(run.id)
    for name, part in (environment or {}).items():
        document[name] = {**document.get(name, {}), **part} if part is not None else {}
    made = dataclasses.replace(
        run, **({"id": new_run_id(run.start_time), "metrics": summarise(series)} | fields)
    )
    branch.submit(
        store.git, Changes(f"gittrack: finished {made.id}", layout.run_files(made, series, document))
    )
    return store.get(made.id)


def _shifted(series: Series, shift: float) -> Series:
    copy = dataclasses.replace(series, values=series.values[:])
    for index, value in enumerate(copy.values):
        copy.values[index] = value * (1 + shift)
    return copy
