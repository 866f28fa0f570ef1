from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.backends import all_backends, watching
from gittrack.launch.backends.base import EngineError, EngineUnreachable, Rejected, State, Ticket
from gittrack.launch.backends.engine import Engine
from gittrack.launch.backends.kubernetes import Kubernetes
from gittrack.launch.backends.kubernetes_state import failed, said, waiting
from gittrack.query.select import resolve
from gittrack.store.runs import RunStore
from tests.launch.backends.conftest import Place
from tests.support.engines.kubernetes import Cluster
from tests.support.git import git_run
from tests.support.servers.base import free_port, poll

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TICKET = Ticket(
    run_id="20261124-034313-abcdefgh",
    work={"kind": "project", "params": {"text": "$(HOME) 'x' \"y\""}},
    repository="/r",
    folder="/r/.git/gittrack/jobs/1",
    nonce="n",
    python=("python3",),
    remote="https://example.org/r.git",
    shared=False,
)
EVERYTHING: dict[str, Any] = {
    "image": "registry.example.org/train@sha256:0123",
    "namespace": "team",
    "requests": {"cpu": 2, "memory": "4Gi"},
    "limits": {"nvidia.com/gpu": 1},
    "environment": {"A": "b c", "N": 1},
    "service_account": "runner",
    "image_pull_policy": "IfNotPresent",
    "image_pull_secrets": ["registry"],
    "node_selector": {"gpu": "a100"},
    "labels": {"team": "vision"},
    "timeout": 3600,
    "keep": 60,
}
TEMPLATE: dict[str, Any] = {
    "spec": {
        "backoffLimit": 6,
        "template": {
            "spec": {
                "restartPolicy": "OnFailure",
                "containers": [
                    {
                        "name": "main",
                        "image": "from/template",
                        "env": [{"name": "KEPT", "value": "1"}, {"name": "A", "value": "old"}],
                        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    }
                ],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
            }
        },
    }
}


def manifest(options: dict[str, Any]) -> dict[str, Any]:
    """The Job of a ticket."""
    found: dict[str, Any] = json.loads(all_backends.make("kubernetes", options).preview(TICKET))
    return found


@pytest.mark.parametrize(
    "options", [{"image": "i"}, EVERYTHING, {"template": TEMPLATE}, {**EVERYTHING, "template": TEMPLATE}]
)
def test_schema(options: dict[str, Any]) -> None:
    """Every manifest keeps the official schema, unknown fields refused."""
    kubernetes_validate.validate(manifest(options), "1.31", strict=True)


def test_options() -> None:
    """What is told lands where Kubernetes looks for it."""
    job = manifest(EVERYTHING)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["metadata"]["name"] == f"gittrack-{TICKET.run_id}"
    assert job["metadata"]["namespace"] == "team"
    assert (job["spec"]["backoffLimit"], job["spec"]["activeDeadlineSeconds"]) == (0, 3600)
    assert (pod["restartPolicy"], pod["serviceAccountName"]) == ("Never", "runner")
    assert container["command"] == ["python3", "-m", "gittrack", "exec"]
    assert container["resources"] == {
        "requests": {"cpu": "2", "memory": "4Gi"},
        "limits": {"nvidia.com/gpu": "1"},
    }


def test_template() -> None:
    """A template without metadata is filled, keeps what it has, and is not changed itself."""
    before = json.dumps(TEMPLATE)
    job = manifest({"template": TEMPLATE, "environment": {"A": "new"}})
    (container,) = job["spec"]["template"]["spec"]["containers"]
    env = {one["name"]: one["value"] for one in container["env"]}
    assert (container["name"], container["image"]) == ("main", "from/template")
    assert (env["KEPT"], env["A"]) == ("1", "new")
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]
    assert json.dumps(TEMPLATE) == before


