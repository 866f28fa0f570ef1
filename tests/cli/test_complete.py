from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from tests.cli.recorded import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.store.runs import RunStore

    Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """What the shell is told for a command line that ends where the cursor is."""

    def ask(words: str) -> list[str]:
        monkeypatch.setenv("_GITTRACK_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
        with pytest.raises(SystemExit):
            invoke([])
        return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines() if line]

    return ask


def test_runs(store: RunStore, complete: Complete) -> None:
    """Ids and names of runs; a name that a shell would read otherwise is left out."""
    run = record(store, name="base")
    record(store, name="$(rm -rf)")
    assert complete("gittrack show ba") == ["base"]
    assert run.id in complete("gittrack show 2")
    assert complete("gittrack show @") == ["@last", "@best:", "@worst:"]
    assert complete("gittrack show $") == []


def test_experiments(store: RunStore, complete: Complete) -> None:
    """Experiments."""
    record(store, experiment="digits")
    assert complete("gittrack ls -e d") == ["digits"]


def test_metrics(store: RunStore, complete: Complete) -> None:
    """Names of metrics."""
    record(store)
    assert complete("gittrack show x --metrics l") == ["loss"]
    assert "loss" in complete("gittrack plot l")


def test_keys(store: RunStore, complete: Complete) -> None:
    """Keys for sorting and filters."""
    record(store, params={"lr": 1}, tags={"owner": "ada"})
    assert complete("gittrack ls --sort p") == ["params.lr"]
    assert complete("gittrack ls t") == ["tags.owner"]


def test_outside_of_a_repository(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, complete: Complete
) -> None:
    """Where nothing can be known, nothing is completed, and nothing is said."""
    monkeypatch.chdir(str(tmp_path))
    assert complete("gittrack show ba") == []
