"""Runs are repeated: what is left alone, what is kept, what a person is told."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import GitTrackWarning, InvalidValue, RunNotFound, UsageError
from gittrack.launch.reproduction.reproduce import preview, repeat_run
from gittrack.launch.reproduction.worktree import PREFIX
from gittrack.store.runs import RunStore
from gittrack.store.sync import share
from gittrack.tracking.edit import tag
from tests.support.faults import forged, make_training, train
from tests.support.git import git_run
from tests.support.remotes import make_remote

if TYPE_CHECKING:
    from gittrack.core.records import Run


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of the training."""
    return make_training(tmp_path / "repo", monkeypatch)


def _state(top: Path) -> list[object]:
    """Everything of a user's repository that a repetition must leave alone."""
    index = (top / ".git" / "index").read_bytes()
    words = (
        ["status", "--porcelain"],
        ["stash", "list"],
        ["config", "--local", "--list"],
        ["worktree", "list"],
    )
    files = {path.name: path.read_bytes() for path in sorted(top.glob("*.py"))}
    return [index, (top / ".git" / "HEAD").read_text(), files, *(git_run(*one, cwd=top) for one in words)]


def test_the_user_s_tree_is_left_alone(store: RunStore, tmp_path: Path) -> None:
    """Tree, index, HEAD, stash, configuration and work trees are as before, staged work included."""
    run = train(store)
    top = tmp_path / "repo"
    (top / "train.py").write_text("broken(\n")
    (top / "new.py").write_text("x = 1\n")
    git_run("add", "new.py", cwd=top)
    git_run("stash", "push", "-q", cwd=top)
    git_run("stash", "apply", "-q", "--index", cwd=top)
    git_run("status", cwd=top)  # it refreshes the index
    before = _state(top)
    assert repeat_run(store, run).verdict.level == "identical"
    assert _state(top) == before
    assert not (top / ".git" / "worktrees").exists()