def test_dollars() -> None:
    """Kubernetes replaces `$(NAME)` in values: it must not find one."""
    env = {
        one["name"]: one["value"]
        for one in manifest({"image": "i"})["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    assert "$$(HOME)" in env["GITTRACK_TICKET"]
    assert json.loads(env["GITTRACK_TICKET"].replace("$$(", "$("))["run_id"] == TICKET.run_id


def test_no_image() -> None:
    """Without an image there is no Job."""
    with pytest.raises(UsageError, match="which image"):
        manifest({})


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A server of the API, for the real client."""
    if find_spec("kubernetes") is None:
        require = os.environ.get("GITTRACK_TEST_REQUIRE") == "all"
        (pytest.fail if require else pytest.skip)("pip install 'gittrack[kubernetes]'")
    folder = tmp_path / "cluster"
    folder.mkdir()
    found = Cluster(folder)
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def pods(project: Path, cluster: Cluster, tmp_path: Path) -> Place:
    """The project, which has a remote, and the server."""
    remote = tmp_path / "remote.git"
    git_run("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git_run("remote", "add", "origin", str(remote), cwd=project)
    options = {"image": "i", "kubeconfig": str(cluster.kubeconfig), "python": sys.executable}
    return Place(Engine.of(RunStore.open(start=project).config, "kubernetes", options), project)


def test_run(pods: Place, cluster: Cluster) -> None:
    """A run goes to its pod through the remote and comes back through it; the code's ref is gone then."""
    run = pods.run(text="$(HOME) 'x'")
    assert (run.status, run.params["text"], run.metrics["loss"].last) == ("finished", "$(HOME) 'x'", 0.5)
    assert "uncommitted says $(HOME) 'x'" in "".join(pods.printed)
    assert run.tags["gittrack.job"] == f"gittrack-{run.id}"
    assert "refs/gittrack/jobs/" not in git_run("ls-remote", "origin", cwd=pods.project)
    assert not pods.store.live()
    (job,) = cluster.jobs.values()
    kubernetes_validate.validate(job, "1.31", strict=True)


def test_failure(pods: Place) -> None:
    """The exit code of a command comes back."""
    run = pods.run(code=4)
    assert (run.status, run.exit_code) == ("failed", 4)


def test_cancel(pods: Place) -> None:
    """A Job that is cancelled is deleted, and its run ends."""
    submitted = pods.submit(seconds=60)
    poll(lambda: "uncommitted says" in "".join(_printed(pods, submitted.handle)), "it does not begin")
    assert watching.settle_all(pods.store, at_once=True) == []
    assert pods.store.get(submitted.run_id).status == "running"
    run = watching.cancel(pods.store, submitted.run_id)
    assert run is not None
    assert run.status in {"interrupted", "killed"}
    assert pods.engine.backend.status(submitted.handle).phase == "lost"
    pods.engine.backend.cancel(submitted.handle)


def _printed(pods: Place, handle: Any) -> list[str]:
    return [next(iter(pods.engine.backend.logs(handle)))]


def test_waits(pods: Place, cluster: Cluster) -> None:
    """A pod whose image cannot be had waits, and says so."""
    cluster.waits = "ImagePullBackOff"
    submitted = pods.submit()
    state = pods.engine.backend.status(submitted.handle)
    assert (state.phase, state.reason) == ("queued", "ImagePullBackOff: cannot be had")
    assert pods.store.get(submitted.run_id).status == "queued"


def test_rejected(pods: Place, cluster: Cluster) -> None:
    """A Job that the cluster refuses is a failed run with its reason."""
    cluster.refusal = "quota exceeded"
    with pytest.raises(Rejected, match="Kubernetes refuses the job: quota exceeded"):
        pods.submit()
    assert resolve(pods.store, "@last").status == "failed"


def test_no_remote(project: Path, cluster: Cluster) -> None:
    """Without a remote there is nowhere to meet."""
    options = {"image": "i", "kubeconfig": str(cluster.kubeconfig)}
    place = Place(Engine.of(RunStore.open(start=project).config, "kubernetes", options), project)
    with pytest.raises(Exception, match="no Git remote to meet it at"):
        place.submit()


def test_unreachable(cluster: Cluster, tmp_path: Path) -> None:
    """A cluster that is gone does not answer."""
    text = cluster.kubeconfig.read_text()
    port = cluster.kubeconfig.read_text().partition("127.0.0.1:")[2].partition('"')[0]
    gone = tmp_path / "gone"
    gone.write_text(text.replace(port, str(free_port())))
    with pytest.raises(EngineUnreachable, match="Kubernetes does not answer"):
        Kubernetes({"image": "i", "kubeconfig": str(gone)}).submit(TICKET)


def test_not_configured() -> None:
    """Without a configuration there is no cluster."""
    pytest.importorskip("kubernetes")
    with pytest.raises(EngineError, match="Kubernetes is not configured"):
        Kubernetes({"image": "i"}).submit(TICKET)


def thing(**fields: Any) -> Any:
    """An object of the client, with what is asked for."""
    return SimpleNamespace(**fields)


def pod_that(phase: str = "Running", **state: Any) -> Any:
    """A pod in a phase whose container is in a state."""
    states = {"waiting": None, "running": None, "terminated": None, **state}
    return thing(
        status=thing(phase=phase, container_statuses=[thing(state=thing(**states))], conditions=None)
    )


FAILED = thing(reason="BackoffLimitExceeded", message="Job has reached the specified backoff limit")
LATE = thing(reason="DeadlineExceeded", message="Job was active longer than specified deadline")


@pytest.mark.parametrize(
    ("condition", "pod", "state"),
    [
        (FAILED, pod_that(terminated=thing(exit_code=3, reason="Error")), State("failed", 3)),
        (
            FAILED,
            pod_that(terminated=thing(exit_code=137, reason="OOMKilled")),
            State("failed", 137, "it ran out of memory"),
        ),
        (LATE, None, State("failed", None, f"DeadlineExceeded: {LATE.message}")),
    ],
)
def test_failed(condition: Any, pod: Any, state: State) -> None:
    """Why a Job failed, as far as its pod is still there to say so."""
    assert failed(condition, pod) == state


def test_waiting() -> None:
    """A Job without a pod waits; so does one whose pod finds no node, and that says why."""
    assert waiting(None) == State("queued")
    assert waiting(pod_that()) == State("running")
    blocked = thing(status="False", message="0/3 nodes are available: insufficient cpu")
    pod = thing(status=thing(phase="Pending", container_statuses=None, conditions=[blocked]))
    assert waiting(pod) == State("queued", None, blocked.message)


def test_said() -> None:
    """What a server says that does not speak JSON."""
    assert said(thing(body="<html>", reason="Bad Gateway")) == "Bad Gateway"
