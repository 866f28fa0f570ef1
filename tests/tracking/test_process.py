from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.tracking.process import CannotStart, execute

if TYPE_CHECKING:
    from typing import IO

    from gittrack.tracking.outcome import Exit

    Stream = int | IO[bytes] | None


class Seen:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.data = b""
        self.closed = False

    def write(self, chunk: bytes) -> None:
        """Take some bytes."""
        self.data += chunk

    def close(self) -> None:
        """No more."""
        self.closed = True


def shell(script: str, sinks: list[Seen] | None = None) -> Exit:
    """Run a shell script; what its channels show goes to new sinks in the list."""

    def sink() -> Seen:
        one = Seen()
        if sinks is not None:
            sinks.append(one)
        return one

    end, problems = execute(["sh", "-c", script], env=dict(os.environ), sink=sink)
    assert problems == []
    return end


def outside(
    program: str, *, stdout: Stream = None, stderr: Stream = None, session: bool = False
) -> subprocess.Popen[bytes]:
    """A Python program beside us that may use `execute` and `Seen`."""
    head = (
        "import os, sys, signal; from gittrack.tracking.process import execute\n"
        "from gittrack.tracking.signals import die_of\n"
        "class Seen:\n write = close = lambda *_: None\n"
        "def run(words): return execute(words, env=os.environ, sink=Seen)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-c", head + program]
    return subprocess.Popen(words, env=env, stdout=stdout, stderr=stderr, start_new_session=session)


def test_output_passes_and_is_seen(capfd: pytest.CaptureFixture[str]) -> None:
    """Both streams arrive where they belong, byte for byte, and in the sinks."""
    sinks: list[Seen] = []
    end = shell(r"printf 'out\r\033[1mx'; printf 'err\n' >&2; exit 3", sinks)
    shown = capfd.readouterr()
    assert (end.code, end.signal, shown.out, shown.err) == (3, None, "out\r\x1b[1mx", "err\n")
    assert [(sink.data, sink.closed) for sink in sinks] == [(b"out\r\x1b[1mx", True), (b"err\n", True)]


def test_inherited_streams(capfd: pytest.CaptureFixture[str]) -> None:
    """Without a sink the child has our own streams."""
    end, _ = execute(["echo", "hello"], env=dict(os.environ))
    assert (end.code, capfd.readouterr().out) == (0, "hello\n")


def test_peak_memory() -> None:
    """Peak memory is that of the child's tree, beside a parent that is small itself."""
    program = "x = bytearray(200_000_000); x[::4096] = b'1' * len(x[::4096])"
    command = ["sh", "-c", f'{sys.executable} -c "{program}"; true']
    outer = f"end, _ = run({command!r}); sys.exit(not 200_000_000 < end.peak_memory < 400_000_000)"
    assert outside(outer).wait() == 0


def test_signal_of_child() -> None:
    """A child that a signal ends has no exit code."""
    end = shell("kill -KILL $$")
    assert (end.code, end.signal, end.status) == (None, signal.SIGKILL, 137)


def test_nothing_is_lost_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    """Megabytes written just before the end arrive whole."""
    sinks: list[Seen] = []
    shell("yes 0123456789 | head -c 5000000", sinks)
    expected = "0123456789\n" * 500_000
    assert capfd.readouterr().out == expected[:5_000_000] == sinks[0].data.decode()


def test_grandchild_that_stays(capfd: pytest.CaptureFixture[str]) -> None:
    """A descendant that holds the pipe does not hold us: it is there for another minute."""
    end = shell("sleep 60 & echo $!")
    os.kill(int(capfd.readouterr().out), signal.SIGTERM)  # it was still there
    assert end.code == 0


def test_late_words_of_a_grandchild(capfd: pytest.CaptureFixture[str]) -> None:
    """What descendants write right after the end still arrives."""
    shell("(sleep 0.1; echo late) &")
    assert capfd.readouterr().out == "late\n"


def test_order_in_one_place(tmp_path: Path) -> None:
    """Standard output and error that lead to one file stay in order."""
    with (tmp_path / "both").open("wb") as file:
        script = "for i in 1 2 3; do echo o$i; echo e$i >&2; done"
        program = f"run(['sh', '-c', {script!r}])"
        assert outside(program, stdout=file, stderr=file).wait() == 0
    assert (tmp_path / "both").read_text().split() == ["o1", "e1", "o2", "e2", "o3", "e3"]


