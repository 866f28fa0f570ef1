"""`gittrack push` and `gittrack pull`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.cli import shared
from gittrack.cli.main import invoke
from gittrack.cli.progress import ProgressLine
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import Outcome
from tests.store.test_runs import recorded
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def hub(repo: Path, tmp_path: Path) -> Path:
    """A bare repository that is the origin of the current one."""
    path = make_repo(tmp_path / "hub.git", "--bare", commit=False)
    git_run("remote", "add", "origin", str(path), cwd=repo)
    return path


def test_push_says_what_became_of_each_run(
    store: RunStore, hub: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new run is `new`, and on the remote."""
    one = recorded(store, 0.5)
    assert invoke(["push"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"new              {one.id}\n"
    assert captured.err == f"sent 1 run (1 new) to origin ({hub}).\n"
    assert RunStore.open(hub).get(one.id).id == one.id


def test_push_again(store: RunStore, hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When nothing is new, nothing is sent."""
    recorded(store, 0.5)
    invoke(["push"])
    capsys.readouterr()
    assert invoke(["push"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"origin ({hub}) and this clone have the same runs.\n"


def test_push_updates(store: RunStore, hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that changed is `updated`."""
    one = recorded(store, 0.5)
    invoke(["push"])
    invoke(["tag", one.id, "a=1"])
    capsys.readouterr()
    invoke(["push"])
    assert capsys.readouterr().out == f"updated          {one.id}\n"
    assert RunStore.open(hub).get(one.id).tags == {"a": "1"}


def test_pull(
    store: RunStore,
    hub: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another clone gets the runs, and says which."""
    one = recorded(store, 0.5)
    invoke(["push"])
    capsys.readouterr()
    clone = make_repo(tmp_path / "clone")
    monkeypatch.chdir(clone)
    assert invoke(["pull", str(hub)]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"received new     {one.id}\n"
    assert captured.err == f"received 1 run (1 new) from {hub}.\n"


def test_json(store: RunStore, hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is the outcome."""
    one = recorded(store, 0.5)
    assert invoke(["push", "origin", "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["remote"], outcome["url"], outcome["sent"]) == ("origin", str(hub), {one.id: "new"})


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_no_remote(store: RunStore, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """Without a remote there is a hint how to get one."""
    recorded(store, 0.5)
    assert invoke([verb]) == 1
    assert "hint: " in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_unreachable(store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """A remote that is not there is an expected failure, and nothing is lost."""
    one = recorded(store, 0.5)
    assert invoke([verb, str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert store.get(one.id).id == one.id


def said(capsys: pytest.CaptureFixture[str], **fields: object) -> tuple[str, str]:
    """What is said about an outcome."""
    shared.report(Outcome("origin", "https://x", **fields), as_json=False)  # type: ignore[arg-type]  # any fields
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_inboxed(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that lost a race is said to be in an inbox, and what that means."""
    shown, message = said(capsys, sent={"a": "inboxed"}, attempts=2)
    assert shown == "inboxed          a\n"
    assert message.startswith(
        "sent 1 run (1 inboxed) to origin (https://x).\nInboxed: somebody else was pushing"
    )


def test_many(capsys: pytest.CaptureFixture[str]) -> None:
    """Of many runs the first are shown, and how many more there are."""
    shown, _ = said(capsys, received={str(number): "new" for number in range(2000)})
    assert shown.splitlines()[-1].strip() == "and 1,980 more"


def test_snapshots(capsys: pytest.CaptureFixture[str]) -> None:
    """Published snapshots of uncommitted code are counted."""
    _, message = said(capsys, sent={"a": "new"}, snapshots=2, attempts=1)
    assert "published 2 snapshots of uncommitted code" in message


def test_code_only(capsys: pytest.CaptureFixture[str]) -> None:
    """A push of code alone says so much."""
    assert said(capsys, attempts=1)[1] == "origin (https://x) is up to date.\n"


def test_problems(capsys: pytest.CaptureFixture[str]) -> None:
    """What was left out is a warning, with control characters made visible."""
    _, message = said(capsys, problems=("refused\x1b[2J",))
    assert "warning: refused\\x1b[2J" in message


def test_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal the line is drawn over itself and taken away at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with ProgressLine() as progress:
        assert progress
        progress("Receiving", 1, 4)
        progress("Receiving", 2, 4)
        progress("Receiving", 4, 4)
        progress("Counting", 7, None)
    frames = capsys.readouterr().err.split("\r")
    assert [frame.rstrip() for frame in frames if frame.strip()] == [
        "Receiving:  25 % (1 of 4)",
        "Receiving: 100 % (4 of 4)",
        "Counting: 7",
    ]


def test_no_progress_without_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal nothing is drawn."""
    with ProgressLine() as progress:
        assert progress is None
    assert capsys.readouterr().err == ""
