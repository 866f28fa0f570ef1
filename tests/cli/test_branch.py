"""`gittrack branch` and `gittrack merge`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.store.runs import RunStore
from tests.cli.recorded import begin, record
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def on_lr(store: RunStore, repo: Path, capsys: Capture) -> RunStore:
    """The store of a clone that works on the topic `lr`."""
    assert invoke(["branch", "lr"]) == 0
    capsys.readouterr()
    del store
    return RunStore.open(start=repo)


def test_fork_and_go_on_there(store: RunStore, repo: Path, capsys: Capture) -> None:
    """Runs go to the topic after `gittrack branch TOPIC`."""
    assert invoke(["branch", "lr"]) == 0
    said = capsys.readouterr().err
    assert said == "gittrack/lr is forked from gittrack/runs.\nRuns go to gittrack/lr from now on.\n"
    assert (store.topic, RunStore.open(start=repo).topic) == (None, "lr")


@pytest.mark.usefixtures("store")
def test_fork_and_stay(repo: Path) -> None:
    """With --stay runs go where they went."""
    assert invoke(["branch", "lr", "--stay"]) == 0
    assert RunStore.open(start=repo).topic is None


@pytest.mark.usefixtures("store")
def test_fork_as_json(capsys: Capture) -> None:
    """`--json` prints the topic."""
    assert invoke(["branch", "lr", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["here"], made["runs"]) == ("lr", True, {})


def test_list(on_lr: RunStore, capsys: Capture) -> None:
    """Each topic says how many runs it has to review."""
    record(on_lr)
    assert invoke(["branch"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["lr", "current", "1", "to", "review", "-"]


@pytest.mark.usefixtures("store")
def test_list_without_topics(capsys: Capture) -> None:
    """A hint says how to make one."""
    assert invoke(["branch"]) == 0
    assert "`gittrack branch TOPIC`" in capsys.readouterr().err


def test_list_as_json(on_lr: RunStore, capsys: Capture) -> None:
    """`--json` prints what Python gives."""
    run = record(on_lr)
    assert invoke(["branch", "--json"]) == 0
    assert [one["runs"] for one in json.loads(capsys.readouterr().out)] == [{run.id: "new"}]


def test_ids(on_lr: RunStore, capsys: Capture) -> None:
    """`--runs` prints the ids that a topic brings, for other commands."""
    run = record(on_lr)
    assert invoke(["branch", "--runs"]) == 0
    assert invoke(["branch", "--runs", "lr"]) == 0
    assert capsys.readouterr().out == f"{run.id}\n{run.id}\n"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("words", [["--runs"], ["--switch"], ["-d"], ["a", "b"]])
def test_usage(words: list[str]) -> None:
    """What does not say which topic is wrong usage."""
    assert invoke(["branch", *words]) == 2


def test_one_verb_on_a_topic(store: RunStore, on_lr: RunStore, capsys: Capture) -> None:
    """`--topic` chooses for one command."""
    run, main = record(on_lr), record(store)
    assert invoke(["branch", "--switch", "runs"]) == 0
    capsys.readouterr()
    invoke(["ls", "--ids"])
    assert capsys.readouterr().out.split() == [main.id]
    invoke(["ls", "--ids", "--topic", "lr"])
    assert sorted(capsys.readouterr().out.split()) == sorted([main.id, run.id])


@pytest.mark.usefixtures("on_lr")
def test_switch_says_what_wins(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A variable is nearer than the clone's configuration."""
    monkeypatch.setenv("GITTRACK_TOPIC", "other")
    assert invoke(["branch", "--switch", "lr"]) == 0
    assert "But GITTRACK_TOPIC says other, and wins." in capsys.readouterr().err


def test_delete(on_lr: RunStore, repo: Path, capsys: Capture) -> None:
    """A topic that is merged goes; one that is not is kept, with the way out."""
    record(on_lr)
    assert invoke(["branch", "-d", "lr"]) == 1
    assert "hint: `gittrack merge lr` brings them there" in capsys.readouterr().err
    assert invoke(["merge", "lr"]) == 0
    assert invoke(["branch", "-d", "lr"]) == 0
    assert "deleted topic lr" in capsys.readouterr().err
    assert git_run("branch", "--list", "gittrack/lr", cwd=repo) == ""


