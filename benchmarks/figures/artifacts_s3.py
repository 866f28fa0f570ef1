"""Artifacts to an S3 store and back, beside s3fs, aws s3 cp and dvc, against one SeaweedFS on this machine.

gittrack and s3fs are timed within their process, from opening the store on; the commands as whole
processes. All move to storage what they have prepared before (gittrack's and dvc's local stores are
filled untimed), and fetch into a fresh local store or folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.files import random_file, random_folder
from harness.measure import Failed
from harness.results import Measured
from harness.stores import AWS, BUCKET, DVC, ENDPOINT, GITTRACK, S3FS, ready, s3_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context
    from harness.environments import Tool

_WORKER = Path(__file__).resolve().parents[1] / "store_worker.py"
_ROUNDS = 2


@dataclass(frozen=True)
class Trip:
    """What is moved, by whom, as what.

    Attributes:
        context: of the run.
        source: the file or folder.
        round: number; each has a place of its own in the store.
    """

    context: Context
    source: Path
    round: int

    @property
    def store(self) -> str:
        """Bucket and prefix."""
        return f"{BUCKET}/{self.source.name}-{self.round}"

    @property
    def folder(self) -> Path:
        """Where gittrack and dvc keep what is theirs."""
        return self.context.scratch / f"{self.source.name}-{self.round}"


def measure(context: Context) -> Iterator[Measured]:
    """All figures of the store; peers only when they are asked for."""
    if context.ours is None:
        return
    peers = (S3FS, AWS, DVC) if len(context.tools) > 1 else ()
    ready(GITTRACK, *peers)
    with s3_server(context.scratch):
        yield from _one_big(context, peers)
        yield from _many_small(context, peers)
        yield from _checkpoint(context)
        yield from _memory(context)


def _one_big(context: Context, peers: tuple[Tool, ...]) -> Iterator[Measured]:
    size = context.times(1_000_000_000, 100_000_000)
    source = random_file(context.scratch / "one", size)
    best = _best(context, source, peers)
    for direction, what in (("up", "to S3"), ("down", "from S3")):
        figure = f"{size / 1e9:.1f} GB {what}"
        rates = {tool: size / seconds / 1e6 for (tool, way), seconds in best.items() if way == direction}
        for tool, rate in rates.items():
            yield Measured(figure, tool, rate, "MB/s")
        others = [rate for tool, rate in rates.items() if tool != "gittrack"]
        if others:
            part = 100 * rates["gittrack"] / max(others)
            yield Measured(f"{figure}, of the best peer", "gittrack", part, "%", ">= 90")


def _many_small(context: Context, peers: tuple[Tool, ...]) -> Iterator[Measured]:
    count = context.times(2000, 200)
    source = random_folder(context.scratch / "many", count, 10_000)
    best = _best(context, source, peers)
    for direction, what in (("up", "to S3"), ("down", "from S3")):
        figure = f"{count:,} files of 10 KB {what}"
        for (tool, way), seconds in best.items():
            if way == direction:
                yield Measured(figure, tool, seconds, "s")
    if peers:
        up = {tool: seconds for (tool, way), seconds in best.items() if way == "up"}
        figure = f"{count:,} files of 10 KB to S3, rate of"
        for peer, limit in ((S3FS, ">= 100"), (AWS, ">= 200"), (DVC, ">= 100")):
            part = 100 * up[peer.name] / up["gittrack"]
            yield Measured(f"{figure} {peer.name}", "gittrack", part, "%", limit)
    said = _gittrack(Trip(context, source, 0), "up")
    note = f"{said['seconds']:.2f} s, {said['files']} files moved"
    yield Measured(
        f"{count:,} files again: requests", "gittrack", said["requests"], "", f"<= {count // 1000 + 2}", note
    )


def _checkpoint(context: Context) -> Iterator[Measured]:
    """A directory of a hundred files, one of which changes."""
    size = context.times(10_000_000, 100_000)
    source = random_folder(context.scratch / "checkpoint", 100, size)
    trip = Trip(context, source, 0)
    _gittrack(trip, "put")
    _gittrack(trip, "up")
    random_file(source / "00042", size)
    _gittrack(trip, "put")
    said = _gittrack(trip, "up")
    figure = f"1 % of {size / 1e7:.1f} GB changed: moved"
    note = f"{said['files']} objects, {said['seconds']:.2f} s, {said['requests']} requests"
    yield Measured(figure, "gittrack", said["bytes"] / size, "files", "<= 1.01", note)


def _memory(context: Context) -> Iterator[Measured]:
    """A file of 10 GB, if there is room for four of them."""
    size = context.times(10_000_000_000, 200_000_000)
    while size * 4 > shutil.disk_usage(context.scratch).free:
        size //= 2
    trip = Trip(context, random_file(context.scratch / "huge", size), 0)
    _gittrack(trip, "put")
    trip.source.unlink()
    for direction, what in (("up", "to"), ("down", "from")):
        said = _gittrack(trip, direction)
        figure, note = (
            f"peak memory, {size / 1e9:.1f} GB {what} S3",
            f"{size / said['seconds'] / 1e6:.0f} MB/s",
        )
        yield Measured(figure, "gittrack", said["peak_mb"], "MB", "<= 300", note)
    shutil.rmtree(trip.folder)


def _best(context: Context, source: Path, peers: tuple[Tool, ...]) -> dict[tuple[str, str], float]:
    """The best seconds of each tool, up and down, in rounds that take turns."""
    best: dict[tuple[str, str], float] = {}
    for number in range(_ROUNDS):
        trip = Trip(context, source, number)
        for tool in (GITTRACK, *peers):
            for direction in ("up", "down"):
                os.sync()
                seconds = _move(trip, tool, direction)
                key = (tool.name, direction)
                best[key] = min(seconds, best.get(key, seconds))
        if number:
            shutil.rmtree(trip.folder)
    return best


def _move(trip: Trip, tool: Tool, direction: str) -> float:
    if tool is GITTRACK:
        if direction == "up":
            _gittrack(trip, "put")
        return float(_gittrack(trip, direction)["seconds"])
    if tool is S3FS:
        words: list[str | Path] = [
            S3FS.python,
            _WORKER,
            "s3fs",
            direction,
            ENDPOINT,
            f"{trip.store}/s3fs",
            trip.source,
        ]
        seconds = float(json.loads(_run(S3FS, trip, words))["seconds"])
        _forget(trip.source.with_name("s3fs-back"))
        return seconds
    return _aws(trip, direction) if tool is AWS else _dvc(trip, direction)


def _gittrack(trip: Trip, verb: str) -> dict[str, Any]:
    trip.folder.mkdir(exist_ok=True)
    (trip.folder / "source").write_text(str(trip.source))
    if verb == "down":
        _forget(trip.folder / "cache")
    place = f"{trip.store}/gittrack"
    words: list[str | Path] = [GITTRACK.python, _WORKER, "gittrack", verb, ENDPOINT, place, trip.folder]
    said: dict[str, Any] = json.loads(_run(GITTRACK, trip, words))
    return said


def _aws(trip: Trip, direction: str) -> float:
    there, back = f"s3://{trip.store}/aws", trip.source.with_name("aws-back")
    ends: list[str | Path] = [trip.source, there] if direction == "up" else [there, back]
    more = ["--recursive"] if trip.source.is_dir() else []
    seconds = _timed(AWS, trip, [AWS.script("aws"), "s3", "cp", "--only-show-errors", *more, *ends])
    _forget(back)
    return seconds


def _dvc(trip: Trip, direction: str) -> float:
    dvc, place = DVC.script("dvc"), trip.folder / "dvc"
    if direction == "up":
        place.mkdir()
        _run(DVC, trip, [dvc, "init", "-q", "--no-scm"], place)
        _run(DVC, trip, [dvc, "remote", "add", "-d", "s3", f"s3://{trip.store}/dvc"], place)
        _run(DVC, trip, [dvc, "remote", "modify", "s3", "endpointurl", ENDPOINT], place)
        copy = shutil.copytree if trip.source.is_dir() else shutil.copyfile
        copy(trip.source, place / "data")
        _run(DVC, trip, [dvc, "add", "-q", "data"], place)
        return _timed(DVC, trip, [dvc, "push", "-q"], place)
    _forget(place / ".dvc" / "cache")
    return _timed(DVC, trip, [dvc, "fetch", "-q"], place)


def _timed(tool: Tool, trip: Trip, words: list[str | Path], cwd: Path | None = None) -> float:
    before = time.perf_counter()
    _run(tool, trip, words, cwd)
    return time.perf_counter() - before


def _run(tool: Tool, trip: Trip, words: list[str | Path], cwd: Path | None = None) -> str:
    env = tool.environ(trip.context.home)
    where = cwd or trip.context.scratch
    done = subprocess.run(words, cwd=where, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"{tool.name} {words[1:4]}: {done.stderr[-600:]}"
        raise Failed(msg)
    return done.stdout


def _forget(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
