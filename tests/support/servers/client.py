"""Another process that uses a store: `python -m tests.support.servers.client VERB URL OPTIONS SOURCE NAME`.

`put` sends a file and writes whether it is new; `put-slowly` says `half` in the middle of the file and
then waits for its end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.artifacts.remote import Remote

if TYPE_CHECKING:
    from tests.support.servers.base import Access


def start(verb: str, access: Access, source: Path, name: str) -> subprocess.Popen[str]:
    """Begin it; its output can be read."""
    words = [verb, access.url, json.dumps(dict(access.options)), str(source), name]
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def main(verb: str, url: str, options: str, source: str, name: str) -> None:
    """Do it."""
    size = Path(source).stat().st_size
    done = 0

    def wait_in_the_middle(more: int) -> None:
        nonlocal done
        done += more
        if done >= size // 2:
            print("half", flush=True)  # noqa: T201  for the test
            time.sleep(600)  # it is killed

    with Remote.open(url, json.loads(options)) as remote:
        progress = wait_in_the_middle if verb == "put-slowly" else None
        new = remote.put_file(Path(source), name, progress=progress)
    print(new)  # noqa: T201  for the test


if __name__ == "__main__":
    main(*sys.argv[1:])
