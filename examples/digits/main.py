"""Train with several settings, then compare the runs: `python examples/digits/main.py`.

Each setting is one `gittrack run`; everything is recorded in the repository that this folder is in.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GITTRACK = (sys.executable, "-m", "gittrack")
SETTINGS = (
    {"lr": 0.01, "hidden": 32},
    {"lr": 0.1, "hidden": 32},
    {"lr": 0.1, "hidden": 8},
    {"lr": 0.5, "hidden": 32},
    {"lr": 0.1, "hidden": 128, "batch": 128},
)
EPOCHS = 30
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # the matrices are tiny


def train(settings: dict[str, float], epochs: int) -> None:
    name = "-".join(f"{key}{value}" for key, value in settings.items())
    words = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    words += ["--epochs", str(epochs)] * (epochs != EPOCHS)
    print(f"\n$ gittrack run --name {name} -- python examples/digits/train.py {' '.join(words)}", flush=True)
    command = [*GITTRACK, "run", "--name", name, "--experiment", "digits", "--"]
    subprocess.run(
        [*command, sys.executable, str(HERE / "train.py"), *words],
        check=True,
        cwd=HERE.parents[1],
        env=os.environ | ONE_THREAD,
    )


def gittrack(*words: str) -> None:
    print(f"\n$ gittrack {' '.join(words)}", flush=True)
    subprocess.run([*GITTRACK, *words], check=True, cwd=HERE)


def newest_runs(count: int) -> list[str]:
    words = [*GITTRACK, "ls", "--experiment", "digits", "-n", str(count), "--ids"]
    said = subprocess.run(words, check=True, cwd=HERE, stdout=subprocess.PIPE, text=True)
    return said.stdout.split()[::-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    epochs = parser.parse_args().epochs
    for settings in SETTINGS:
        train(settings, epochs)
    runs = newest_runs(len(SETTINGS))
    gittrack("compare", "--rows", *runs)
    gittrack("plot", "val_loss", *runs)


if __name__ == "__main__":
    main()
