"""Projects in containers, from the request to the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue, UsageError
from gittrack.launch.containers import box as boxes
from gittrack.launch.containers.engine import Engine
from gittrack.launch.containers.images import CODE, Image
from gittrack.launch.containers.inside import Inside
from gittrack.launch.projects import job, project, running
from gittrack.launch.projects.request import Request
from gittrack.store.runs import RunStore
from tests.support.containers import IMAGE, Podman
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run

SITE = str(Path(pytest.__file__).parents[1])
SOURCE = str(Path(__file__).parents[3])
SHOW = """\
import json, os, sys
json.dump([sys.argv[1:], os.getcwd(), dict(os.environ)], open("shown.json", "w"))
with open(os.environ["GITTRACK_JOURNAL"], "a") as journal:
    for event in (
        {"event": "metric", "key": "loss", "value": 0.5},
        {"event": "artifact", "file": "shown.json"},
        {"event": "artifact", "file": os.path.abspath("shown.json"), "path": "again.json"},
        {"event": "input", "file": "data.csv"},
    ):
        journal.write(json.dumps(event) + "\\n")
"""


def make(
    path: Path, docker_env: str = f"image: {IMAGE}", command: str = "python3 show.py {x}", **files: str
) -> Path:
    """A project in a container, in its repository."""
    make_repo(path, commit=False)
    (path / "MLproject").write_text(
        f"name: Demo\ndocker_env: {{{docker_env}}}\nentry_points:\n  main:\n"
        f"    parameters: {{x: {{default: 'two words'}}}}\n    command: {json.dumps(command)}\n"
        "  read: {parameters: {data: path}, command: 'cat {data}'}\n"
    )
    for name, text in {"show.py": SHOW, "data.csv": "1\n", ".gitignore": "shown.json\n", **files}.items():
        (path / name).write_text(text)
    git_run("add", "-A", cwd=path)
    git_run("commit", "-q", "-m", "project", cwd=path)
    return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the project will be, the current folder meanwhile."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "project"


def launch(place: Path, **wanted: Any) -> Run:
    """Run a project; gives its run."""
    os.chdir(place)
    with job.opened(Request(**wanted)) as ready:
        launched = running.run(ready)
    return RunStore.open(start=place).get(launched.run_id)


def environment_of(place: Path, run: Run) -> Mapping[str, Any]:
    """What the run had."""
    return RunStore.open(start=place).environment(run.id)


def test_run(place: Path, podman: Podman, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the container, in the folder of MLflow, and logs into our run."""
    monkeypatch.setenv("COPIED", "yes")
    monkeypatch.setenv("PRIVATE", "no")
    run = launch(make(place, f"image: {IMAGE}, environment: [[OMP_NUM_THREADS, 3], COPIED]"), seed=7)
    words, folder, variables = json.loads((place / "shown.json").read_text())
    assert (words, folder) == (["two words"], CODE)
    assert (variables["OMP_NUM_THREADS"], variables["COPIED"], variables["GITTRACK_SEED"]) == (
        "3",
        "yes",
        "7",
    )
    assert "PRIVATE" not in variables
    assert (run.status, run.metrics["loss"].last) == ("finished", 0.5)
    assert run.command == ("bash", "-c", "python3 show.py 'two words'")
    assert run.params == {"x": "two words", "seed": 7}
    assert sorted(one.path for one in run.artifacts) == ["again.json", "shown.json"]
    assert [one.uri for one in run.inputs] == ["data.csv"]
    assert (place / "shown.json").stat().st_uid == os.getuid()
    assert run.tags["gittrack.project.env"] == "docker"
    assert podman.running() == []


def test_record(place: Path, podman: Podman) -> None:
    """The environment is the container's, not this machine's: its image by digest, Python, variables."""
    del podman
    found = environment_of(place, launch(make(place, f"image: {IMAGE}, environment: [[OMP_NUM_THREADS, 3]]")))
    assert found["container"]["image"] == IMAGE
    assert found["container"]["id"].startswith("sha256:")
    assert found["container"]["engine"].startswith("podman ")
    assert found["variables"] == {"OMP_NUM_THREADS": "3"}
    assert "packages" not in found
    assert found["requested"]["asked"]["manager"] == "docker"


def test_docker(place: Path, docker: Podman) -> None:
    """The docker command does the same."""
    run = launch(make(place, f"image: {IMAGE}, volumes: ['./:/v:ro']", "ls /v && id -u"))
    assert run.status == "finished"
    assert environment_of(place, run)["container"]["engine"].startswith("docker ")
    assert docker.running() == []


