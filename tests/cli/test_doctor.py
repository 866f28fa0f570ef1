"""`gittrack doctor`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.core.records import Run
from gittrack.core.times import now_ms
from tests.store.test_runs import recorded
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore


@pytest.fixture
def abandoned(store: RunStore) -> Run:
    """A run whose process is gone."""
    run = Run(store.new_id(), start_time=now_ms())
    store.create(run).close()
    return run


def test_healthy(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Where all is well every line says ok, and the exit status too."""
    recorded(store, 0.5)
    assert invoke(["doctor"]) == 0
    captured = capsys.readouterr()
    assert {text.split()[0] for text in captured.out.splitlines()} == {"ok"}
    assert captured.err == ""


def test_finds(abandoned: Run, store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said with its hint, and nothing is changed."""
    assert invoke(["doctor"]) == 1
    captured = capsys.readouterr()
    assert f"warning  run {abandoned.id} was abandoned\n         any command finishes it\n" in captured.out
    assert captured.err == "`gittrack doctor --repair` repairs 1 of these.\n"
    assert store.is_live(abandoned.id)


def test_repairs(abandoned: Run, store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A repair says what it did, and looks again."""
    assert invoke(["doctor", "--repair"]) == 0
    assert capsys.readouterr().out.startswith(f"repaired finished 1 run: {abandoned.id} (killed)\nok ")
    assert not store.is_live(abandoned.id)


def test_nothing_to_repair(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is wrong, nothing is repaired."""
    recorded(store, 0.5)
    assert invoke(["doctor", "--repair"]) == 0
    assert "repaired" not in capsys.readouterr().out


def test_json(abandoned: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has every finding, and what was repaired."""
    assert invoke(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    [finding] = [one for one in report["findings"] if abandoned.id in one["what"]]
    assert finding == {
        "check": "journals",
        "level": "warning",
        "what": f"run {abandoned.id} was abandoned",
        "hint": "any command finishes it",
        "repair": "recover",
        "repairable": True,
    }
    assert report["repaired"] == []


def test_error(store: RunStore) -> None:
    """An error that only people can mend is exit status 1, with and without --repair."""
    git_run("branch", "gittrack/runs", cwd=store.git.place.common_dir)
    assert invoke(["doctor"]) == 1
    assert invoke(["doctor", "--repair"]) == 1


def test_colours(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Levels are coloured where colours are wanted."""
    recorded(store, 0.5)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert invoke(["doctor"]) == 0
    assert "\x1b[32mok " in capsys.readouterr().out
