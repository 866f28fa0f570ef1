"""SIGKILL at random moments while logging, committing and pushing; then everything is counted.

Half of the kills take the process alone, half its Git children too. The remote's own process lives on,
as it does on a server.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from harness.environments import ROOT
from harness.measure import Failed
from harness.repositories import git
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.context import Context

_PHASES = {"logging": ".", "committing": "ending", "pushing": "pushing"}
_SPANS = {"committing": ("ending", "ended"), "pushing": ("pushing", "pushed")}
_LOGGING = 0.02  # seconds
_DEAD = {"killed", "lost"}


@dataclass
class Acknowledged:
    """What a victim had been told before it died: per run the points, and how far it got."""

    points: dict[str, int] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, files: list[Path]) -> Acknowledged:
        """All that the victims noted; a last line cut short counts as not said."""
        told = cls()
        for file in files:
            run = ""
            for line in file.read_text().split("\n")[:-1] if file.exists() else []:
                if line.startswith("run "):
                    run = line[4:]
                    told.points[run], told.reached[run] = 0, "logging"
                elif line == ".":
                    told.points[run] += 1
                else:
                    told.reached[run] = line
        return told


def measure(context: Context) -> Iterator[Measured]:
    """Points, statuses and locks after the kills, and what `git fsck` says."""
    tool = context.ours
    if tool is None or not hasattr(os, "fork"):
        return
    rounds = context.times(1000, 30)
    remote = context.scratch / "kills-remote.git"
    repository = context.repository("kills")
    git(context.home, context.scratch, "init", "-q", "--bare", "-b", "main", str(remote))
    git(context.home, repository, "remote", "add", "origin", str(remote))
    server = "setsid --wait git-receive-pack" if shutil.which("setsid") else "git-receive-pack"
    git(context.home, repository, "config", "remote.origin.receivepack", server)
    notes = context.scratch / "kills-notes"
    notes.mkdir()
    env = tool.environ(context.home)
    died = _kill(tool.python, repository, env, notes, rounds)
    found = _witness(tool.python, repository, env, "again")
    told = Acknowledged.read(sorted(notes.iterdir()))
    figure, note = (
        f"{sum(died.values())} SIGKILLs",
        ", ".join(f"{many} {phase}" for phase, many in died.items()),
    )
    lost = sum(max(0, count - found.get(run, ("", 0))[1]) for run, count in told.points.items())
    wrong = [run for run, reached in told.reached.items() if not _true(found.get(run), reached)]
    yield Measured(
        f"{figure}: points lost", tool.name, lost, f"of {sum(told.points.values()):,}", "<= 0", note
    )
    yield Measured(
        f"{figure}: wrong statuses",
        tool.name,
        len(wrong),
        f"of {len(told.points):,}",
        "<= 0",
        _why(wrong, found, told),
    )
    yield Measured(
        f"{figure}: wrong values", tool.name, sum(not right for *_, right in found.values()), "runs", "<= 0"
    )
    pushed = _pushed(context, tool.python, remote, env)
    arrived = sum(reached == "pushed" for reached in told.reached.values())
    missing = [run for run, reached in told.reached.items() if reached == "pushed" and run not in pushed]
    yield Measured(
        f"{figure}: pushed runs lost", tool.name, len(missing), "runs", "<= 0", f"{arrived} told so"
    )
    locks = [
        path
        for place in (repository / ".git", remote)
        for path in place.rglob("*.lock")
        if ".git/gittrack/" not in path.as_posix()
    ]
    yield Measured(
        f"{figure}: stuck locks",
        tool.name,
        len(locks),
        "files",
        "<= 0",
        " ".join(str(path.relative_to(context.scratch)) for path in locks[:3]),
    )
    yield Measured(
        f"{figure}: git fsck complaints", tool.name, _fsck(context, repository, remote), "lines", "<= 0"
    )


def _true(found: tuple[str, int, bool] | None, reached: str) -> bool:
    if found is None:
        return False
    if reached == "logging":
        return found[0] in _DEAD
    return found[0] == "finished" or (reached == "ending" and found[0] in _DEAD)


def _why(wrong: list[str], found: dict[str, tuple[str, int, bool]], told: Acknowledged) -> str:
    counts = Counter(
        f"{told.reached[run]} -> {found[run][0] if run in found else 'missing'}" for run in wrong
    )
    return ", ".join(f"{many} {what}" for what, many in counts.most_common(3))


def _kill(python: Path, cwd: Path, env: dict[str, str], notes: Path, rounds: int) -> Counter[str]:
    chance = random.Random(7)  # noqa: S311 # moments, not secrets
    process = subprocess.Popen(
        [python, "-W", "ignore", ROOT / "benchmarks" / "victim.py"],
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    longest = _calibrated(process.stdin, process.stdout, notes.parent / "kills-calibration")
    died: Counter[str] = Counter()
    for number in range(rounds):
        phase = list(_PHASES)[number % len(_PHASES)]
        note = notes / f"{number:05d}"
        process.stdin.write(f"{phase} {note}\n")
        process.stdin.flush()
        who = int(process.stdout.readline())
        _wait_for(note, _PHASES[phase])
        time.sleep(chance.uniform(0, longest[phase]))
        with contextlib.suppress(ProcessLookupError):  # it was quicker than when it was timed: said below
            (os.killpg if number % 2 else os.kill)(who, signal.SIGKILL)
        if int(process.stdout.readline()) != -signal.SIGKILL:
            msg = f"the victim of round {number} ({phase}) ended by itself"
            raise Failed(msg)
        died[phase] += 1
    process.stdin.close()
    process.wait()
    return died


def _calibrated(orders: IO[str], answers: IO[str], note: Path) -> dict[str, float]:
    """For each phase the seconds from its mark within which a kill is to come: twice what it takes."""
    orders.write(f"pushing {note}\n")
    orders.flush()
    who, longest = int(answers.readline()), {"logging": _LOGGING}
    for phase, (first, last) in _SPANS.items():
        _wait_for(note, first)
        before = time.monotonic()
        _wait_for(note, last)
        longest[phase] = 2 * (time.monotonic() - before)
    os.kill(who, signal.SIGKILL)
    answers.readline()
    return longest


def _wait_for(note: Path, mark: str) -> None:
    until = time.monotonic() + 60
    while not (note.exists() and f"{mark}\n" in note.read_text()):
        if time.monotonic() > until:
            msg = f"no {mark!r} within 60 s"
            raise Failed(msg)
        time.sleep(0.0005)


def _witness(python: Path, cwd: Path, env: dict[str, str], *asked: str) -> dict[str, tuple[str, int, bool]]:
    words = [str(python), str(ROOT / "benchmarks" / "witness.py"), *asked]
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=True)
    return {run: tuple(said) for run, said in json.loads(done.stdout.splitlines()[-1]).items()}


def _pushed(context: Context, python: Path, remote: Path, env: dict[str, str]) -> set[str]:
    clone = context.scratch / "kills-clone"
    git(context.home, context.scratch, "clone", "-q", str(remote), str(clone))
    subprocess.run([python, "-m", "gittrack", "pull"], cwd=clone, env=env, capture_output=True, check=True)
    return set(_witness(python, clone, env))


def _fsck(context: Context, *places: Path) -> int:
    complaints = 0
    for place in places:
        words = ["git", "fsck", "--full", "--strict", "--no-dangling", "--no-progress"]
        env = {"HOME": str(context.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(words, cwd=place, env=env, capture_output=True, text=True, check=False)
        said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("notice:")]
        complaints += len(said) or (done.returncode != 0)
    return complaints
