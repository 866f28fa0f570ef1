from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gittrack.cli.main import invoke
from gittrack.core.events import TagsSet
from tests.cli.recorded import begin, record

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from gittrack.store.runs import RunStore


def test_branch(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """The commits of the runs branch, the newest first."""
    first, second = record(store, name="a"), record(store, name="b")
    assert invoke(["log", "--json"]) == 0
    subjects = [one["subject"] for one in json.loads(capsys.readouterr().out)]
    assert second.id in subjects[0]
    assert first.id in subjects[1]
    assert invoke(["log", "-n", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_no_branch(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    """Without a branch there is no history."""
    assert invoke(["log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_one_run(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run's start, end and who changed what, both values where a tag changed twice."""
    run = record(store, name="base")
    store.edit([run.id], [TagsSet({"best": "yes"})])
    store.edit([run.id], [TagsSet({"best": "no"})])
    assert invoke(["log", "base"]) == 0
    out = capsys.readouterr().out
    assert "Ada <ada@example.org>  tag best: yes\n" in out
    assert "tag best: yes → no" in out
    assert invoke(["log", "base", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in body] == ["start", "end", "tag", "tag"]


def test_live_run(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that goes on has started."""
    run, journal = begin(store)
    assert invoke(["log", run.id, "--json"]) == 0
    journal.close()
    assert [one["kind"] for one in json.loads(capsys.readouterr().out)] == ["start"]
