"""Measure gittrack and its peers side by side: `python benchmarks/run.py [--peers none] [--only NAME]`.

Environments are made by uv under `benchmarks/.envs`. Without peers it takes a few minutes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from harness.context import Context
from harness.environments import OURS, PEERS, Tool, prepare, version_of
from harness.repositories import make_home
from harness.results import Results, as_markdown, as_text

FIGURES = (
    "startup",
    "log_metric",
    "thousand_points",
    "small_run",
    "wrapper",
    "sweep",
    "snapshot",
    "listing",
    "ui",
    "report",
    "review",
    "processes",
    "clones",
    "kills",
    "artifacts_local",
    "artifacts_s3",
    "project",
    "reproduce",
    "serving",
    "scoring",
    "image_size",
)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", default="all", help="all, none, or names with commas (default: all)")
    parser.add_argument("--without-gittrack", action="store_true", help="the peers alone")
    parser.add_argument("--only", action="append", choices=FIGURES, help="one figure; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a quick look (default: 1)")
    parser.add_argument(
        "--scratch", type=Path, help="where to make repositories (default: the temporary folder)"
    )
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--markdown", type=Path, help="write a table for the documentation here")
    return parser.parse_args()


def chosen(peers: str, *, ours: bool) -> tuple[Tool, ...]:
    """Gittrack and the peers asked for, those apart whose environment cannot be made."""
    names = {"all": [peer.name for peer in PEERS], "none": []}.get(peers, peers.split(","))
    wanted = [OURS] * ours + [peer for peer in PEERS if peer.name in names]
    ready = []
    for tool in wanted:
        reason = prepare(tool)
        if reason:
            print(f"{tool.name} is left out: {reason}", file=sys.stderr)
        else:
            ready.append(tool)
    return tuple(ready)


def main() -> None:
    """Measure, print, write."""
    asked = options()
    tools = chosen(asked.peers, ours=not asked.without_gittrack)
    results = Results(versions={tool.environment: version_of(tool) for tool in tools})
    with tempfile.TemporaryDirectory(
        dir=asked.scratch, prefix="bench-", ignore_cleanup_errors=True
    ) as scratch:
        context = Context(tools, Path(scratch), make_home(Path(scratch)), asked.scale)
        for name in asked.only or FIGURES:
            began = time.monotonic()
            figure = importlib.import_module(f"figures.{name}")
            results.rows.extend(figure.measure(context))
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    results.load_after = os.getloadavg()[0]
    print(as_text(results.rows))
    if asked.json:
        asked.json.write_text(json.dumps(results.document(), indent=1, ensure_ascii=False) + "\n")
    if asked.markdown:
        asked.markdown.write_text(as_markdown(results))


if __name__ == "__main__":
    main()
