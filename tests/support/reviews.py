"""A repository with commits and runs of several seeds, to be reviewed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.ids import new_run_id
from gittrack.core.records import Input, Run, Source
from gittrack.core.series import summarise
from gittrack.query.review.changes import changed, params_of
from gittrack.query.review.curves import Curves, bands_of
from gittrack.query.review.gates import all_gates
from gittrack.query.review.metrics import rows_of
from gittrack.query.review.review import Review
from gittrack.query.review.values import Group
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from tests.support.git import git_run
from tests.support.runs import START, series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gittrack.core.series import Series
    from gittrack.store.runs import RunStore

ENVIRONMENT: dict[str, Any] = {
    "schema": "gittrack.environment/1",
    "python": {"version": "3.11.7"},
    "hardware": {"cpu": "Xeon", "logical_cores": 8, "gpus": [{"name": "A100"}]},
    "packages": {"numpy": "2.0.1", "torch": "2.3.1"},
}


def commit(repo: Path, text: str, name: str = "train.py") -> str:
    """Change a file and commit it; gives the commit."""
    (repo / name).write_text(text)
    git_run("add", name, cwd=repo)
    git_run("commit", "-q", "-m", text.strip()[:40] or "change", cwd=repo)
    return git_run("rev-parse", "HEAD", cwd=repo)


def configure(repo: Path, text: str) -> None:
    """Write `gittrack.yaml`."""
    (repo / "gittrack.yaml").write_text(text)


_clock = [0]


def made(metrics: Mapping[str, float | Sequence[float]], oid: str | None = None, **fields: Any) -> Run:
    """A finished run with these last values (or curves), later than those before it."""
    return _made(metrics, oid, fields)[0]


def _made(
    metrics: Mapping[str, float | Sequence[float]], oid: str | None, fields: dict[str, Any]
) -> tuple[Run, list[Series]]:
    _clock[0] += 1000
    start = START + _clock[0]
    points = [series(key, *([v] if isinstance(v, (int, float)) else v)) for key, v in metrics.items()]
    plain: dict[str, Any] = {
        "id": new_run_id(start),
        "status": "finished",
        "exit_code": 0,
        "start_time": start,
        "end_time": start + 60_000,
        "command": ("python", "train.py"),
        "source": Source(oid, snapshot=oid, branch="wider", directory="."),
        "metrics": summarise(points),
        "inputs": (Input("val.parquet", "data/val.parquet", "a" * 64, 1000),),
        "host": "node01",
    }
    return Run(**(plain | fields)), points


def record(
    store: RunStore,
    oid: str | None,
    metrics: Mapping[str, float | Sequence[float]],
    *,
    environment: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Run:
    """Commit a finished run of a commit to the runs branch."""
    run, points = _made(metrics, oid, fields)
    files = layout.run_files(run, points, {**ENVIRONMENT, **(environment or {})})
    branch.submit(store.git, Changes("a run", files))
    return run


def seeds(
    store: RunStore, oid: str | None, key: str, values: Sequence[float], *, first: int = 1, **fields: Any
) -> list[Run]:
    """Commit one run a value, each with its own seed."""
    params = fields.pop("params", {"lr": 0.1})
    return [
        record(store, oid, {key: value}, params={**params, "seed": first + number}, **fields)
        for number, value in enumerate(values)
    ]


def dirty(run: Run) -> Run:
    """The same with uncommitted code."""
    return replace(run, source=replace(run.source, dirty=True))


def large_review(count: int) -> tuple[Review, tuple[Curves, ...]]:
    """A review with so many metrics, params and runs, some of them of long names, and a few curves."""
    long = "name " * 60
    metrics = {
        f"metric {number} {long if number % 3 == 0 else ''}": 1.0 / (number + 1) for number in range(count)
    }
    params = {f"param {number} {long}": "value " * 50 for number in range(count)}
    before = tuple(made({key: value + 1 for key, value in metrics.items()}) for _ in range(4))
    after = tuple(made(metrics, params=params) for _ in range(4))
    after += tuple(made({}, params={"seed": number}, name=long) for number in range(count))
    rules = {f"metric {number}*": {"goal": "max"} for number in range(5)}
    rows = rows_of(before, after[:4], rules)
    review = Review(
        Group("new", "named", after),
        Group("old", "named", before),
        metrics=rows,
        gates=all_gates(rows, [], compared=True),
        params=changed(before, after, params_of),
        reproduce=f"gittrack reproduce {after[0].id}",
    )
    return review, (Curves("metric", bands_of([("new", [series("x", 1.0, 2.0, 3.0)])])),)
