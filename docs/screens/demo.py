"""A repository with runs to look at: real ones, made by gittrack, of trainings that are made up."""

from __future__ import annotations

import math
import os
import random
import subprocess
from typing import TYPE_CHECKING

import gittrack

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.tracking.active import ActiveRun

_TRAIN = """\
def train(lr: float, epochs: int) -> float:
    loss = 1.0
    for _ in range(epochs):
        loss *= 1 - lr
    return loss
"""
_MODELS = (
    ("cnn", 0.1, 0),
    ("cnn", 0.1, 1),
    ("cnn", 0.1, 2),
    ("cnn", 0.03, 0),
    ("vit", 0.003, 0),
    ("vit", 0.01, 0),
)


def make(folder: Path) -> Path:
    """The repository, made in a folder that does not exist yet; the current folder is in it afterwards."""
    folder.mkdir(parents=True)
    os.chdir(folder)
    _git("init", "--quiet", "--initial-branch=main")
    _git("config", "user.name", "Ada")
    _git("config", "user.email", "ada@example.org")
    (folder / "train.py").write_text(_TRAIN)
    (folder / "gittrack.yaml").write_text("metrics:\n  acc: {goal: max}\n  loss: {goal: min}\n")
    _git("add", ".")
    _git("commit", "--quiet", "--message=A training")
    for number, (model, lr, seed) in enumerate(_MODELS):
        if model == "vit":
            (folder / "train.py").write_text(
                _TRAIN.replace("1 - lr", f"1 - lr / {number}") + "\n# attention\n"
            )
        _run(folder, model, lr, seed, fails=number == 3)
    return folder


def _run(folder: Path, model: str, lr: float, seed: int, *, fails: bool) -> None:
    params = {
        "model": model,
        "lr": lr,
        "seed": seed,
        "epochs": 20,
        "batch_size": 64 if model == "cnn" else 32,
    }
    name = f"{model}-{lr:g}" if seed == 0 else f"{model}-{lr:g}-s{seed}"
    try:
        with gittrack.start_run(name, experiment="digits", params=params, tags={"team": "vision"}) as run:
            epochs = learn(random.Random(f"{model}{lr}{seed}"), lr, 8 if fails else 20)
            _finish(folder, run, epochs)
            if fails:
                msg = "loss is NaN"
                raise FloatingPointError(msg)
    except FloatingPointError:
        pass


def learn(chance: random.Random, lr: float, epochs: int) -> list[tuple[int, float, float]]:
    """Log curves that look like a training; epoch, loss and accuracy of each epoch."""
    found = []
    speed = 0.6 + 2.5 * lr
    for step in range(epochs * 10):
        loss = 2.3 * math.exp(-speed * step / 60) + 0.08 + chance.gauss(0, 0.02)
        acc = 1 - 0.9 * math.exp(-speed * step / 50) - 0.03 + chance.gauss(0, 0.005)
        gittrack.log_metrics({"loss": loss, "acc": min(acc, 0.999), "epoch": step / 10}, step=step)
        gittrack.log_metrics(
            {
                "system/cpu_percent": 60 + 20 * math.sin(step / 9) + chance.gauss(0, 4),
                "gpu/0/utilisation": 90 + chance.gauss(0, 3),
            },
            step=step,
        )
        if step % 10 == 9:
            found.append((step // 10, loss, acc))
    return found


def _finish(folder: Path, run: ActiveRun, epochs: list[tuple[int, float, float]]) -> None:
    del run
    lines = [f"epoch {epoch:2}  loss {loss:.4f}  acc {acc:.4f}" for epoch, loss, acc in epochs]
    (folder / "output.log").write_text("\n".join(["training on 60,000 digits", *lines]) + "\n")
    (folder / "epochs.csv").write_text(
        "epoch,loss,acc\n" + "".join(f"{epoch},{loss:.4f},{acc:.4f}\n" for epoch, loss, acc in epochs)
    )
    _confusion(folder / "confusion.png")
    for name in ("output.log", "epochs.csv", "confusion.png"):
        gittrack.log_artifact(folder / name)
        (folder / name).unlink()


def _confusion(path: Path) -> None:
    from PIL import Image

    image = Image.new("RGB", (120, 120))
    chance = random.Random(7)
    for y in range(120):
        for x in range(120):
            same = x // 12 == y // 12
            value = 230 if same else chance.randrange(20, 60)
            image.putpixel((x, y), (value // 3, value // 2 if same else value // 4, value))
    image.save(path)


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True)
