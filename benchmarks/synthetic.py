"""Fill a repository with synthetic runs: `python benchmarks/synthetic.py REPO COUNT`.

What the runs look like follows real ones: 12 params, 8 metrics, 3 tags, a few environments, one run
in 20 with a later change. They are written through `store.layout`, by one `git fast-import`, which
takes about 0.2 ms a run. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import math
import random
import subprocess
import sys
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gittrack.core import events
from gittrack.core.records import Artifact, Input, Run, Source, Status
from gittrack.core.series import Series, summarise
from gittrack.core.text import dump
from gittrack.store.commit import branch
from gittrack.store.format import layout
from gittrack.store.plumbing import fast_import, git

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400_000
FIRST = 1_767_225_600_000  # 2026-01-01
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_EXPERIMENTS = ("digits", "segmentation/unet", "lm-small", "tabular", "default")
_STATUSES: tuple[Status, ...] = ("finished",) * 16 + ("failed", "killed", "interrupted", "oom")
_METRICS = ("loss", "val/loss", "acc", "val/acc", "f1", "lr", "grad_norm", "system/cpu")


def run_of(number: int, count: int, chance: random.Random, points: int) -> tuple[Run, list[Series]]:
    """One run and its series; runs are spread evenly over 300 days."""
    start = FIRST + 300 * DAY * number // count + chance.randrange(1000)
    stamp = time.strftime("%Y%m%d-%H%M%S-", time.gmtime(start / 1000))
    run_id = stamp + "".join(chance.choices(_ALPHABET, k=8))
    duration = chance.randrange(20_000, 7_200_000)
    series = [_series(key, start, duration, chance, points) for key in _METRICS]
    status = chance.choice(_STATUSES)
    commit = _commit(chance.randrange(400))
    seed = chance.randrange(10)
    lr = round(10 ** chance.uniform(-5, -1), 6)
    run = Run(
        id=run_id,
        experiment=chance.choice(_EXPERIMENTS),
        name=f"{chance.choice(('calm', 'bold', 'dry'))}-{chance.choice(('fox', 'elm', 'bay'))}-{number}",
        status=status,
        start_time=start,
        end_time=start + duration,
        exit_code=0 if status == "finished" else 1,
        command=("python", "train.py", "--lr", str(lr), "--seed", str(seed)),
        user=chance.choice(("ada", "grace", "alan")),
        host=f"node{chance.randrange(16):02d}",
        source=Source(
            commit,
            chance.random() < 0.3,
            _commit(chance.randrange(2000)),
            chance.choice(("main", "wider", "try/augment")),
            "https://example.org/team/project.git",
            ".",
        ),
        params={
            "lr": lr,
            "seed": seed,
            "epochs": chance.choice((10, 30, 90)),
            "batch_size": 2 ** chance.randrange(4, 10),
            "model": chance.choice(("cnn", "resnet18", "vit-s", "mlp")),
            "optimizer": chance.choice(("sgd", "adam", "adamw")),
            "weight_decay": round(10 ** chance.uniform(-6, -2), 8),
            "dropout": round(chance.random() / 2, 2),
            "augment": chance.random() < 0.5,
            "schedule.kind": chance.choice(("cosine", "step")),
            "schedule.warmup": chance.randrange(0, 2000, 100),
            "data.path": f"data/v{chance.randrange(9)}/train.parquet",
        },
        metrics=summarise(series),
        tags={
            "team": chance.choice(("vision", "nlp")),
            "stage": chance.choice(("try", "final")),
            "gpu": "A100",
        },
        note="watch the **learning rate**" if chance.random() < 0.1 else "",
        inputs=(Input("train", "data/train.parquet", f"{chance.getrandbits(256):064x}", 83_000_000),),
        artifacts=(
            Artifact("model.pt", f"{chance.getrandbits(256):064x}", chance.randrange(10**8)),
            Artifact("curve.png", f"{chance.getrandbits(256):064x}", chance.randrange(10**5)),
        ),
        peak_memory=chance.randrange(10**9, 10**10),
    )
    return run, series


def _commit(number: int) -> str:
    return hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()


def _series(key: str, start: int, duration: int, chance: random.Random, points: int) -> Series:
    level, speed = chance.random(), chance.random()
    rising = key.endswith(("acc", "f1"))
    values = [level * math.exp(-speed * step / 5) + chance.random() / 50 for step in range(points)]
    if chance.random() < 0.01:
        values[-1] = math.nan
    return Series(
        key,
        0,
        array("q", range(points)),
        array("d", [1 - value for value in values] if rising else values),
        array("q", [start + duration * step // points for step in range(points)]),
    )


def _environments() -> list[dict[str, Any]]:
    packages = {f"package-{number:03d}": f"1.{number}.0" for number in range(150)}
    return [
        {
            "schema": "gittrack.environment/1",
            "python": f"3.11.{patch}",
            "platform": "Linux",
            "packages": packages,
        }
        for patch in range(5)
    ]


def stream(place: git.Git, count: int, *, points: int, seed: int) -> Iterator[bytes]:
    """What `git fast-import` reads: a commit for every 1,000 runs."""
    chance = random.Random(seed)  # noqa: S311  not for secrets
    parent = branch.tip(place) or branch.start(place)
    environments = _environments()
    for number, environment in enumerate(environments, 1):
        yield b"blob\nmark :%d\n" % number + fast_import.data(dump(environment))
    for number in range(count):
        if number % 1000 == 0:
            yield fast_import.commit_head(place, git.RUNS, "runs", parent=None if number else parent)
        run, series = run_of(number, count, chance, points)
        folder = layout.run_directory(run)
        files = layout.run_files(run, series, None)
        if number % 20 == 0:
            stamp = layout.Stamp((run.end_time or 0) + 60_000, "synthetic0")
            edited = layout.Edited(
                stamp, stamp.clock, "Ada <ada@example.org>", (events.TagsSet({"seen": "yes"}),)
            )
            name, content = layout.edit_file(folder, run.id, edited)
            files[name] = content
        for name, content in files.items():
            yield b"M 100644 inline %s\n" % fast_import.quote_path(name) + fast_import.data(content)
        mark = 1 + number % len(environments)
        yield b"M 100644 :%d %s\n" % (mark, fast_import.quote_path(f"{folder}/environment.yaml"))


def fill(repository: Path, count: int, *, points: int = 10, seed: int = 0) -> None:
    """Add `count` runs to a repository."""
    place = git.discover(repository)
    process = place.popen("fast-import", "--quiet", "--done", "--date-format=raw")
    with contextlib.closing(process.stdin) as stdin:  # type: ignore[type-var]  # it is a pipe
        for part in stream(place, count, points=points, seed=seed):
            stdin.write(part)  # type: ignore[union-attr]
        stdin.write(b"done\n")  # type: ignore[union-attr]
    if process.wait():
        raise SystemExit(process.stderr.read().decode() if process.stderr else "git fast-import failed")


def main() -> None:
    """Make the repository where there is none, and fill it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("repository", type=Path)
    options.add_argument("count", type=int)
    options.add_argument("--points", type=int, default=10, help="points of each of the 8 metrics")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    if not given.repository.exists():
        subprocess.run(["git", "init", "--quiet", given.repository], check=True)
    started = time.perf_counter()
    fill(given.repository, given.count, points=given.points, seed=given.seed)
    print(f"{given.count} runs in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
