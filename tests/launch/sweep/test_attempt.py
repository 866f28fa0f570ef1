from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.sweep.trials import NUMBER
from gittrack.launch.sweep.workers import leftovers
from gittrack.query.search import search
from gittrack.store.runs import RunStore
from tests.support.sweeps import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.core.records import Run

TRIALS = 16
PATIENCE = 60.0


def wait_until(found: Callable[[], bool]) -> None:
    """Look again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


def started(repo: Path) -> int:
    """How many runs there are, live or not."""
    store = RunStore.open(start=repo)
    return len(search(store, limit=None))


def begun(repo: Path, before: int, sweep: subprocess.Popen[bytes]) -> bool:
    """Whether it has begun a run, or has ended."""
    return started(repo) > before or sweep.poll() is not None


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_and_resumed_each_trial_finishes_once(
    repo: Path, tmp_path: Path, seed: int
) -> None:
    """SIGKILL to the sweep alone, again and again: no trial is lost, none finishes twice."""
    rng = random.Random(seed)
    words = program(tmp_path / "tune.py", TRIALS)
    sweep_id: list[str] = []
    for attempt in range(4):
        before = started(repo)
        sweep = subprocess.Popen([*words, "tune", *sweep_id], cwd=repo, stderr=subprocess.DEVNULL)
        if attempt == 3:
            assert sweep.wait(PATIENCE) == 0
            break
        wait_until(partial(begun, repo, before, sweep))
        time.sleep(rng.uniform(0, 0.15))  # the moment is the point: any will do
        sweep.kill()
        sweep.wait()
        (found,) = search(RunStore.open(start=repo), "name = 'tune'")
        sweep_id = [found.id]
    store = RunStore.open(start=repo)
    store.recover()
    runs = search(store, f"parent_id = '{sweep_id[0]}'", limit=None)
    finished = Counter(run.tags[NUMBER] for run in runs if run.status == "finished")
    assert finished == Counter(map(str, range(TRIALS)))
    assert store.get(sweep_id[0]).status == "finished"
    assert leftovers(store.git.directory / "sweeps" / sweep_id[0]) == 0


def test_a_second_interrupt_kills_what_will_not_end(repo: Path) -> None:
    """A trial that ignores ^C is given up at the second one; its run says killed."""
    code = "import signal, time, gittrack\ndef f(x):\n"
    code += "    signal.signal(signal.SIGINT, signal.SIG_IGN); gittrack.log_metric('m', x); time.sleep(600)\n"
    code += "gittrack.sweep(f, {'x': [1, 2]})"
    sweep = subprocess.Popen([sys.executable, "-c", code], cwd=repo, stderr=subprocess.PIPE)

    def trial() -> Run | None:
        live = [run for run in RunStore.open(start=repo).live() if NUMBER in run.tags]
        return live[0] if live else None

    with sweep:
        wait_until(lambda: trial() is not None)
        sweep.send_signal(signal.SIGINT)
        time.sleep(0.3)
        sweep.send_signal(signal.SIGINT)
        _, said = sweep.communicate(timeout=PATIENCE)
    assert b"KeyboardInterrupt" in said
    statuses = {run.status for run in search(RunStore.open(start=repo))}
    assert statuses == {"interrupted", "killed"}


def test_a_resumed_sweep_waits_for_what_still_runs(repo: Path, store: RunStore, tmp_path: Path) -> None:
    """A worker of a killed attempt is waited for: two processes never work on one trial."""
    from gittrack.launch.sweep import worker

    words = program(tmp_path / "tune.py", 2)
    subprocess.run([*words, "tune"], cwd=repo, check=True)
    (found,) = search(store, "name = 'tune'")
    folder = store.git.directory / "sweeps" / found.id
    folder.mkdir(parents=True)
    with worker.lock_of(folder / "somebody"):
        assert leftovers(folder) == 1
        sweep = subprocess.Popen([*words, "tune", found.id], cwd=repo)
        wait_until(lambda: RunStore.open(start=repo).is_live(found.id))
        with contextlib.suppress(subprocess.TimeoutExpired):
            sweep.wait(0.3)
        assert sweep.poll() is None
    assert sweep.wait(PATIENCE) == 0
    assert json.dumps(os.listdir(store.git.directory / "live")) == "[]"  # noqa: PTH208  names alone
