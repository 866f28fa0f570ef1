"""What Prometheus reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gittrack.models.serving.counts import Counts

_OTHER = """
import sys
from pathlib import Path
from gittrack.models.serving.counts import Counts

counts = Counts(Path(sys.argv[1]))
counts.begin()
counts.end("invocations", 200, 0.003)
counts.begin()
print("ready", flush=True)
sys.stdin.read()
"""


def samples(text: str) -> dict[str, float]:
    """Names with labels to values; every line is a comment or a sample."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_requests_are_counted() -> None:
    """By protocol and status, with a cumulative histogram of their seconds."""
    counts = Counts()
    for status, seconds in ((200, 0.003), (200, 0.2), (400, 0.0001), (418, 99.0)):
        counts.begin()
        counts.end("invocations", status, seconds)
    found = samples(counts.text({"name": 'a"b\\'}))
    assert found['gittrack_requests_total{route="invocations",status="200"}'] == 2
    assert found['gittrack_requests_total{route="invocations",status="500"}'] == 1
    assert found['gittrack_requests_total{route="infer",status="200"}'] == 0
    assert found['gittrack_request_seconds_bucket{route="invocations",le="0.005"}'] == 2
    assert found['gittrack_request_seconds_bucket{route="invocations",le="+Inf"}'] == 4
    assert found['gittrack_request_seconds_count{route="invocations"}'] == 4
    assert found['gittrack_request_seconds_sum{route="invocations"}'] == 99.2031
    assert found["gittrack_requests_in_flight"] == 0
    assert found['gittrack_model_info{name="a\\"b\\\\"}'] == 1


def test_batches_and_what_is_in_flight() -> None:
    """Rows of a batch, and requests that have no answer yet."""
    counts = Counts()
    counts.begin()
    counts.batch(7)
    found = samples(counts.text({}))
    assert found["gittrack_requests_in_flight"] == 1
    assert (found["gittrack_batch_rows_sum"], found['gittrack_batch_rows_bucket{le="10"}']) == (7, 1)
    assert found['gittrack_batch_rows_bucket{le="5"}'] == 0


def test_whichever_worker_is_asked_answers_for_all(tmp_path: Path) -> None:
    """Also for those that have ended, of which nothing is in flight."""
    own = Counts(tmp_path)
    words = [sys.executable, "-c", _OTHER, str(tmp_path)]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        there = samples(own.text({}))
        other.communicate()
    gone = samples(own.text({}))
    total = 'gittrack_requests_total{route="invocations",status="200"}'
    assert (there[total], there["gittrack_workers"], there["gittrack_requests_in_flight"]) == (1, 2, 1)
    assert (gone[total], gone["gittrack_workers"], gone["gittrack_requests_in_flight"]) == (1, 1, 0)
