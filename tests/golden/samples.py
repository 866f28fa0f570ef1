"""Runs to show, always the same."""

from __future__ import annotations

import math
from array import array

from gittrack.core.records import Artifact, Input, MetricSummary, Run, Source
from gittrack.core.series import Series, summarise
from gittrack.store.kept.listing import Listed

NOW = 1_795_500_000_000  # 2026-11-24T06:00:00Z
RULES = {"val/acc": {"goal": "max"}, "*loss": {"goal": "min"}}
COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SNAPSHOT = "9c1e3f0a8d27b6544e1f0c3b2a1908f7e6d5c4b3"


def curve(key: str, start: float, rate: float, count: int = 40) -> Series:
    """A falling curve with a ripple."""
    steps = range(count)
    values = [start * math.exp(-rate * step) + 0.02 * math.sin(step) for step in steps]
    return Series(
        key, 0, array("q", steps), array("d", values), array("q", [NOW - 900_000 + 1000 * s for s in steps])
    )


def series_of(number: int) -> list[Series]:
    """The series of run `number`."""
    loss = curve("loss", 2.3, 0.05 + 0.03 * number)
    accuracy = Series("val/acc", 0, loss.steps, array("d", [1 - v / 2.5 for v in loss.values]), loss.times)
    return [loss, accuracy]


def run(number: int, **changes: object) -> Run:
    """Run `number`, 0 to 3 and further."""
    names = ("base", "wide", "small lr", "long")
    fields = {
        "id": f"20261124-05{number:02d}00-k3f9a2x{number}",
        "experiment": "digits",
        "name": names[number % 4],
        "status": ("finished", "finished", "failed", "running")[number % 4],
        "start_time": NOW - 3_600_000 + 60_000 * number,
        "end_time": None if number % 4 == 3 else NOW - 3_500_000 + 65_000 * number,
        "exit_code": (0, 0, 1, None)[number % 4],
        "command": (
            "python",
            "train.py",
            "--lr",
            str((0.1, 0.1, 0.01, 0.001)[number % 4]),
            "--note",
            "two words",
        ),
        "user": "ada",
        "host": "lovelace",
        "source": Source(
            COMMIT,
            number % 2 == 1,
            SNAPSHOT if number % 2 else COMMIT,
            "main",
            "https://example.org/digits.git",
            ".",
        ),
        "params": {
            "lr": (0.1, 0.1, 0.01, 0.001)[number % 4],
            "width": 64 * (1 + number % 2),
            "optimizer": "adam",
            "seed": 1,
        },
        "metrics": summarise(series_of(number)),
        "tags": {"owner": ("ada", "bob")[number % 2]},
        "note": "First try.\nLooks *good*." if number == 0 else "",
        "inputs": (Input("digits", "data/digits.csv", "ab" * 32, 120_000),) if number == 0 else (),
        "artifacts": (
            Artifact("model.pkl", "cd" * 32, 1_234_567),
            Artifact("plots", "ef" * 32, 88_000, "directory"),
        ),
        "peak_memory": 412_000_000,
    }
    return Run(**{**fields, **changes})  # type: ignore[arg-type]  # fields of a Run


def hostile() -> Run:
    """A run whose every text attacks the terminal, Rich's markup or Markdown."""
    bad = "\x1b[2J\x1b]0;owned\x07[red]x[/red]\u202etxt|<b>`*_\r\n\x9b31m"
    return Run(
        id="20261124-050000-k3f9a2xz",
        experiment=bad,
        name=bad,
        status="finished",
        start_time=NOW - 60_000,
        end_time=NOW,
        command=(bad,),
        user=bad,
        host=bad,
        source=Source(
            bad,
            dirty=True,
            snapshot=bad,
            branch=bad,
            remote=bad,
            directory=bad,
            left_out={bad: bad},
            missing=bad,
        ),
        params={bad: bad, "nested": {bad: [bad]}},
        metrics={bad: MetricSummary(1.0, 1, NOW, math.nan, math.inf, 2)},
        tags={bad: bad},
        note=bad,
        inputs=(Input(bad, bad, bad),),
        artifacts=(Artifact(bad, bad, 1),),
    )


ENVIRONMENT = {
    "schema": "gittrack.environment/1",
    "python": {"version": "3.11.4", "implementation": "CPython"},
    "platform": {"system": "Linux", "machine": "x86_64"},
    "hardware": {"cpu": "Epyc", "cores": 16, "memory": 128_000_000_000},
    "packages": {"numpy": "2.1.0", "torch": "2.5.0"},
}
OTHER_ENVIRONMENT = {
    **ENVIRONMENT,
    "python": {"version": "3.12.1", "implementation": "CPython"},
    "packages": {"numpy": "2.2.0", "scipy": "1.14"},
}


LISTED = [
    Listed("checkpoints/epoch-00000012/optimizer.safetensors", "file", 123_456_789, "0a" * 32, "store"),
    Listed("confusion.png", "file", 20_480, "1b" * 32, "branch"),
    Listed("model", "directory", 987_654_321, "2c" * 32, "partly"),
    Listed("output.log", "file", 512, "3d" * 32, "here"),
    Listed("\x1b[31mred.csv", "file", 0, "4e" * 32, "elsewhere"),
]