def test_delete_as_json(on_lr: RunStore, capsys: Capture) -> None:
    """`--json` prints what was deleted."""
    run = record(on_lr)
    assert invoke(["branch", "-d", "lr", "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["runs"] == {run.id: "new"}


def test_merge(on_lr: RunStore, capsys: Capture) -> None:
    """Each run that came is named."""
    run = record(on_lr)
    assert invoke(["merge", "lr", "-d"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"new      {run.id}\n"
    assert captured.err == "1 run of lr came to gittrack/runs; it is deleted here.\n"


@pytest.mark.usefixtures("on_lr")
def test_merge_of_nothing(capsys: Capture) -> None:
    """It says so."""
    assert invoke(["merge", "lr"]) == 0
    assert capsys.readouterr().err == "gittrack/runs has all of lr.\n"


def test_merge_as_json(on_lr: RunStore, capsys: Capture) -> None:
    """`--json` prints what Python gives."""
    run = record(on_lr)
    assert invoke(["merge", "lr", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "topic": "lr",
        "runs": {run.id: "new"},
        "deleted": False,
        "problems": [],
    }


@pytest.mark.usefixtures("store")
def test_merge_of_what_is_not_there(capsys: Capture) -> None:
    """A topic that is nowhere is named."""
    assert invoke(["merge", "absent"]) == 1
    assert "error: no topic absent" in capsys.readouterr().err


def test_push_names_topics(on_lr: RunStore, repo: Path, tmp_path: Path, capsys: Capture) -> None:
    """A push says which topics it published; after a merge there and a deletion, the next one cleans up."""
    hub = make_repo(tmp_path / "hub.git", "--bare", commit=False)
    git_run("remote", "add", "origin", str(hub), cwd=repo)
    record(on_lr)
    assert invoke(["push"]) == 0
    assert f"topic lr is on origin ({hub})." in capsys.readouterr().err
    git_run("update-ref", "refs/heads/gittrack/runs", "refs/heads/gittrack/lr", cwd=hub)
    git_run("update-ref", "-d", "refs/heads/gittrack/lr", cwd=hub)
    assert invoke(["pull"]) == 0
    assert "topic lr is merged and gone from origin" in capsys.readouterr().err


def test_runs_of_a_topic(on_lr: RunStore, capsys: Capture) -> None:
    """`ls --of TOPIC` lists what it brings, running ones among them, whatever is worked on; not the rest."""
    before = record(on_lr.on(None))
    ours = record(on_lr, params={"lr": 0.1})
    other = record(on_lr, params={"lr": 0.2})
    running, journal = begin(on_lr)
    assert invoke(["branch", "--switch", "runs"]) == 0
    capsys.readouterr()
    assert invoke(["ls", "--of", "lr", "--ids"]) == 0
    listed = set(capsys.readouterr().out.split())
    assert listed == {ours.id, other.id, running.id}
    assert before.id not in listed
    assert invoke(["ls", "--of", "lr", "--ids", "params.lr = 0.1"]) == 0
    assert capsys.readouterr().out.split() == [ours.id]
    journal.close()


@pytest.mark.usefixtures("store")
def test_runs_of_no_topic(capsys: Capture) -> None:
    """A topic that is not there is an error that says how to find those that are."""
    assert invoke(["ls", "--of", "nope"]) == 1
    assert "`gittrack branch` lists them" in capsys.readouterr().err


def test_runs_of_a_topic_elsewhere(on_lr: RunStore, repo: Path, tmp_path: Path, capsys: Capture) -> None:
    """A topic that is only on a remote is to be taken first."""
    git_run("init", "-q", "--bare", str(tmp_path / "hub.git"), cwd=tmp_path)
    git_run("remote", "add", "origin", str(tmp_path / "hub.git"), cwd=repo)
    record(on_lr)
    assert invoke(["push"]) == 0
    assert invoke(["branch", "--switch", "runs"]) == 0
    git_run("update-ref", "-d", "refs/heads/gittrack/lr", cwd=repo)
    capsys.readouterr()
    assert invoke(["ls", "--of", "lr"]) == 1
    assert "`gittrack branch --switch lr` brings it here" in capsys.readouterr().err
