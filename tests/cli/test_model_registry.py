"""`gittrack model ls`, `register`, `promote`, `demote`, `history`, `tag` and `note`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.registry.read import model
from tests.support.git import git_run
from tests.support.registry import record_model, registered
from tests.support.remotes import make_remote, where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def one(store: RunStore) -> Version:
    """A registered model."""
    return registered(store)


def test_register(store: RunStore, capsys: Capture) -> None:
    """The URI on standard output, the rest beside it."""
    run_id = record_model(store)
    words = ["register", "runs:/@last/model", "churn", "-a", "champion", "--tag", "a=b", "--note", "good"]
    assert invoke(["model", *words]) == 0
    said = capsys.readouterr()
    assert said.out == "models:/churn/1\n"
    assert said.err == f"churn/1 (champion) is runs:/{run_id}/model\n"
    assert model(store.git, "churn").versions[0].tags == {"a": "b"}


def test_register_json(store: RunStore, capsys: Capture) -> None:
    """What the function returns."""
    run_id = record_model(store)
    assert invoke(["model", "register", "runs:/@last", "churn", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["uri"], found["run_id"], found["path"]) == ("models:/churn/1", run_id, "model")


def test_register_for_review(store: RunStore, capsys: Capture) -> None:
    """It says how to open the pull request."""
    record_model(store)
    git_run("remote", "add", "origin", "https://github.com/ada/churn", cwd=where(store))
    assert invoke(["model", "register", "runs:/@last", "churn", "--branch", "new"]) == 0
    lines = capsys.readouterr().err.splitlines()[1:]
    page = "https://github.com/ada/churn/compare/gittrack/runs...gittrack/new?expand=1"
    assert lines == ["For review: gittrack push", f"            {page}"]


def test_promote_and_demote(one: Version, capsys: Capture) -> None:
    """One line each."""
    assert one.number == 1
    said = []
    for words in (
        ["promote", "churn/1", "champion", "-m", "first"],
        ["promote", "churn", "champion"],
        ["demote", "churn", "champion"],
    ):
        assert invoke(["model", *words]) == 0
        said.append(capsys.readouterr().err)
    assert said == [
        "champion of churn is version 1\n",
        "champion of churn is version 1 already\n",
        "champion of churn names no version now, was 1\n",
    ]


def test_promote_json(one: Version, capsys: Capture) -> None:
    """What the function returns."""
    assert one.number == 1
    assert invoke(["model", "promote", "churn/1", "champion", "--tag", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "churn",
        "alias": "champion",
        "version": 1,
        "was": None,
        "changed": True,
        "branch": None,
        "tag": "model/churn@champion/1",
        "next_steps": ["git push origin model/churn@champion/1"],
    }


def test_promote_with_a_tag(one: Version, capsys: Capture) -> None:
    """The tag on standard output, and how to push it."""
    assert one.number == 1
    assert invoke(["model", "promote", "churn/1", "champion", "--tag"]) == 0
    said = capsys.readouterr()
    assert said.out == "model/churn@champion/1\n"
    assert said.err.splitlines()[1] == "Then:       git push origin model/churn@champion/1"


def test_promote_on_a_branch(one: Version, capsys: Capture) -> None:
    """It says where it waits."""
    assert one.number == 1
    assert invoke(["model", "promote", "churn/1", "champion", "--branch", "review"]) == 0
    assert capsys.readouterr().err.startswith("champion of churn is version 1 on gittrack/review\n")


@pytest.mark.parametrize(("given", "code"), [("none", 0), ("1", 1), ("v1", 1), ("x", 2), ("0", 2), ("²", 2)])
def test_expect(one: Version, given: str, code: int) -> None:
    """A number of a version, or none."""
    assert one.number == 1
    assert invoke(["model", "promote", "churn/1", "champion", "--expect", given]) == code


def test_lost_race(one: Version, capsys: Capture) -> None:
    """Exit status 1, and what to do."""
    assert one.number == 1
    assert invoke(["model", "demote", "churn", "champion", "--expect", "2"]) == 1
    assert capsys.readouterr().err == (
        "error: champion of churn names no version, not version 2\n"
        "hint: `gittrack model history churn` says who moved it\n"
    )


def test_ls(store: RunStore, capsys: Capture) -> None:
    """Versions, the newest first; by name; as Markdown and JSON."""
    registered(store, alias="champion"), registered(store, content=b"2"), registered(store, "other")
    assert invoke(["model", "ls", "chu*"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["model", "version", "aliases"],
        ["churn", "2", "-"],
        ["churn", "1", "champion"],
    ]
    assert invoke(["model", "ls", "--md"]) == 0
    assert capsys.readouterr().out.count("| churn |") == 2
    assert invoke(["model", "ls", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found] == ["churn", "other"]
    assert (found[0]["aliases"], found[0]["versions"][0]["version"]) == ({"champion": 1}, 1)


def test_ls_for_eyes(store: RunStore, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a model once; fitted to the terminal; tags of GTO with it."""
    registered(store, alias="champion"), registered(store, content=b"2")
    git_run("tag", "churn@v1.0.0", cwd=where(store))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    assert invoke(["model", "ls"]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("churn") == 1
    assert "v1.0.0" in shown.out
    assert "more columns, --json" in shown.err


def test_ls_of_nothing(store: RunStore, capsys: Capture) -> None:
    """It says how to begin."""
    assert where(store).is_dir()
    assert invoke(["model", "ls"]) == 0
    assert "gittrack model register" in capsys.readouterr().err


def test_ls_warns(store: RunStore, one: Version, capsys: Capture) -> None:
    """Of what cannot be read, escaped."""
    assert one.number == 1
    path = ".models/churn/versions/000000000000001-abcdefghij.yaml"
    branch.submit(
        store.git, Changes("by hand", {path: b'name: "\\u001b[31m"\nschema: "gittrack.version/1"\n'})
    )
    assert invoke(["model", "ls"]) == 0
    said = capsys.readouterr()
    assert f"warning: {path}: run_id: missing" in said.err
    assert "\x1b" not in said.err


def test_history(one: Version, capsys: Capture) -> None:
    """For eyes, as Markdown, as JSON."""
    invoke(["model", "promote", "churn/1", "champion", "-m", "first"])
    capsys.readouterr()
    assert invoke(["model", "history", "churn"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].endswith(f"1  registered {one.run_id}/model")
    assert shown[2].endswith("1  is champion: first")
    assert invoke(["model", "history", "churn", "--json"]) == 0
    assert [line["what"] for line in json.loads(capsys.readouterr().out)] == ["registered", "promoted"]
    assert invoke(["model", "history", "nothing"]) == 1


def test_tag_and_note(store: RunStore, one: Version, capsys: Capture, tmp_path: Path) -> None:
    """Written, shown, taken away."""
    assert one.number == 1
    assert invoke(["model", "tag", "churn/1", "a=b", "c=d"]) == 0
    assert invoke(["model", "tag", "churn/1", "--remove", "a", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == "tagged churn/1\n"
    assert json.loads(said.out)["versions"][0]["tags"] == {"c": "d"}
    (tmp_path / "note.md").write_text("from a file\n")
    assert invoke(["model", "note", "churn/1", "--file", str(tmp_path / "note.md")]) == 0
    assert invoke(["model", "note", "churn", "of the model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["note"] == "of the model"
    assert invoke(["model", "note", "churn/1"]) == 0
    assert invoke(["model", "note", "churn/1", "--json"]) == 0
    assert capsys.readouterr().out == 'from a file\n"from a file"\n'
    assert invoke(["model", "note", "churn/1", "x", "--file", str(tmp_path / "note.md")]) == 2
    assert invoke(["model", "tag", "churn/1"]) == 2
    assert model(store.git, "churn").note == "of the model"


def test_show_and_run_words(one: Version, capsys: Capture) -> None:
    """A model by name wherever a model or a RUN is asked for."""
    assert invoke(["model", "show", "--json", "models:/churn/latest"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == one.digest
    assert invoke(["show", "--json", "models:/churn/1"]) == 0
    assert json.loads(capsys.readouterr().out)["run_id"] == one.run_id


def test_rm(one: Version, capsys: Capture) -> None:
    """A run of a model is hidden by force only."""
    assert invoke(["rm", "-y", one.run_id]) == 1
    assert "made a registered model: churn/1" in capsys.readouterr().err
    assert invoke(["rm", "-y", "--force", one.run_id]) == 0


def test_push_says_so(store: RunStore, one: Version, tmp_path: Path, capsys: Capture) -> None:
    """What became of models is told."""
    remote = make_remote(tmp_path / "remote.git")
    git_run("remote", "add", "origin", remote.as_uri(), cwd=where(store))
    assert invoke(["push"]) == 0
    assert capsys.readouterr().out == f"new              {one.run_id}\nsent             model churn\n"
    invoke(["model", "promote", "churn/1", "champion"])
    capsys.readouterr()
    assert invoke(["push"]) == 0
    said = capsys.readouterr()
    assert said.out == "sent             model churn\n"
    assert said.err.startswith("sent changes of models to origin")
