"""`gittrack run -- CMD`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.cli.main import invoke
from gittrack.store.runs import RunStore
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run

ROOT = Path(__file__).parents[2]
GITTRACK = [sys.executable, "-m", "gittrack"]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes find the package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def newest(repo: Path) -> Run:
    """The run that was committed last."""
    store = RunStore.open(start=repo)
    store.index.refresh()
    ((run_id,), *_) = store.index.query("SELECT run_id FROM run ORDER BY run_id DESC")
    return store.get(run_id)


def gittrack(*words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as users do."""
    return subprocess.run([*GITTRACK, *words], check=False, stderr=subprocess.PIPE)


def test_options(repo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every option reaches the run."""
    (repo / "p.toml").write_text("seed = 1\n")
    words = [
        "-n",
        "base",
        "--experiment",
        "digits",
        "-t",
        "team=vision",
        "-t",
        "eq=a=b",
        "--note",
        "first",
        "--params",
        "p.toml",
    ]
    words += [
        "--metrics",
        "m.json",
        "--metrics-from-stdout",
        "--metric-pattern",
        r"f1 (?P<f1>\S+)",
        "--no-snapshot",
    ]
    script = """echo 'epoch 1 loss=0.5'; echo f1 0.7; echo '{"acc": 0.9}' > m.json"""
    assert invoke(["run", *words, "--", "sh", "-c", script]) == 0
    run = newest(repo)
    assert (run.name, run.experiment, run.note) == ("base", "digits", "first")
    assert '"metrics_files":["m.json"]' in run.tags["gittrack.capture"]
    own = {name: text for name, text in run.tags.items() if name != "gittrack.capture"}
    assert (own, run.params, run.source.missing) == (
        {"team": "vision", "eq": "a=b"},
        {"seed": 1},
        "disabled",
    )
    assert {key: one.last for key, one in run.metrics.items()} == {"acc": 0.9, "f1": 0.7, "loss": 0.5}
    said = capfd.readouterr().err
    assert re.fullmatch(rf"run {run.id} \(base\) finished in \S+ \(acc 0.9, f1 0.7, loss 0.5\)\n", said)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "failed with exit code 3 after"),
        ("kill -TERM $$", "was killed by SIGTERM after"),
        ("kill -INT $$", "was interrupted after"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_how_it_ended(script: str, said: str) -> None:
    """One line says how it ended; `--quiet` says nothing."""
    assert said in gittrack("run", "--", "sh", "-c", script).stderr.decode()
    assert gittrack("run", "-q", "--", "sh", "-c", script).stderr == b""


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", -15), ("kill -KILL $$", -9), ("kill -INT $$", -2)],
)
@pytest.mark.usefixtures("repo")
def test_exit_status_is_that_of_the_command(script: str, status: int) -> None:
    """A parent cannot tell us from the command itself."""
    assert gittrack("run", "-q", "--", "sh", "-c", script).returncode == status


def test_no_output(repo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`--no-output` keeps none."""
    assert invoke(["run", "-q", "--no-output", "--", "echo", "hi"]) == 0
    assert (capfd.readouterr().out, newest(repo).artifacts) == ("hi\n", ())


def test_inputs(repo: Path) -> None:
    """Each `--input` is recorded, by its digest."""
    (repo / "a").write_bytes(b"1")
    (repo / "b").write_bytes(b"2")
    assert invoke(["run", "-q", "--input", "a", "-i", "b", "--", "true"]) == 0
    assert {one.name: one.size for one in newest(repo).inputs} == {"a": 1, "b": 1}


def test_options_of_the_command_are_its_own(repo: Path) -> None:
    """What stands after `--` is not looked at, a second `--` included."""
    assert invoke(["run", "-q", "--", "true", "--name", "x", "--", "-q"]) == 0
    assert newest(repo).command == ("true", "--name", "x", "--", "-q")


def test_command_not_found(repo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A command that is not there: error, hint, 127, and a failed run."""
    assert invoke(["run", "--", "no-such-command"]) == 127
    assert capfd.readouterr().err.startswith("error: command not found: no-such-command\nhint: ")
    assert newest(repo).status == "failed"


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ([], "there is no command to run", "gittrack run -- python train.py"),
        (["--"], "there is no command to run", "gittrack run -- python train.py"),
        (
            ["python", "t.py", "--lr", "1"],
            "`--` must stand before the command",
            "gittrack run … -- python t.py --lr 1",
        ),
        (["-e", "x", "--", "true"], "--entry-point is an option of a project", "--experiment NAME"),
        (["--params", "p.yaml", "."], "--params is an option of a command", "--help"),
        (["-t", "a", "--", "true"], "'a' is no KEY=VALUE", "--help"),
        (["--metric-pattern", "(", "--", "true"], "not a regular expression", "(?P<acc>"),
        (["--params", "none.yaml", "--", "true"], "no such file: none.yaml", "current folder"),
        (["--nonsense", "--", "true"], "no such option", "--help"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_wrong_usage(capsys: pytest.CaptureFixture[str], words: list[str], error: str, hint: str) -> None:
    """Wrong usage is said with a hint, and nothing runs."""
    assert invoke(["run", *words]) == 2
    shown = capsys.readouterr().err
    assert error in shown.splitlines()[0].lower() or error in shown
    assert hint in shown.splitlines()[1]


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside of a repository nothing runs."""
    monkeypatch.chdir(tmp_path)
    assert invoke(["run", "--", "touch", "ran"]) == 1
    assert "not a Git repository" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


def test_interrupted_in_a_terminal(repo: Path) -> None:
    """^C: the command cleans up, the run is interrupted, a loop around it stops."""
    script = "trap 'echo cleaned; exit 1' INT; echo ready; while :; do sleep 0.05; done"
    terminal = Terminal([*GITTRACK, "run", "--", "sh", "-c", script])
    try:
        terminal.wait_for("ready")
        terminal.type("\x03")
        assert terminal.end() == 1
    finally:
        terminal.kill()
    run = newest(repo)
    assert "cleaned" in terminal.text
    assert (run.status, run.exit_code) == ("interrupted", 1)


def test_killed_wrapper(repo: Path) -> None:
    """When the wrapper itself is killed, the next command commits what was logged."""
    script = (
        """echo '{"event":"metric","key":"a","value":1}' >> $GITTRACK_JOURNAL; echo ready; exec sleep 60"""
    )
    process = subprocess.Popen(
        [*GITTRACK, "run", "--", "sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    (run,) = RunStore.open(start=repo).recover()
    assert (run.status, run.metrics["a"].last) == ("killed", 1.0)


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """A control group that may use 150 MB."""
    root = Path("/sys/fs/cgroup")
    old = (root / "memory").is_dir()
    group = (root / "memory" if old else root) / f"gittrack-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if old else "memory.max")).write_text("150000000")
    except OSError as error:
        pytest.skip(f"no control group of memory can be made here: {error}")
    with contextlib.suppress(OSError):
        (group / "memory.swap.max").write_text("0")
    yield group
    group.rmdir()


def test_out_of_memory(repo: Path, memory_group: Path) -> None:
    """A command that the kernel kills for want of memory is told from one that somebody killed."""
    enter = f"echo $$ > {memory_group}/cgroup.procs && exec "
    words = [*GITTRACK, "run", "-q", "--", sys.executable, "-c", "x = b'1' * 400_000_000"]
    done = subprocess.run(["sh", "-c", enter + '"$@"', "sh", *words], check=False)
    assert done.returncode == -9
    run = newest(repo)
    assert (run.status, run.signal) == ("oom", "SIGKILL")


@pytest.mark.usefixtures("repo")
def test_light() -> None:
    """The way to a run loads none of the heavy libraries."""
    program = (
        "import sys; from gittrack.cli.main import invoke\n"
        "invoke(['run', '-q', '--', 'true'])\n"
        "heavy = {'rich', 'pandas', 'git', 'yaml', 'psutil', 'plotext', 'fsspec'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == []
