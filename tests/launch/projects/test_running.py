from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitTrackWarning, NotARepository, UsageError
from gittrack.launch.projects import job, running
from gittrack.launch.projects.parameters import WrongParam
from gittrack.launch.projects.request import Launched, Request
from gittrack.store.runs import RunStore
from tests.support.git import git_run
from tests.support.projects import make_project, write_project

if TYPE_CHECKING:
    from gittrack.core.records import Run


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the scripts write what they saw; `python` is the one that runs the tests."""
    monkeypatch.setenv("SHOWN", str(tmp_path / "shown.json"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "shown.json"


@pytest.fixture
def project(tmp_path: Path, shown: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001  sets PATH
    """A project in its repository, and the current folder in it."""
    path = make_project(tmp_path / "project")
    monkeypatch.chdir(path)
    return path


def launch(**wanted: Any) -> Launched:
    """Run what a request asks for."""
    with job.opened(Request(**wanted)) as ready:
        return running.run(ready)


def run_of(launched: Launched, where: Path) -> Run:
    """The record of a run."""
    return RunStore.open(start=where).get(launched.run_id)


def saw(path: Path) -> tuple[list[str], str, dict[str, str]]:
    """Arguments, folder and variables that the script had."""
    words, folder, variables = json.loads(path.read_text())
    return words, folder, variables


def test_run(project: Path, shown: Path) -> None:
    """The command runs in the folder of the project, and its run says what it was."""
    run = run_of(
        launch(params={"alpha": "0.1"}, name="n", experiment="e", note="hello", tags={"a": "b"}), project
    )
    words, folder, variables = saw(shown)
    assert (words, folder) == (["0.1", "two words"], str(project))
    assert variables["GITTRACK_RUN_ID"] == run.id
    assert (run.status, run.name, run.experiment, run.note) == ("finished", "n", "e", "hello")
    assert run.params == {"alpha": 0.1, "text": "two words"}
    assert run.command == ("bash", "-c", "python show.py 0.1 'two words'")
    assert run.source.commit == git_run("rev-parse", "HEAD", cwd=project)
    tags = {key.removeprefix("gittrack.project."): text for key, text in run.tags.items()}
    assert {key: tags[key] for key in ("uri", "name", "entry_point", "env", "backend", "a")} == {
        "uri": ".",
        "name": "demo",
        "entry_point": "main",
        "env": "local",
        "backend": "local",
        "a": "b",
    }


def test_path_param(project: Path, shown: Path) -> None:
    """It becomes an absolute path, and an input with its digest."""
    run = run_of(launch(entry_point="read", params={"data": "data.csv"}), project)
    assert saw(shown)[0] == [str(project / "data.csv"), "3"]
    (one,) = run.inputs
    assert (one.name, one.uri, one.size, one.context) == ("data", "data.csv", 4, "param")
    assert run.params == {"data": "data.csv", "rows": 3}


def test_downloaded_param(project: Path, shown: Path, tmp_path: Path) -> None:
    """A URL is downloaded for the time of the run, and recorded as it was given."""
    from fsspec import filesystem

    filesystem("memory").pipe("/bucket/in/d.csv", b"123")
    run = run_of(launch(entry_point="read", params={"data": "memory://bucket/in/d.csv"}), project)
    path = Path(saw(shown)[0][0])
    assert path.name == "d.csv"
    assert not path.exists()
    assert (run.inputs[0].uri, run.inputs[0].size) == ("memory://bucket/in/d.csv", 3)
    launch(entry_point="read", params={"data": "memory://bucket/in/d.csv"}, storage_dir=tmp_path / "kept")
    assert Path(saw(shown)[0][0]).read_bytes() == b"123"


def test_failure(project: Path) -> None:
    """The exit status is that of the command."""
    launched = launch(entry_point="fail")
    assert launched.wrapped is not None
    assert launched.wrapped.exit.code == 3
    assert run_of(launched, project).status == "failed"


def test_script(project: Path, shown: Path) -> None:
    """A script needs no declaration; params follow as options."""
    run = run_of(launch(entry_point="show.py", params={"lr": "0.1"}), project)
    assert saw(shown)[0] == ["--lr", "0.1"]
    assert run.params == {"lr": 0.1}


def test_steps(project: Path) -> None:
    """Runs that an entry point makes are nested in its run."""
    parent = launch(entry_point="tree")
    store = RunStore.open(start=project)
    from gittrack.query.search import find

    children = [run for run in find(store, None) if run.parent_id == parent.run_id]
    assert sorted(run.tags["gittrack.project.entry_point"] for run in children) == ["main", "read"]


def test_uncommitted_work(project: Path) -> None:
    """The code is captured as it was."""
    (project / "show.py").write_text((project / "show.py").read_text() + "# changed\n")
    run = run_of(launch(), project)
    assert run.source.dirty
    assert "# changed" in git_run("show", f"{run.source.snapshot}:show.py", cwd=project)


def test_missing_path(project: Path) -> None:
    """Nothing is recorded when a param names nothing."""
    with pytest.raises(WrongParam):
        launch(entry_point="read", params={"data": "gone"})
    assert list(RunStore.open(start=project).live()) == []


def test_version(project: Path, shown: Path) -> None:
    """An older version runs in a folder of its own; the work tree is left alone."""
    git_run("tag", "v1", cwd=project)
    (project / "show.py").write_text("raise SystemExit(9)\n")
    git_run("commit", "-q", "-a", "-m", "broken", cwd=project)
    run = run_of(launch(version="v1"), project)
    assert run.status == "finished"
    assert saw(shown)[1] != str(project)
    assert not Path(saw(shown)[1]).exists()
    assert run.source.commit == git_run("rev-parse", "v1", cwd=project)
    assert run.tags["gittrack.project.version"] == "v1"
    assert git_run("worktree", "list", cwd=project).count("\n") == 0


def test_git_url(tmp_path: Path, repo: Path, shown: Path) -> None:
    """A project from elsewhere is recorded in the repository of the current folder."""
    origin = make_project(tmp_path / "origin")
    write_project(origin / "sub")
    git_run("add", "-A", cwd=origin)
    git_run("commit", "-q", "-m", "sub", cwd=origin)
    run = run_of(launch(uri=f"file://{origin}/.git#sub"), repo)
    assert saw(shown)[2]["GITTRACK_REPO"] == str(repo)
    assert run.tags["gittrack.project.uri"] == f"file://{origin}/.git#sub"
    assert (run.source.remote, run.source.directory) == (f"file://{origin}/.git", "sub")
    assert run.source.snapshot == git_run("rev-parse", "HEAD", cwd=origin)


def test_folder_outside_of_the_repository(tmp_path: Path, repo: Path, shown: Path) -> None:
    """A folder that is in no repository runs too; its code is not captured."""
    write_project(tmp_path / "plain")
    run = run_of(launch(uri=str(tmp_path / "plain")), repo)
    assert saw(shown)[1] == str(tmp_path / "plain")
    assert run.source.missing == "not in a Git repository"


def test_nowhere_to_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Path) -> None:
    """Outside of a repository the one of the project takes the run; without any it is said."""
    project = make_project(tmp_path / "project")
    write_project(tmp_path / "plain")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert run_of(launch(uri=str(project)), project).status == "finished"
    assert saw(shown)[1] == str(project)
    with pytest.raises(NotARepository):
        launch(uri=str(tmp_path / "plain"))


def test_docker_project(project: Path) -> None:
    """It is not run outside of a container unless that is asked for; see `tests/launch/containers`."""
    (project / "MLproject").write_text("docker_env: {image: x}\nentry_points: {main: {command: 'true'}}\n")
    with pytest.raises(UsageError, match="runs in a container"):
        launch(manager="uv")
    assert run_of(launch(manager="local"), project).status == "finished"


def test_typo_is_told(project: Path) -> None:
    """A param that is nearly a declared one is warned of."""
    del project
    with pytest.warns(GitTrackWarning, match="did you mean 'alpha'"):
        launch(params={"alhpa": "1"})


def test_needed(project: Path) -> None:
    """The same step is not run again; what changed is named."""
    wanted: dict[str, Any] = {"entry_point": "read", "params": {"data": "data.csv"}, "needed": True}
    first = launch(**wanted)
    assert first.reason == "no run of it has finished yet"
    again = launch(**wanted)
    assert (again.run_id, again.reused is not None, again.wrapped) == (first.run_id, True, None)
    assert again.reason == "code, params, inputs and environment are unchanged"
    other = launch(**{**wanted, "params": {"data": "data.csv", "rows": "4"}})
    assert other.reason == f"changed since run {first.run_id}: param rows from 3 to 4"
    (project / "data.csv").write_text("other\n")
    changed = launch(**wanted)
    assert (
        changed.reason
        == f"changed since run {other.run_id}: the code; param rows from 4 to 3; the content of data"
    )


def test_needed_after_a_failure(project: Path) -> None:
    """A run that failed stands for nothing."""
    del project
    first = launch(entry_point="fail", needed=True)
    assert launch(entry_point="fail", needed=True).reason == f"run {first.run_id} of it failed"


def test_needed_without_code(tmp_path: Path, repo: Path, shown: Path) -> None:
    """Where the code is not captured nothing can be told."""
    del repo, shown
    write_project(tmp_path / "plain")
    reason = launch(uri=str(tmp_path / "plain"), needed=True).reason
    assert (
        reason
        == "it cannot be told whether it is unchanged: the code is not captured (not in a Git repository)"
    )


def test_needed_with_vendored_packages(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a package puts on the path of this process belongs to no step."""
    del project
    first = launch(needed=True)
    vendored = tmp_path / "site-packages" / "setuptools" / "_vendor"
    (vendored / "wheel-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(vendored)
    assert launch(needed=True).run_id == first.run_id


def test_needed_in_a_parent(project: Path) -> None:
    """The parent notes which run stands for a step."""
    (project / "MLproject").write_text(
        (project / "MLproject").read_text()
        + f"  again: {{command: '{sys.executable} -m gittrack run . -e main --needed'}}\n"
    )
    first = launch()
    parent = run_of(launch(entry_point="again"), project)
    assert parent.tags["gittrack.reused.main"] == first.run_id


def test_preview(project: Path) -> None:
    """What would be run, as JSON; nothing is recorded."""
    with job.opened(Request(params={"alpha": "1", "api_key": "x" * 30})) as ready:
        preview = ready.preview()
    assert preview["command"].startswith("python show.py 1 'two words' --api_key ")
    assert "x" * 30 not in json.dumps(preview)
    assert (preview["directory"], preview["environment"]["manager"]) == (str(project), "local")
    assert list(RunStore.open(start=project).live()) == []


def test_secrets(project: Path, shown: Path) -> None:
    """The program gets a secret; neither the params nor the command of the run have it."""
    (project / "MLproject").write_text(
        "entry_points: {main: {parameters: {password: string}, command: 'python show.py {password}'}}\n"
    )
    run = run_of(launch(params={"password": "hunter2hunter2", "api_key": "0123456789abcdef"}), project)
    assert saw(shown)[0] == ["hunter2hunter2", "--api_key", "0123456789abcdef"]
    assert run.command[-1].startswith("python show.py ")
    for secret in ("hunter2", "0123456789abcdef"):
        assert secret not in str(run.command) + str(run.params) + str(run.tags)


def test_archive(tmp_path: Path, repo: Path, shown: Path) -> None:
    """A project from an archive; its digest stands for the code."""
    write_project(tmp_path / "plain")
    packed = shutil.make_archive(str(tmp_path / "demo"), "gztar", tmp_path / "plain")
    first = launch(uri=packed, needed=True)
    run = run_of(first, repo)
    assert (run.status, run.tags["gittrack.project.uri"]) == ("finished", packed)
    assert len(run.tags["gittrack.project.archive"]) == 64
    assert launch(uri=packed, needed=True).run_id == first.run_id
    assert not Path(saw(shown)[1]).exists()
    with pytest.raises(UsageError, match="an archive has none"):
        launch(uri=packed, version="v1")


def test_version_outside_of_git(tmp_path: Path, repo: Path) -> None:
    """A folder in no repository has no versions."""
    del repo
    write_project(tmp_path / "plain")
    with pytest.raises(UsageError, match="in no Git repository"):
        launch(uri=str(tmp_path / "plain"), version="v1")


def test_environment_of_the_project(project: Path, shown: Path) -> None:
    """It is made, the command runs in it, and the run says what was asked for and installed."""
    (project / "python_env.yaml").write_text("dependencies: []\n")
    said: list[str] = []
    with job.opened(Request()) as ready:
        launched = running.run(ready, progress=said.append)
    assert said
    assert "/environments/" in saw(shown)[2]["VIRTUAL_ENV"]
    asked = RunStore.open(start=project).environment(launched.run_id)["requested"]["asked"]
    assert (asked["manager"], asked["source"]) == ("uv", "python_env.yaml")


def test_unreadable_input(project: Path) -> None:
    """An input that cannot be recorded is told; the command decides."""
    (project / "pipe").mkdir()
    os.mkfifo(project / "pipe" / "p")
    with pytest.warns(GitTrackWarning, match="input data is not recorded"):
        launched = launch(entry_point="read", params={"data": "pipe/p"}, needed=True)
    assert "input data was not read" in launched.reason
    assert run_of(launched, project).status == "finished"


def test_no_python(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a Python on PATH the environment is not known."""
    del project
    (tmp_path / "bin").mkdir()
    for name in ("bash", "git"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "there is no `python` on PATH" in launch(entry_point="fail", needed=True).reason


def test_request_is_a_value() -> None:
    """Requests compare and can be changed."""
    assert replace(Request(), name="x") == Request(name="x")
