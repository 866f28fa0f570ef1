"""A network of PyTorch from its training to an answer over HTTP: the example that shows it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.git import git_run, make_repo

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_example(tmp_path: Path) -> None:
    """Both protocols answer, and near the sums that the network was taught."""
    repo = make_repo(tmp_path / "clone")
    shutil.copytree(EXAMPLES / "serving", repo / "serving", ignore=shutil.ignore_patterns("__pycache__"))
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "example", cwd=repo)
    environ = os.environ | {
        "GITTRACK_TRUST_FILE": str(tmp_path / "trusted"),
        "PYTHONPATH": str(EXAMPLES.parent),
    }
    words = [sys.executable, "serving/main.py", "--torch"]
    done = subprocess.run(words, cwd=repo, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for protocol in ("/invocations: [", "/v2/models/sums/infer: ["):
        line = next(line for line in done.stdout.splitlines() if line.startswith(protocol))
        first, second = (float(text.strip("[] ")) for text in line.partition(": ")[2].split(","))
        assert abs(first - 1.0) < 0.3, line
        assert abs(second - 4.0) < 1.0, line
