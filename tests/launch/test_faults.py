"""One fault at a time in a recorded run or around it: the verdict, and the first suspect or reason."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.records import Artifact, Input, Source
from gittrack.launch.reproduction.judging import verdict_of
from gittrack.launch.reproduction.reproduce import repeat_run
from gittrack.tracking.edit import hide
from tests.support.faults import forged, make_training, train

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.core.records import Run
    from gittrack.query.verdict.judge import Verdict
    from gittrack.store.runs import RunStore

DATA = "data/train.csv"
METRICS = "metrics:\n  loss: {goal: min, rtol: 0.01}\n"
COMPARE = 'artifacts:\n  compare:\n    "*.csv": {compare: numeric, rtol: 0.01}\n'


class Bench:
    """A recorded training, and how to repeat it."""

    def __init__(self, store: RunStore, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.top, self.patch = store, top, monkeypatch

    def settings(self, text: str) -> None:
        """What `gittrack.yaml` of the user's tree says from now on."""
        from gittrack.store.runs import RunStore

        (self.top / "gittrack.yaml").write_text(text)
        self.store = RunStore.open(start=self.top)

    def again(self, run: Run, **options: Any) -> Verdict:
        """Repeat a run."""
        return repeat_run(self.store, run, **options).verdict

    def original(self, *words: str, **wish: Any) -> Run:
        """Record the training."""
        return train(self.store, *words, **wish)

    def forged(self, run: Run, **changes: Any) -> Run:
        """Record something else instead."""
        made = forged(self.store, run, **changes)
        hide(self.store, [run.id])  # or it would be one more run with this fingerprint
        return made

    def artifact(self, run: Run, path: str, content: bytes | None) -> Run:
        """A record that names an artifact, its content kept unless it is None."""
        digest = "0" * 64 if content is None else self.store.objects.put_bytes(content).sha256
        return self.forged(run, artifacts=(*run.artifacts, Artifact(path, digest, len(content or b""))))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A repository with the training."""
    return Bench(make_training(tmp_path / "repo", monkeypatch), tmp_path / "repo", monkeypatch)


Fault = tuple[str, str, str]
FAULTS: dict[str, tuple[Callable[[Bench], Any], str, str]] = {}


def fault(name: str, level: str, first: str = "") -> Callable[[Callable[[Bench], Any]], None]:
    """Add a case: its name, the verdict, and the first suspect, or a part of the first reason."""

    def add(function: Callable[[Bench], Any]) -> None:
        FAULTS[name] = (function, level, first)

    return add


@fault("nothing is changed", "identical")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.original())


@fault("the user's tree is edited after the run", "identical")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    (bench.top / "train.py").write_text("broken(\n")
    return bench.again(run)


@fault("uncommitted code was run", "identical")
def _(bench: Bench) -> Verdict:
    path = bench.top / "train.py"
    path.write_text(path.read_text().replace("loss = 1 +", "loss = 2 +"))
    run = bench.original()
    path.write_text("")
    return bench.again(run)


@fault("another version of a package", "differs", "packages")
def _(bench: Bench) -> Verdict:
    packages = {"packages": {"numpy": "1.0.0"}}
    return bench.again(bench.forged(bench.original(), environment=packages, shift=1e-3), env="local")


@fault("another version of a package, a difference like rounding", "differs", "packages")
def _(bench: Bench) -> Verdict:
    other = {"packages": {"numpy": "1.0.0"}, "variables": {"TF_DETERMINISTIC_OPS": "1"}}
    return bench.again(bench.forged(bench.original(), environment=other, shift=1e-9), env="local")


@fault("another Python", "differs", "python")
def _(bench: Bench) -> Verdict:
    other = {"python": {"version": "3.9.1"}}
    return bench.again(bench.forged(bench.original(), environment=other, shift=1e-3), env="local")


@fault("another processor, a difference like rounding", "differs", "hardware")
def _(bench: Bench) -> Verdict:
    other = {"hardware": {"cpu": "EPYC"}, "platform": {"release": "1.0"}}
    return bench.again(bench.forged(bench.original(), environment=other, shift=1e-9))


@fault("another number of threads", "differs", "threads")
def _(bench: Bench) -> Verdict:
    bench.patch.setenv("OMP_NUM_THREADS", "1")
    run = bench.original()
    bench.patch.setenv("OMP_NUM_THREADS", "4")
    return bench.again(run, env="local")


@fault("another number of threads now, the recorded one restored", "identical")
def _(bench: Bench) -> Verdict:
    bench.patch.setenv("OMP_NUM_THREADS", "1")
    run = bench.original()
    bench.patch.setenv("OMP_NUM_THREADS", "4")
    return bench.again(run)


@fault("another seed in the environment", "differs", "seed")
def _(bench: Bench) -> Verdict:
    run = bench.original(seed=1)
    bench.patch.setenv("GITTRACK_SEED", "2")
    bench.patch.setenv("PYTHONHASHSEED", "2")
    return bench.again(run, env="local")


@fault("a seed that is restored", "identical")
def _(bench: Bench) -> Verdict:
    run = bench.original(seed=1)
    bench.patch.setenv("GITTRACK_SEED", "2")
    return bench.again(run)


@fault("another seed on the command line", "differs", "seed")
def _(bench: Bench) -> Verdict:
    return verdict_of(bench.store, bench.original("--seed=1"), [bench.original("--seed=2")])


@fault("another param", "differs", "params")
def _(bench: Bench) -> Verdict:
    return verdict_of(bench.store, bench.original("--lr=1"), [bench.original("--lr=2")])


@fault("a changed line", "differs", "code")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    path = bench.top / "train.py"
    path.write_text(path.read_text().replace("loss = 1 +", "loss = 2 +"))
    return verdict_of(bench.store, run, [bench.original()])


@fault("a byte of the data", "not comparable", "input data/train.csv has changed")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    (bench.top / DATA).write_text("1 2 7\n")
    return bench.again(run)


@fault("a byte of data that was not verified", "differs", "data")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    run = bench.forged(run, inputs=(dataclasses.replace(run.inputs[0], sha256=None),))
    (bench.top / DATA).write_text("1 2 7\n")
    return bench.again(run)


@fault("a byte of the data between two runs", "differs", "data")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    (bench.top / DATA).write_text("1 2 7\n")
    return verdict_of(bench.store, run, [bench.original()])


@fault("the data is gone", "not comparable", "input data/train.csv is missing")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    (bench.top / DATA).unlink()
    return bench.again(run)


@fault("the data is gone, and was kept", "identical")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    bench.store.objects.put_file(bench.top / DATA)
    run = bench.forged(run, inputs=(dataclasses.replace(run.inputs[0], kept=True),))
    (bench.top / DATA).unlink()
    return bench.again(run)


@fault("an input outside of the code is gone", "not comparable", "is missing")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    away = Input(
        "far", (bench.top.parent / "far.csv").as_uri(), hashlib.sha256(b"").hexdigest(), 0, kind="file"
    )
    return bench.again(bench.forged(run, inputs=(*run.inputs, away)))


@fault("a metric shifted by less than its tolerance", "within tolerance")
def _(bench: Bench) -> Verdict:
    bench.settings(METRICS)
    return bench.again(bench.forged(bench.original(), shift=0.005))


@fault("a metric shifted by more than its tolerance", "differs", "randomness")
def _(bench: Bench) -> Verdict:
    bench.settings(METRICS)
    return bench.again(bench.forged(bench.original(), shift=0.05))


@fault("a metric that differs and does not count", "identical")
def _(bench: Bench) -> Verdict:
    bench.settings("metrics:\n  loss: {gate: false}\n")
    return bench.again(bench.forged(bench.original(), shift=0.05))


@fault("a missing artifact", "differs", "missing output")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.artifact(bench.original(), "model.bin", b"weights"))


@fault("a byte of an artifact", "differs", "randomness")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    before = bench.artifact(run, "model.bin", b"weights")
    return verdict_of(bench.store, before, [bench.artifact(run, "model.bin", b"weightS")])


@fault("numbers of a table shifted by less than the tolerance", "within tolerance")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    bench.settings(COMPARE)
    before = bench.artifact(run, "p.csv", b"a,b\n1,100\n")
    return verdict_of(bench.store, before, [bench.artifact(run, "p.csv", b"a,b\n1,100.5\n")])


@fault("numbers of a table shifted by more than the tolerance", "differs", "randomness")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    bench.settings(COMPARE)
    before = bench.artifact(run, "p.csv", b"a,b\n1,100\n")
    return verdict_of(bench.store, before, [bench.artifact(run, "p.csv", b"a,b\n1,105\n")])


@fault("a table that was collected", "not comparable", "p.csv: the content of the original cannot be had")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    before = bench.artifact(run, "p.csv", None)
    return verdict_of(bench.store, before, [bench.artifact(run, "p.csv", b"a,b\n1,105\n")])


@fault("the snapshot was never pushed", "not comparable", "is neither here nor on the remote")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    return bench.again(bench.forged(run, source=dataclasses.replace(run.source, snapshot="f" * 40)))


@fault("the code was not captured", "not comparable", "the code was not captured (disabled")
def _(bench: Bench) -> Verdict:
    (bench.top / "train.py").write_text("print(1)\n")
    return bench.again(bench.original(snapshot=False))


@fault("a part of the code was not captured", "differs", "code not captured")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    left = dataclasses.replace(run.source, left_out={"weights.bin": "too large"})
    return bench.again(bench.forged(run, source=left, shift=0.05))


@fault("the folder of the command is gone", "not comparable", "there is no folder 'sub'")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    return bench.again(bench.forged(run, source=dataclasses.replace(run.source, directory="sub")))


@fault("a folder outside of the code", "not comparable", "there is no folder")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    return bench.again(bench.forged(run, source=dataclasses.replace(run.source, directory="../..")))


@fault("an unseeded random number", "differs", "randomness")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.original("--unseeded=1"))


@fault("an unseeded random number, repeated", "statistically consistent", "randomness")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.original("--unseeded=1"), repeat=3)


@fault("an unseeded random number, after other repeats", "statistically consistent", "randomness")
def _(bench: Bench) -> Verdict:
    run = bench.original("--unseeded=1")
    for _ in range(2):
        bench.again(run)
    return bench.again(run)


@fault("the command fails", "failed", "randomness")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    bench.patch.setenv("FAIL", "1")
    return bench.again(run)


@fault("the command is killed", "failed", "randomness")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    bench.patch.setenv("DIE", "1")
    return bench.again(run)


@fault("a program that is not installed", "failed", "randomness")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.forged(bench.original(), command=("no-such-program",)))


@fault("a secret in the command", "not comparable", "the command holds a secret")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.forged(bench.original(), command=("python", "train.py", "--token=[redacted]")))


@fault("no command was recorded", "not comparable", "the command was not recorded")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.forged(bench.original(), command=()))


@fault("the run is a part of another", "not comparable", "it is a part of run")
def _(bench: Bench) -> Verdict:
    run = bench.original()
    return bench.again(bench.forged(run, parent_id=run.id))


@fault("no repository when it ran", "not comparable", "the code was not captured (not in a Git repository)")
def _(bench: Bench) -> Verdict:
    return bench.again(bench.forged(bench.original(), source=Source(missing="not in a Git repository")))


@pytest.mark.filterwarnings("ignore:no metrics from")
@pytest.mark.parametrize("name", FAULTS)
def test_faults(bench: Bench, name: str) -> None:
    """Each fault gets its verdict; what comes first in the explanation is the fault."""
    inject, level, first = FAULTS[name]
    verdict = inject(bench)
    assert verdict.level == level, verdict.as_json()
    if level == "not comparable":
        assert first in verdict.reasons[0]
    else:
        assert [one.cause for one in verdict.suspects][:1] == ([first] if first else []), verdict.suspects


def test_the_page_lists_them() -> None:
    """The table in the documentation has each fault with what is said of it."""
    text = (Path(__file__).parents[2] / "docs" / "reproduce.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines()}
    assert {(name, level, first) for name, (_, level, first) in FAULTS.items()} - rows == set()
    assert f"all {len(FAULTS)} get the right verdict" in text
