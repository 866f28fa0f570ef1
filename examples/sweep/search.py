"""Search with a function: every call is a run, nested in the run of the sweep.

python examples/sweep/search.py --trials 20 --sampler tpe
"""

from __future__ import annotations

import argparse

from train import train

import gittrack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--sampler", choices=["random", "tpe"], default="random")
    asked = parser.parse_args()
    result = gittrack.sweep(
        train,
        {"learning_rate": "loguniform(0.01, 0.5)", "depth": range(1, 5), "stages": 30},
        sampler=asked.sampler,
        trials=asked.trials,
        seed=1,
        workers=2,
        metric="val_loss",
        goal="min",
    )
    if result.best is not None:
        print(f"best of {len(result.trials)}: {result.best.value:.4f} with {dict(result.best.params)}")
    print(f"gittrack show @best:val_loss:{result.run_id}")


if __name__ == "__main__":
    main()
