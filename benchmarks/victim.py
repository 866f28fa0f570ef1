"""What gets killed: for each line on standard input, a forked child that records runs until it dies.

A line is `PHASE FILE`. The child appends to FILE what came back to it: `run ID`, `.` a point, `ending`,
`ended`, `pushing`, `pushed`. The answer on standard output is the child's process id, then `gone`.
"""

from __future__ import annotations

import os
import sys

import gittrack
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import push


def child(phase: str, file: str) -> None:
    """Record runs for ever, in a process group of its own."""
    os.setsid()
    note = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    store = RunStore.open()
    while True:
        run = gittrack.start_run(params={"phase": phase})
        os.write(note, f"run {run.run_id}\n".encode())
        step = 0
        while phase == "logging" or step < 20:
            gittrack.log_metric("loss", step / 7, step)
            os.write(note, b".\n")
            step += 1
        os.write(note, b"ending\n")
        gittrack.end_run()
        os.write(note, b"ended\n")
        if phase == "pushing":
            os.write(note, b"pushing\n")
            push(store)
            os.write(note, b"pushed\n")


def main() -> None:
    """Fork, say who, wait, say that it is gone."""
    gittrack.log_metric, gittrack.start_run, gittrack.end_run  # noqa: B018 # loaded once, before the forks
    for line in sys.stdin:
        phase, file = line.split()
        who = os.fork()
        if not who:
            try:
                child(phase, file)
            finally:
                os._exit(1)
        print(who, flush=True)
        _, status = os.waitpid(who, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
