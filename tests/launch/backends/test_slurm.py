from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.cli.on_engine import exit_status
from gittrack.core.errors import GitTrackError
from gittrack.core.records import Run
from gittrack.launch.backends.base import EngineError, EngineUnreachable, Rejected, State, Ticket
from gittrack.launch.backends.slurm import Slurm, _state
from gittrack.query.select import resolve
from tests.launch.backends.conftest import place

if TYPE_CHECKING:
    from tests.launch.backends.conftest import Place
    from tests.support.engines import Engines

TICKET = Ticket(
    "20261124-034313-abcdefgh", {"kind": "project"}, "/r", "/r 100%/jobs/1", "n", ("/usr/bin/python3",)
)


@pytest.fixture
def slurm(project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The project and a real Slurm."""
    return place("slurm", project, engines, monkeypatch)


@pytest.mark.parametrize(
    ("name", "code", "reason", "state"),
    [
        ("PENDING", "0:0", "Resources", State("queued", None, "Resources")),
        ("PENDING", "0:0", "None", State("queued")),
        ("RUNNING", "0:0", "None", State("running")),
        ("COMPLETING", "0:0", "None", State("running")),
        ("COMPLETED", "0:0", "None", State("finished", 0)),
        ("FAILED", "3:0", "NonZeroExitCode", State("failed", 3)),
        ("FAILED", "0:9", "None", State("failed")),
        ("TIMEOUT", "0:0", "TimeLimit", State("failed", 0, "it reached its time limit")),
        ("OUT_OF_MEMORY", "0:125", "OutOfMemory", State("failed", None, "it ran out of memory")),
        ("CANCELLED by 0", "0:15", "", State("cancelled")),
        ("CANCELLED+", "0:0", "", State("cancelled", 0)),
        ("NODE_FAIL", "1:0", "", State("lost", 1, "its node failed")),
    ],
)
def test_states(name: str, code: str, reason: str, state: State) -> None:
    """States as scontrol and sacct write them."""
    assert _state(name, code, reason) == state


def test_script(tmp_path: Path) -> None:
    """Bash reads the script as it was meant: options, variables, lines of the user, the words of the job."""
    told = {
        "environment": {"A": "it's $HOME"},
        "setup": ["B=1"],
        "requeue": False,
        "exclusive": True,
        "mem": "4 G",
    }
    text = Slurm(told).preview(TICKET)
    assert "#SBATCH --output='/r 100%%/jobs/1/log'\n" in text
    assert "#SBATCH --no-requeue\n" in text
    assert "#SBATCH --exclusive\n" in text
    assert "#SBATCH --mem='4 G'\n" in text
    shown = tmp_path / "script"
    shown.write_text(text.replace("exec /usr/bin/python3", 'printf "%s\\n" "$A" "$B"'))
    out = subprocess.run(["bash", shown], capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == ["it's $HOME", "1", "-m", "gittrack", "exec", "/r 100%/jobs/1/ticket.json"]


def test_inline() -> None:
    """A job that shares no files has its ticket in a variable."""
    text = Slurm({}).preview(replace(TICKET, shared=False, remote="https://example.org/r.git"))
    assert "export GITTRACK_TICKET=" in text
    assert text.endswith("exec /usr/bin/python3 -m gittrack exec\n")
    assert not Slurm({"shared": False}).shares("")


def test_variable() -> None:
    """What is no name of a variable is no line of the script."""
    with pytest.raises(Rejected, match="not the name of an environment variable"):
        Slurm({"environment": {"A; rm -rf": "1"}}).preview(TICKET)


def test_rejected(slurm: Place) -> None:
    """A job that Slurm refuses is a failed run that says why."""
    refusing = place_with(slurm, partition="moon")
    with pytest.raises(Rejected, match="Slurm refuses the job: Invalid partition name specified"):
        refusing.submit()
    run = resolve(slurm.store, "@last")
    assert run.status == "failed"
    (log,) = run.artifacts
    text = slurm.store.objects.read(log.sha256).decode()
    assert "Invalid partition name specified" in text


def test_waits(slurm: Place) -> None:
    """A job that cannot start waits, says why, and can be cancelled; its run was interrupted."""
    waiting = place_with(slurm, partition="down")
    submitted = waiting.submit()
    assert slurm.engine.backend.status(submitted.handle) == State("queued", None, "PartitionDown")
    assert slurm.store.get(submitted.run_id).status == "queued"
    slurm.engine.backend.cancel(submitted.handle)
    assert slurm.follow(submitted).status == "interrupted"


def test_forgotten(slurm: Place) -> None:
    """A job that Slurm does not know is lost."""
    handle = {"id": "999999", "cluster": None, "folder": "/"}
    assert slurm.engine.backend.status(handle).phase == "lost"
    slurm.engine.backend.cancel(handle)


def place_with(one: Place, **options: object) -> Place:
    """The same with other options."""
    from gittrack.launch.backends.engine import Engine

    return replace(one, engine=Engine.of(one.store.config, "slurm", options))


def test_missing(local: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Slurm the run has failed, and the hint says where to go."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "bash"):
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(EngineError, match="there is no Slurm here: `sbatch` is not on PATH"):
        place_with(local).submit()
    assert resolve(local.store, "@last").status == "failed"


def test_unreachable(engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller that is down does not answer, which says nothing of its jobs."""
    conf = Path(engines.environment("slurm")["SLURM_CONF"]).read_text()
    lines = ["SlurmctldPort=1" if line.startswith("SlurmctldPort=") else line for line in conf.splitlines()]
    (tmp_path / "slurm.conf").write_text("\n".join([*lines, "SlurmctldTimeout=1", "MessageTimeout=1", ""]))
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "slurm.conf"))
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    with pytest.raises(EngineUnreachable, match="Slurm does not answer"):
        Slurm({}).status({"id": "1", "cluster": None, "folder": "/"})


def test_errors() -> None:
    """Errors of engines are expected ones."""
    assert issubclass(Rejected, EngineError)
    assert issubclass(EngineError, GitTrackError)


@pytest.mark.usefixtures("slurm")
def test_command_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Waiting for a job: its output here, what becomes of it on standard error, its exit status ours."""
    assert invoke(["run", ".", "-b", "slurm", "-P", "code=3", "-P", "text=aloud"]) == 3
    out, err = capfd.readouterr()
    assert "uncommitted says aloud\n" in out
    assert re.search(r"run \S+ is slurm job \d+\n", err)
    assert "failed with exit code 3" in err
    assert invoke(["run", ".", "-q", "-b", "slurm"]) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (Run("x", status="finished"), 0),
        (Run("x", status="failed", exit_code=7), 7),
        (Run("x", status="killed", signal="SIGTERM"), 143),
        (Run("x", status="killed", signal="SIG99"), 1),
        (Run("x", status="lost"), 1),
    ],
)
def test_exit_status(run: Run, status: int) -> None:
    """What the command line says of a run that ended elsewhere."""
    assert exit_status(run) == status


def test_reproduce(slurm: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """A repetition on Slurm: identical; refused: not comparable."""
    original = slurm.run(text="again")
    assert invoke(["reproduce", original.id, "--on", "slurm"]) == 0
    assert "identical" in capfd.readouterr().out
    assert invoke(["reproduce", original.id, "--on", "slurm", "-c", '{"partition": "moon"}']) == 5
    assert "Invalid partition name specified" in capfd.readouterr().out
