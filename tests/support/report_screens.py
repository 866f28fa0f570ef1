"""Draw the pictures of a report in `docs/screens`: `python -m tests.support.report_screens`.

A small repository is made with runs of two branches; the page that `gittrack report` writes of it is shown
in a headless Chromium, once in light and once in dark.
"""

from __future__ import annotations

import math
import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from gittrack.core.records import Artifact, Source
from gittrack.query.review.api import review_runs
from gittrack.report.api import reports
from gittrack.store.runs import RunStore
from tests.support.git import git_run, make_repo
from tests.support.reviews import ENVIRONMENT, commit, configure, record

if TYPE_CHECKING:
    from typing import Any

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
_RULES = """metrics:
  val/acc: {goal: max, atol: 0.002}
  val/loss: min
  f1: max
  "time/*": {goal: min, gate: false}
gates: ["val/acc >= baseline - 0.002", "f1 >= 0.8"]
"""


def main() -> None:
    """Make the repository, write the page, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(example(Path(folder) / "repo"), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                shown = browser.new_page(viewport={"width": 1100, "height": 1000}, color_scheme=scheme)
                shown.goto(f"{page.as_uri()}#curves")
                shown.evaluate("document.querySelectorAll('#curves details').forEach(box => box.open = true)")
                shown.evaluate("document.querySelectorAll('.values').forEach(box => box.open = false)")
                shown.screenshot(
                    path=SCREENS / f"report-{scheme}.png",
                    full_page=True,
                    clip={"x": 0, "y": 0, "width": 1100, "height": 1560},
                )
            browser.close()


def example(folder: Path) -> str:
    """The page of a repository with a branch that makes one metric worse and one better."""
    make_repo(folder)
    configure(folder, _RULES)
    store, chance = RunStore.open(start=folder), random.Random(3)
    start = git_run("rev-parse", "HEAD", cwd=folder)
    for seed in range(5):
        _record(store, start, chance, 0.9132, 0.301, 0.88, {"lr": 0.1, "seed": seed})
    git_run("checkout", "-q", "-b", "resnet-aug", cwd=folder)
    oid = commit(folder, "augment = True\nmixup = 0.2\n")
    for seed in range(5):
        params = {"lr": 0.05, "aug.mixup": 0.2, "seed": seed}
        _record(
            store, oid, chance, 0.9071, 0.298, 0.9, params, {"packages": {"numpy": "2.0.1", "torch": "2.4.0"}}
        )
    found = review_runs(RunStore.open(start=folder))
    return reports(store, found, ("html",))[0]


def _record(  # noqa: PLR0913, PLR0917  an example
    store: RunStore,
    oid: str,
    chance: random.Random,
    acc: float,
    loss: float,
    f1: float,
    params: dict[str, Any],
    environment: dict[str, Any] | None = None,
) -> None:
    def curve(end: float, start: float, noise: float) -> list[float]:
        last = end + chance.gauss(0, noise)
        rise = [
            last + (start - last) * math.exp(-step / 9) + chance.gauss(0, 6 * noise) for step in range(59)
        ]
        return [*rise, last]

    metrics: dict[str, float | list[float]] = {
        "val/acc": curve(acc, 0.1, 0.001),
        "val/loss": curve(loss, 2.3, 0.005),
        "f1": f1 + chance.gauss(0, 0.002),
        "time/epoch": 41 + chance.gauss(0, 0.4),
    }
    digest = format(chance.getrandbits(256), "064x")
    record(
        store,
        oid,
        metrics,
        environment=environment or ENVIRONMENT,
        params=params,
        source=Source(oid, snapshot=oid, branch="resnet-aug", directory="."),
        artifacts=(Artifact("model.safetensors", digest, 97_500_000),),
    )


if __name__ == "__main__":
    os.environ.setdefault("GIT_AUTHOR_NAME", "Ada")
    main()