def test_reader_that_goes_away() -> None:
    """A closed pipe ends the child as it would have alone."""
    program = "end, lost = run(['yes']); sys.exit(end.signal + len(lost))"
    process = outside(program, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == signal.SIGPIPE


def test_closed_streams() -> None:
    """Closed streams stay closed for the child."""
    program = "os.close(1); os.close(2); sys.exit(run(['sh', '-c', 'echo x'])[0].code != 0)"
    assert outside(program).wait() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk() -> None:
    """Output that cannot be written is said at the end; the child goes on."""
    program = "end, lost = run(['echo', 'x']); sys.exit(40 + lost[0].errno)"
    with Path("/dev/full").open("wb") as full:
        assert outside(program, stdout=full).wait() == 40 + 28


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT"])
def test_signals_are_passed_on(name: str) -> None:
    """A signal that comes to us alone goes to the child; we outlive it."""
    child = f"trap 'echo got; exit 7' {name[3:]}; echo ready; while :; do sleep 0.05; done"
    heard = f"signal.signal(signal.{name}, signal.SIG_DFL)"  # whatever the tests were started with: nohup
    program = f"{heard}; end, _ = run(['sh', '-c', {child!r}]); print(end.interrupted); sys.exit(end.code)"
    process = outside(program, stdout=subprocess.PIPE, session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(getattr(signal, name))
    assert process.stdout.read().split() == [b"got", str(name == "SIGINT").encode()]
    assert process.wait() == 7
    process.stdout.close()


def test_signals_at_the_very_start() -> None:
    """A signal that comes while the child is being started is passed on, not kept till its end."""
    child = "trap 'exit 7' USR1; kill -USR1 $PPID; while :; do sleep 0.01; done"
    program = f"signal.alarm(30); sys.exit(any(run(['sh', '-c', {child!r}])[0].code != 7 for _ in range(40)))"
    assert outside(program).wait() == 0


def test_dying_of_the_same_signal() -> None:
    """`die_of` ends a process as its child ended."""
    program = "die_of(run(['sh', '-c', 'kill -TERM $$'])[0].signal)"
    assert outside(program).wait() == -signal.SIGTERM


def test_ignored_signals_stay_ignored() -> None:
    """Under `nohup` nobody minds a hang-up."""
    script = "kill -HUP $$; kill -HUP $PPID; exit 5"
    program = f"signal.signal(signal.SIGHUP, signal.SIG_IGN); sys.exit(run(['sh', '-c', {script!r}])[0].code)"
    assert outside(program).wait() == 5


def test_in_a_thread(capfd: pytest.CaptureFixture[str]) -> None:
    """Outside of the main thread all works but the passing on of signals."""
    ends: list[Exit] = []
    thread = threading.Thread(target=lambda: ends.append(shell("echo x; exit 4")))
    thread.start()
    thread.join()
    assert (ends[0].code, capfd.readouterr().out) == (4, "x\n")


@pytest.mark.parametrize(
    ("name", "code", "message", "hint"),
    [
        ("no-such-command", 127, "command not found: no-such-command", "PATH"),
        ("script.py", 127, "command not found: script.py", "`python script.py`"),
        ("./script.py", 126, "not executable: ./script.py", "chmod"),
        ("./plain", 126, "not a program: ./plain", "#!/bin/sh"),
        ("./orphan", 127, "the interpreter of ./orphan is missing", "first line"),
        (".", 126, "not executable: .", "may do"),
    ],
)
def test_command_that_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int, message: str, hint: str
) -> None:
    """What cannot be started says why, with the exit codes of shells."""
    monkeypatch.chdir(tmp_path)
    Path("script.py").write_text("print(1)\n")
    for path, text in (("plain", "\x01\x02\x03"), ("orphan", "#!/no/such/interpreter\n")):
        Path(path).write_text(text)
        Path(path).chmod(0o755)
    with pytest.raises(CannotStart) as caught:
        execute([name], env=dict(os.environ), sink=Seen)
    assert (caught.value.exit_code, caught.value.message) == (code, message)
    assert hint in str(caught.value.hint)


def test_folder_that_is_gone(tmp_path: Path) -> None:
    """A folder that does not exist is named."""
    with pytest.raises(CannotStart, match="no such folder"):
        execute(["true"], env=dict(os.environ), cwd=tmp_path / "gone")
