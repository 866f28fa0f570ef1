from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import gittrack
from gittrack.core.records import Run, Source
from gittrack.core.times import now_ms
from gittrack.tracking.begin import begin
from gittrack.tracking.surroundings import NESTED_IN

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


def test_what_is_known_is_recorded_as_it_is(store: RunStore) -> None:
    """Nothing is captured again, and module functions log to it until it ends."""
    known = Run(id=store.new_id(), start_time=now_ms(), source=Source(commit="c" * 40), tags={"a": "b"})
    run = begin(store, known, {"python": {"version": "3.99"}})
    assert os.environ[NESTED_IN] == run.run_id
    gittrack.log_metric("loss", 1)
    assert run.record is None
    run.end()
    assert run.record == store.get(run.run_id)
    assert run.record is not None
    assert replace(run.record, metrics={}) == replace(
        known, status="finished", end_time=run.record.end_time, peak_memory=run.record.peak_memory
    )
    assert run.record.metrics["loss"].last == 1
    assert store.environment(run.run_id)["python"] == {"version": "3.99"}
    assert NESTED_IN not in os.environ
    assert gittrack.active_run() is None