def test_gittrack_inside(place: Path, podman: Podman) -> None:
    """`import gittrack` joins the run, artifacts included."""
    del podman
    volumes = (
        f"volumes: ['{SITE}:/site:ro', '{SOURCE}:/source:ro'], environment: [[PYTHONPATH, '/source:/site']]"
    )
    calls = ("log_metric('acc', 0.75)", "log_param('p', 1)", "log_artifact('data.csv')")
    text = "\n".join(["import gittrack", *(f"gittrack.{call}" for call in calls)])
    run = launch(make(place, f"image: {IMAGE}, {volumes}", "python3 join.py", **{"join.py": text}))
    assert (run.status, run.metrics["acc"].last, run.params["p"]) == ("finished", 0.75, 1)
    assert "data.csv" in [one.path for one in run.artifacts]


def test_hooks_are_safe(place: Path, podman: Podman) -> None:
    """The program cannot write into the repository: a hook would run outside of the container."""
    del podman
    command = f"! touch .git/hooks/evil && ! touch {place}/.git/hooks/evil && touch beside"
    assert launch(make(place, command=command)).status == "finished"
    assert (place / "beside").exists()


def test_path_param(place: Path, podman: Podman) -> None:
    """A file that a param names is there, to be read."""
    del podman
    (place.parent / "outside.csv").write_text("seen\n")
    run = launch(make(place), entry_point="read", params={"data": "../outside.csv"})  # `cat` would fail
    assert run.status == "finished"
    assert [(one.name, one.size) for one in run.inputs] == [("data", 5)]


def test_only_in_the_container(place: Path, podman: Podman) -> None:
    """A path outside of what is mounted is never read from this machine."""
    del podman
    asks = '{"event": "artifact", "file": "/etc/hostname"}'
    with pytest.warns(GitTrackWarning, match="/etc/hostname is only in the container"):
        run = launch(
            make(place, command=f"echo '{asks}' >> $GITTRACK_JOURNAL".replace("{", "{{").replace("}", "}}"))
        )
    assert [one.path for one in run.artifacts] == []


def test_links_out_of_the_project(place: Path, podman: Podman) -> None:
    """Nor through a link that the program makes."""
    del podman
    asks = '{{"event": "artifact", "file": "link"}}'
    with pytest.warns(GitTrackWarning, match="link is only in the container"):
        launch(make(place, command=f"ln -s /etc/hostname link; echo '{asks}' >> $GITTRACK_JOURNAL"))


def test_failure(place: Path, podman: Podman) -> None:
    """The exit status is that of the command."""
    del podman
    run = launch(make(place, command="exit 3"))
    assert (run.status, run.exit_code) == ("failed", 3)


