"""Fits a line to noisy points, and logs through the journal: the environment needs no gittrack."""

import argparse
import json
import os
from pathlib import Path

import numpy as np


def log(**event):
    with Path(os.environ.get("GITTRACK_JOURNAL", os.devnull)).open("a") as journal:
        journal.write(json.dumps(event) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--slope", type=float, default=2.0)
    parser.add_argument("--points", type=int, default=200)
    args = parser.parse_args()
    noise = np.random.default_rng(int(os.environ.get("GITTRACK_SEED", "0")))
    x = np.linspace(0, 10, args.points)
    y = args.slope * x + noise.normal(size=args.points)
    slope, offset = np.polyfit(x, y, 1)
    residual = float(np.sqrt(np.mean((y - slope * x - offset) ** 2)))
    log(event="metric", metrics={"slope": float(slope), "rmse": residual})
    print(f"slope {slope:.3f}, rmse {residual:.3f}")


if __name__ == "__main__":
    main()
