"""Draw the picture of a diff's page in `docs/screens`: `python -m tests.support.diff_screens [FOLDER]`.

Two runs are made that differ in all that a diff knows; the page that `gittrack diff --html` writes of them
is shown in a headless Chromium, once in light and once in dark.
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import sync_playwright

from gittrack.core.events import ArtifactLogged, Ended, EnvironmentCaptured
from gittrack.core.records import Artifact, Run, Source
from gittrack.query.drawing.plan import Curve, plan
from gittrack.query.plots.drawn import Drawing
from gittrack.store.runs import RunStore
from tests.support.git import git_run, make_repo
from tests.support.reviews import commit, configure

if TYPE_CHECKING:
    from collections.abc import Mapping

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
_RULES = 'metrics:\n  acc: {goal: max}\n  loss: min\n  "time/*": {goal: min}\n'
_CODE = """import torch


def train(model, data):
    for batch in data:
        step(model, batch)
    return model
"""


def main(folder: Path = SCREENS) -> None:
    """Make the runs, write the page, take the pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        store, before, after = example(Path(scratch) / "repo")
        page = Path(scratch) / "diff.html"
        page.write_text(page_of(store, before, after), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                shown = browser.new_page(viewport={"width": 1100, "height": 1000}, color_scheme=scheme)
                shown.goto(page.as_uri())
                path = folder / f"diff-{scheme}.png"
                shown.screenshot(
                    path=path, full_page=True, clip={"x": 0, "y": 0, "width": 1100, "height": 2580}
                )
                picture = Image.open(path).convert("RGB")
                picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
            browser.close()


def page_of(store: RunStore, *runs: Run) -> str:
    """The page of a diff of some runs."""
    from gittrack.query.changes.whole import differences
    from gittrack.report.diffs import diff_page

    return diff_page(store, [differences(store, runs[0], other) for other in runs[1:]])


def example(folder: Path) -> tuple[RunStore, Run, Run]:
    """Two runs of a new repository: code, params, data, packages, output and artifacts differ."""
    make_repo(folder)
    git_run("config", "user.name", "Ada", cwd=folder)  # it is made before a test has an identity
    git_run("config", "user.email", "ada@example.org", cwd=folder)
    configure(folder, _RULES)
    first = commit(folder, _CODE)
    store, chance = RunStore.open(start=folder), random.Random(5)
    before = _run(store, "baseline", first, chance, 0.9, {"lr": 0.1, "seed": 1}, ["2.4.0", "8"])
    git_run("checkout", "-q", "-b", "cosine", cwd=folder)
    changed = _CODE.replace("in data:", "in shuffled(data):").replace("return model", "return best_of(model)")
    second = commit(folder, changed)
    params = {"lr": 0.05, "seed": 1, "schedule": "cosine"}
    return store, before, _run(store, "cosine", second, chance, 0.93, params, ["2.5.1", "16"])


def _run(
    store: RunStore,
    name: str,
    oid: str,
    chance: random.Random,
    acc: float,
    params: Mapping[str, Any],
    versions: list[str],
) -> Run:
    start = 1_790_000_000_000
    run = Run(
        store.new_id(),
        name=name,
        experiment="digits",
        start_time=start,
        command=("python", "train.py", *(f"--{key}={value}" for key, value in params.items())),
        params=dict(params),
        source=Source(oid, snapshot=oid, branch=name, directory="."),
    )
    journal = store.create(run)
    losses = [math.exp(-step / 12) + chance.gauss(0, 0.02) + 1 - acc for step in range(60)]
    for step, loss in enumerate(losses):
        journal.point("loss", loss, step)
        journal.point("acc", acc - loss / 4, step)
    journal.point("time/epoch", 41 + chance.gauss(0, 1), 59)
    for path, data in _files(losses, acc).items():
        journal.event(ArtifactLogged(Artifact(path, *store.objects.put_bytes(data))))
    environment = {
        "schema": "gittrack.environment/1",
        "python": {"version": "3.12.4"},
        "packages": {"numpy": "2.1.0", "torch": versions[0]},
        "hardware": {"cpus": int(versions[1])},
    }
    journal.event(EnvironmentCaptured(environment))
    journal.event(Ended("finished", start + round(acc * 200_000), 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished


def _files(losses: list[float], acc: float) -> dict[str, bytes]:
    drawing = Drawing(plan([Curve("loss", list(enumerate(losses)))], title="loss by step"))
    table = "".join(f"{digit},{acc - digit / 100:.4f}\n" for digit in range(10))
    output = "".join(f"epoch {step}: loss {losses[step]:.4f}\n" for step in range(0, 60, 10))
    return {
        "plots/loss.png": drawing.png(),
        "plots/loss.svg": drawing.svg().encode(),
        "classes.csv": f"digit,acc\n{table}".encode(),
        "summary.json": json.dumps({"acc": acc, "classes": {"worst": 9}}).encode(),
        "output.log": output.encode(),
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
