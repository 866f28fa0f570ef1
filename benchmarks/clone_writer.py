"""One clone that records and pushes runs: `clone_writer.py NUMBER`; begins when told to on standard input.

The answer is one line of JSON: the pushes that each sync took, and the seconds of the longest.
"""

from __future__ import annotations

import json
import sys
import time

import gittrack
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push


def main() -> None:
    """Record a run, push it, again and again."""
    store = RunStore.open()
    print("ready", flush=True)
    sys.stdin.readline()
    attempts, longest = [], 0.0
    for number in range(int(sys.argv[1])):
        with gittrack.start_run(f"run-{number}", params={"number": number}):
            gittrack.log_metric("loss", 0.5, 0)
        before = time.perf_counter()
        attempts.append(push(store).attempts)
        longest = max(longest, time.perf_counter() - before)
    print(json.dumps({"attempts": attempts, "longest_s": longest}))


if __name__ == "__main__":
    main()