def test_dockerfile(place: Path, podman: Podman) -> None:
    """Built, and rebuilt when it changes; the record has both digests."""
    del podman
    make(place, "dockerfile: Dockerfile", "cat /made", Dockerfile=f"FROM {IMAGE}\nRUN echo one > /made\n")
    first = environment_of(place, launch(place))["container"]
    assert first["dockerfile"]["path"] == "Dockerfile"
    assert environment_of(place, launch(place))["container"]["id"] == first["id"]
    (place / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo two > /made\n")
    assert environment_of(place, launch(place))["container"]["id"] != first["id"]


def test_build_image(place: Path, podman: Podman) -> None:
    """With `--build-image` the project is in the image, and what it writes stays there."""
    del podman
    run = launch(make(place, command="touch here; test -e show.py"), build_image=True)
    assert run.status == "finished"
    assert environment_of(place, run)["container"]["code"] is True
    assert not (place / "here").exists()


def test_needed(place: Path, podman: Podman) -> None:
    """The image is a part of what a step is made of."""
    del podman
    make(place, "dockerfile: Dockerfile", "cat /made", Dockerfile=f"FROM {IMAGE}\nRUN echo one > /made\n")
    first = launch(place, needed=True)
    assert launch(place, needed=True).id == first.id


def test_arguments(place: Path, podman: Podman) -> None:
    """`-A` reaches `docker run`; elsewhere it makes no sense."""
    del podman
    run = launch(
        make(place, command="test $(hostname) = there"), docker_args=("uts=private", "hostname=there")
    )
    assert run.status == "finished"
    assert environment_of(place, run)["container"]["arguments"] == ["--uts", "private", "--hostname", "there"]
    with pytest.raises(UsageError, match="does not run in a container"):
        launch(place, docker_args=("x",), manager="local")


def test_fetched(place: Path, repo: Path, podman: Podman, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project from elsewhere gets no folder of this machine that nobody allowed."""
    del podman
    make(place, f"image: {IMAGE}, volumes: ['{repo}:/data:ro']", "test -d /data")
    url = f"file://{place}/.git"
    monkeypatch.chdir(repo)
    with pytest.raises(UsageError, match="this project was fetched"):
        launch(repo, uri=url)
    git_run("config", "--add", "gittrack.containers.volumes", str(repo), cwd=repo)
    assert launch(repo, uri=url).status == "finished"


def test_fetched_default(place: Path, repo: Path) -> None:
    """The same for the default of a `path` param."""
    make(place)
    text = (place / "MLproject").read_text().replace("data: path", "data: {type: path, default: /etc}")
    (place / "MLproject").write_text(text)
    git_run("commit", "-q", "-a", "-m", "evil", cwd=place)
    with pytest.raises(UsageError, match="wants /etc of this machine"):
        launch(repo, uri=f"file://{place}/.git", entry_point="read")


@pytest.mark.parametrize(
    ("docker_env", "error"),
    [
        ("image: --privileged", InvalidValue),
        ("image: x, volumes: ['--privileged:/x']", InvalidValue),
        ("image: x, environment: [[--env, x]]", InvalidValue),
        ("image: x, environment: [NOT_SET_ANYWHERE]", UsageError),
    ],
)
def test_refused(place: Path, docker_env: str, error: type[GitTrackError]) -> None:
    """Before anything is run, and by `gittrack project validate` where it can be seen."""
    with pytest.raises(error):
        launch(make(place, docker_env))
    problems = project.validate(place)
    assert bool(problems) is (error is InvalidValue)


def test_validate(place: Path) -> None:
    """A Dockerfile that is not there, and what MLflow needs."""
    make(place, "dockerfile: Dockerfile")
    assert {one.message for one in project.validate(place)} >= {
        "docker_env names no image",
        "no such Dockerfile in the project: Dockerfile",
    }


def test_preview(place: Path) -> None:
    """What it would run in; no engine is asked."""
    os.chdir(make(place, "image: x:1, volumes: ['./:/v']"))
    with job.opened(Request()) as ready:
        assert ready.preview()["environment"] == {
            "manager": "docker",
            "source": "MLproject",
            "image": "x:1",
            "volumes": ["./:/v"],
        }


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "killed")])
def test_signals(place: Path, podman: Podman, number: signal.Signals, status: str) -> None:
    """They end the container, and the run says so."""
    make(place, command="echo > started; exec sleep 600")
    process = subprocess.Popen([sys.executable, "-m", "gittrack", "run", "."], cwd=place)
    end = time.monotonic() + 60
    while not (place / "started").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(60) == -number
    (run,) = _runs(place)
    assert run.status == status
    assert podman.running() == []


def _runs(place: Path) -> list[Run]:
    from gittrack.query.search import find

    return list(find(RunStore.open(start=place), None))


@pytest.fixture
def box(tmp_path: Path) -> boxes.Box:
    """A container that is never run."""
    image = Image("x", "sha256:" + "0" * 64)
    return boxes.Box(Engine("docker", ("docker",)), image, Inside("sh"), (), (), (), (), tmp_path, {})


def test_inner(box: boxes.Box) -> None:
    """A shell where there is one, else the words as they are."""
    assert box.inner("a 'b c' && d") == ("sh", "-c", "a 'b c' && d")
    assert replace(box, inside=Inside()).inner("a 'b c'") == ("a", "b c")


def test_user(box: boxes.Box, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is the one outside: by number, by namespace in rootless podman, as root in rootless docker."""
    store = RunStore.open(start=repo)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getgid", lambda: 100)
    podman = replace(box, engine=Engine("podman", ("podman",))).words(("true",), store)
    assert {"--userns=keep-id", "--user=1000:100", "--env=HOME=/tmp"} <= set(podman)
    says = repo.parent / "docker"
    says.write_text("#!/bin/sh\necho '[\"name=rootless\"]'\n")
    says.chmod(0o755)
    rootless = replace(box, engine=Engine("docker", (str(says),))).words(("true",), store)
    assert "--user=0:0" in rootless
    assert "--userns=keep-id" not in rootless
    says.write_text("#!/bin/sh\necho '[]'\n")
    assert "--user=1000:100" in replace(box, engine=Engine("docker", (str(says),))).words(("true",), store)


def test_settings_go_along(box: boxes.Box, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hides secrets is known inside too; SELinux does not stand in the way."""
    (repo / "gittrack.yaml").write_text("redact:\n  keys: [colour]\n")
    monkeypatch.setattr(boxes, "_SELINUX", repo)
    words = box.words(("true",), RunStore.open(start=repo))
    assert "--env=GITTRACK_REDACT_KEYS=colour" in words
    assert "--security-opt=label=disable" in words