def test_nothing_is_left_when_it_fails(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work tree goes when the command fails, too."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run = forged(store, train(store), command=("no-such-program",))
    assert repeat_run(store, run).verdict.level == "failed"
    assert list(tmp_path.glob(f"{PREFIX}*")) == []
    assert not (tmp_path / "repo" / ".git" / "worktrees").exists()


def test_the_runs_are_linked(store: RunStore) -> None:
    """Tags name the original, the repeat and the verdict."""
    run = train(store, name="base", tags={"team": "a"})
    (repeat,) = repeat_run(store, run).runs
    original = store.get(run.id)
    assert repeat.tags["gittrack.reproduces"] == run.id
    assert repeat.tags["gittrack.verdict"] == original.tags["gittrack.verdict"] == "identical"
    assert original.tags["gittrack.reproduced"] == repeat.id
    assert (original.name, repeat.name) == ("base", "base (repeat)")
    assert (repeat.experiment, repeat.source, repeat.inputs) == (run.experiment, run.source, run.inputs)


def test_a_chain(store: RunStore) -> None:
    """A repeat of a repeat names the repeat."""
    run = train(store)
    (second,) = repeat_run(store, run).runs
    (third,) = repeat_run(store, second).runs
    assert third.tags["gittrack.reproduces"] == second.id


def test_the_first_suspect_is_kept(store: RunStore) -> None:
    """A repeat that differs says why."""
    run = train(store, "--unseeded=1")
    (repeat,) = repeat_run(store, run).runs
    assert "without a seed" in repeat.tags["gittrack.verdict.because"]


def test_options_of_the_recording_hold_again(store: RunStore) -> None:
    """Metrics from files, params from files and metrics from output come again."""
    Path("p.json").write_text('{"depth": 3}')
    git_run("add", "-f", "p.json", cwd=Path.cwd())
    run = train(store, params_files=[Path("p.json")], metrics_from_output=True)
    assert "acc" in run.metrics
    (repeat,) = repeat_run(store, run).runs
    assert repeat.params == run.params == {"depth": 3}
    assert repeat.metrics["acc"].last == run.metrics["acc"].last


def test_broken_options_are_none(store: RunStore) -> None:
    """A tag that is no JSON, or other JSON, asks for nothing."""
    run = train(store)
    for text in ("{", "[]", '{"patterns": 1, "metrics_files": [2]}'):
        tag(store, [run.id], {"gittrack.capture": text})
        assert repeat_run(store, store.get(run.id)).runs[0].metrics.keys() == {"loss"}


def test_paths_into_the_user_s_tree_are_read_from_the_snapshot(store: RunStore, tmp_path: Path) -> None:
    """A program that was started by its whole path is that of the snapshot."""
    from gittrack.tracking import wrap

    top = tmp_path / "repo"
    wish = wrap.Wish(inputs=["data/train.csv"])
    run = wrap.run(["python", str(top / "train.py")], store, wish).run
    assert run is not None
    (top / "train.py").write_text("broken(\n")
    found = repeat_run(store, run)
    assert (found.verdict.level, found.preparation.rewritten) == ("identical", True)


def test_from_python(store: RunStore) -> None:
    """`gittrack.reproduce` finds the run by any of its names and gives everything as JSON."""
    run = train(store, name="base")
    said: list[str] = []
    found = gittrack.reproduce("base", repeat=2, progress=said.append)
    body = found.as_json()
    assert json.loads(json.dumps(body)) == body
    assert (body["verdict"], len(found.runs), body["original"]) == ("identical", 2, run.id)
    assert body["preparation"]["environment"]["kind"] == "local"
    assert len([line for line in said if line.startswith("repeating ")]) == 2


def test_wrong_wishes(store: RunStore) -> None:
    """What makes no sense is refused before anything is run."""
    run = train(store)
    with pytest.raises(UsageError, match="0 times"):
        repeat_run(store, run, repeat=0)
    with pytest.raises(UsageError, match="no such environment"):
        repeat_run(store, run, env="docker")
    with pytest.raises(RunNotFound):
        gittrack.reproduce("nothing")
    Path("gittrack.yaml").write_text("metrics:\n  loss: {atol: much}\n")
    with pytest.raises(InvalidValue, match="atol"):
        repeat_run(RunStore.open(), run)


def test_preview(store: RunStore, tmp_path: Path) -> None:
    """A preview runs nothing and says what would be done."""
    run = train(store, seed=3)
    before = len(list((tmp_path / "repo" / ".git" / "gittrack" / "live").glob("*")))
    found = preview(store, run).as_json()
    assert found["possible"]
    assert found["inputs"] == [
        {"name": "data/train.csv", "uri": "data/train.csv", "state": "here", "note": ""}
    ]
    assert found["variables"]["GITTRACK_SEED"] == "3"
    assert len(list((tmp_path / "repo" / ".git" / "gittrack" / "live").glob("*"))) == before


def test_a_running_run(store: RunStore) -> None:
    """A run that has not ended cannot be repeated."""
    run = forged(store, train(store), status="running")
    assert preview(store, run).missing == ("it has not ended yet",)


def test_a_verdict_that_cannot_be_kept(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tags cannot be written the verdict is given all the same."""
    run = train(store)

    def refuse(*_: object) -> None:
        raise OSError(30, "read-only")

    monkeypatch.setattr(store, "edit", refuse)
    with pytest.warns(GitTrackWarning, match="the verdict is not kept"):
        assert repeat_run(store, run).verdict.level == "identical"


def _pushed(store: RunStore, tmp_path: Path) -> tuple[Run, Path]:
    """A run of uncommitted code that was pushed, and the remote, which nobody may write to."""
    top = tmp_path / "repo"
    remote = make_remote(tmp_path / "remote.git")
    git_run("remote", "add", "origin", remote.as_uri(), cwd=top)
    for number in range(3):
        git_run("commit", "-q", "--allow-empty", "-m", str(number), cwd=top)
    git_run("push", "-q", "--force", "origin", "HEAD:refs/heads/main", cwd=top)
    path = top / "train.py"
    path.write_text(path.read_text().replace("loss = 1 +", "loss = 2 +"))
    run = train(RunStore.open(start=top), inputs=[])
    run = forged(store, run, inputs=())
    git_run("add", "-f", "data/train.csv", cwd=top)
    run = train(RunStore.open(start=top))
    share.push(RunStore.open(start=top))
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    return run, remote


def test_a_shallow_checkout(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shallow clone without a right to write pulls, fetches the one commit, and has a verdict."""
    run, remote = _pushed(store, tmp_path)
    work = tmp_path / "work"
    git_run("clone", "-q", "--depth=1", "--branch=main", remote.as_uri(), str(work), cwd=tmp_path)
    monkeypatch.chdir(work)
    shallow = RunStore.open(start=work)
    share.pull(shallow)
    said: list[str] = []
    found = repeat_run(shallow, shallow.get(run.id), progress=said.append)
    assert found.verdict.level == "identical", found.verdict.as_json()
    assert said[0] == f"fetching commit {str(run.source.snapshot)[:12]}"
    assert git_run("rev-list", "--count", str(run.source.snapshot), cwd=work) == "1"


def test_a_whole_clone_stays_whole(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot that is fetched into a whole clone does not make it shallow."""
    run, remote = _pushed(store, tmp_path)
    work = tmp_path / "work"
    git_run("clone", "-q", "--branch=main", remote.as_uri(), str(work), cwd=tmp_path)
    monkeypatch.chdir(work)
    git_run("fetch", "-q", "origin", "+refs/heads/gittrack/runs:refs/heads/gittrack/runs", cwd=work)
    clone = RunStore.open(start=work)
    assert repeat_run(clone, clone.get(run.id)).verdict.level == "identical"
    assert not (work / ".git" / "shallow").exists()
    assert git_run("rev-list", "--count", str(run.source.snapshot), cwd=work) == "6"


def test_a_snapshot_that_nobody_has(store: RunStore, tmp_path: Path) -> None:
    """Where the remote lacks the commit, or is gone, the reason says so."""
    run = train(store)
    lost = forged(store, run, source=type(run.source)(commit="e" * 40, snapshot="e" * 40, directory="."))
    remote = make_remote(tmp_path / "remote.git")
    git_run("remote", "add", "origin", remote.as_uri(), cwd=tmp_path / "repo")
    (reason,) = preview(RunStore.open(), lost).missing
    assert "does not have it" in reason
    remote.rename(tmp_path / "gone")
    (reason,) = preview(RunStore.open(), lost).missing
    assert "is not a Git repository" in reason


def test_a_restored_environment(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is not here is made, and the new run says what was asked for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = train(store)
    bare = forged(store, run, environment={"packages": None, "direct_urls": None})
    found = repeat_run(store, bare)
    choice = found.preparation.environment
    assert choice is not None
    assert (choice.kind, found.verdict.level) == ("recorded", "identical")
    document = store.environment(found.runs[0].id)
    assert document["requested"]["asked"]["source"] == "record"
    assert not document.get("packages")


def test_an_environment_that_cannot_be_had(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where it cannot be made the run is not comparable, with what to do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = forged(store, train(store), environment={"packages": None, "python": {"version": "2.4.1"}})
    verdict = repeat_run(store, run).verdict
    assert verdict.level == "not comparable"
    assert "2.4" in verdict.reasons[0]


def test_a_run_of_a_project(store: RunStore, tmp_path: Path) -> None:
    """A run of a project is repeated as it was, params that are not in its words included."""
    top = tmp_path / "repo"
    text = (
        "name: small\nentry_points:\n  main:\n    parameters:\n      lr: {type: float, default: 0.5}\n"
        '    command: "python train.py --lr={lr}"\n'
    )
    (top / "MLproject").write_text(text)
    git_run("add", "-f", "MLproject", "data/train.csv", cwd=top)
    git_run("commit", "-q", "-m", "project", cwd=top)
    run = gittrack.run_project(".", params={"lr": 0.25}, env_manager="local").run
    found = repeat_run(store, run)
    assert found.verdict.level == "identical"
    assert found.runs[0].params == run.params


@pytest.mark.filterwarnings("ignore:no metrics from")
def test_interrupted(store: RunStore) -> None:
    """Who interrupts one repetition gets no other."""
    run = train(store)
    stop = forged(store, run, command=("sh", "-c", "kill -INT $$"))
    with pytest.raises(KeyboardInterrupt):
        repeat_run(store, stop, repeat=5)
    runs = gittrack.search_runs(output_format="list")
    assert [one.status for one in runs].count("interrupted") == 1


def test_outside_of_its_repository(store: RunStore) -> None:
    """A run that ran outside of its repository is repeated at its top, and a note says so."""
    run = train(store)
    source = dataclasses.replace(run.source, directory=None)
    found = preview(store, forged(store, run, source=source))
    assert any("outside of its repository" in note for note in found.notes)
    assert found.tree is not None
    assert not found.tree.exists()


def test_code_that_cannot_be_checked_out(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where there is no room for a work tree the reason says so."""
    run = train(store)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    (reason,) = preview(store, run).missing
    assert reason.startswith("the code cannot be checked out: ")


def test_a_program_that_records_itself(store: RunStore, tmp_path: Path) -> None:
    """A run that a program began is repeated under the wrapper, and is the same run in all that counts."""
    program = tmp_path / "repo" / "api.py"
    program.write_text(
        "import gittrack\n"
        "with gittrack.start_run('own', params={'depth': 3}):\n"
        "    gittrack.log_metric('acc', 0.5)\n"
        "    gittrack.log_dict({'b': 1}, 'out.json')\n"
    )
    subprocess.run([sys.executable, "api.py", "--lr=0.1"], cwd=program.parent, check=True)
    (run,) = gittrack.search_runs(output_format="list")
    found = repeat_run(store, run)
    assert found.verdict.level == "identical"
    assert not found.verdict.suspects
    (repeat,) = found.runs
    assert (repeat.name, repeat.params) == ("own (repeat)", {"depth": 3, "lr": 0.1})
    assert len(gittrack.search_runs(output_format="list")) == 2
