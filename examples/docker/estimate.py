"""Estimates pi with random points; runs in the container that the Dockerfile describes."""

import json
import os
import random
import sys
from pathlib import Path


def main(points):
    points_from = random.Random(Path("/opt/seed.txt").read_text())  # noqa: S311  no secrets here
    inside = 0
    with Path(os.environ.get("GITTRACK_JOURNAL", os.devnull)).open("a") as journal:
        for number in range(1, points + 1):
            inside += points_from.random() ** 2 + points_from.random() ** 2 <= 1
            if number % 1000 == 0:
                point = {"event": "metric", "key": "pi", "value": 4 * inside / number, "step": number}
                journal.write(json.dumps(point) + "\n")
    Path("pi.txt").write_text(f"{4 * inside / points}\n")
    print(4 * inside / points)


if __name__ == "__main__":
    main(int(sys.argv[1]))
