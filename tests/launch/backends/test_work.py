"""What `gittrack exec` does with its ticket, where it goes well and where not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.artifacts.manifest import decode
from gittrack.core.errors import GitTrackError, RemoteError, UsageError
from gittrack.launch.backends import (
    following,
    job_files,
    luggage,
    ordering,
    portable,
    submission,
    watching,
    work,
)
from gittrack.launch.backends.base import EngineUnreachable, State, Ticket
from gittrack.launch.backends.submission import Submission
from gittrack.launch.projects import job
from gittrack.launch.projects.request import Request
from gittrack.launch.reproduction.reproduce import repeat_run
from gittrack.query.select import resolve
from gittrack.store.doctor.beside import journals
from gittrack.store.journal.job import job_of, put_job
from tests.support.engines import process_of
from tests.support.git import git_run
from tests.support.servers.base import poll

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.core.records import Run
    from tests.launch.backends.conftest import Place


def silent(_text: str) -> None:
    """Say nothing."""


def submitted_only(place: Place, **more: Any) -> Ticket:
    """The ticket of a run that waits, with nobody to run it."""
    tickets: list[Ticket] = []

    class Nobody:
        NAME, OPTIONS = "local", ()

        def submit(self, ticket: Ticket) -> Mapping[str, Any]:
            tickets.append(ticket)
            return {"id": "1", "pid": 1, "folder": ticket.folder}

    with job.opened(Request(".", **more)) as ready:
        order = ordering.order_of(ready, "local")
        submission.submit(place.store, order, Nobody(), {})  # type: ignore[arg-type]  # all that is called
    return tickets[0]


def test_waiting_run_is_not_abandoned(local: Place) -> None:
    """However silent, a run that has a job is not taken for dead."""
    ticket = submitted_only(local)
    for path in local.store.live_directory(ticket.run_id).iterdir():
        os.utime(path, (0, 0))
    assert local.store.recover() == []
    assert local.store.get(ticket.run_id).status == "queued"


def test_doctor(local: Place) -> None:
    """The doctor does not take it for abandoned either."""
    submitted_only(local)
    found = list(journals(local.store))
    assert [(one.level, one.what) for one in found] == [("ok", "0 runs running, 1 on an engine")]


def test_ticket_is_private(local: Place) -> None:
    """Nobody else reads the ticket, which has the params, and it goes with its run."""
    ticket = submitted_only(local)
    path = Path(ticket.folder) / job_files.TICKET
    assert path.stat().st_mode & 0o777 == 0o600
    assert job_files.read_ticket(path.read_bytes()) == ticket
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    os.utime(path.parent, (0, 0))
    watching.settle_all(local.store)
    assert not path.parent.exists()


def test_edits_while_it_waits(local: Place) -> None:
    """What is noted on a run while it waits is there when it has run."""
    from gittrack.core.events import TagsSet

    ticket = submitted_only(local)
    local.store.edit([ticket.run_id], [TagsSet({"team": "vision"})])
    work.execute(ticket, enter=os.chdir, progress=silent)
    run = local.store.get(ticket.run_id)
    assert (run.status, run.tags["team"], run.tags["gittrack.job"]) == ("finished", "vision", "1")


def test_again(local: Place) -> None:
    """A job that is started once more, after its machine was lost, is another attempt of its run."""
    submitted = local.submit(seconds=60)
    process = process_of(submitted.run_id)
    poll(lambda: bool(local.store.series(submitted.run_id)), "it does not begin")
    children = process.children(recursive=True)
    for one in (process, *children):
        one.kill()
    poll(lambda: not local.store.is_running(submitted.run_id), "it still writes")
    folder = job_files.folder_of(local.store.git, submitted.run_id)
    ticket = job_files.read_ticket((folder / job_files.TICKET).read_bytes())
    ticket = replace(ticket, work={**ticket.work, "params": {"seconds": 0}})
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    run = local.store.get(submitted.run_id)
    assert (run.status, run.attempt) == ("finished", 2)


def test_twice_at_once(local: Place) -> None:
    """A job that runs is not run a second time beside."""
    submitted = local.submit(seconds=60)
    poll(lambda: bool(local.store.series(submitted.run_id)), "it does not begin")
    folder = job_files.folder_of(local.store.git, submitted.run_id)
    said: list[str] = []
    ticket = job_files.read_ticket((folder / job_files.TICKET).read_bytes())
    assert work.execute(ticket, enter=os.chdir, progress=said.append) == 1
    assert f"run {ticket.run_id} is running already" in said[-1]
    assert local.store.get(ticket.run_id).status == "running"
    watching.cancel(local.store, ticket.run_id)


def test_cannot_be_made_ready(local: Place) -> None:
    """A job whose environment cannot be made is a failed run whose output says why."""
    (local.project / "MLproject").write_text(
        "name: x\npython_env: e.yaml\nentry_points: {main: {command: 'true'}}\n"
    )
    (local.project / "e.yaml").write_text("python: '3.99'\n")
    run = local.run()
    assert (run.status, run.exit_code) == ("failed", 1)
    (log,) = run.artifacts
    assert "gittrack: " in local.store.objects.read(log.sha256).decode()


def test_command_not_found(local: Place) -> None:
    """A command that is not there fails as it does here."""
    (local.project / "MLproject").write_text("entry_points: {main: {command: 'no-such-program'}}\n")
    run = local.run()
    assert (run.status, run.exit_code) == ("failed", 127)


def test_relative_path(local: Place) -> None:
    """A file that is in the code is read from the code, with its digest."""
    run = local.run("read", data="data.csv")
    assert run.status == "finished"
    assert "1,2" in "".join(local.printed)
    (used,) = run.inputs
    assert (used.uri, used.kind) == ("data.csv", "file")


def test_path_elsewhere(local: Place, tmp_path: Path) -> None:
    """A file that is not in the code is read where it is."""
    (tmp_path / "big.csv").write_text("3,4\n")
    assert local.run("read", data=str(tmp_path / "big.csv")).status == "finished"
    assert "3,4" in "".join(local.printed)


@pytest.mark.usefixtures("project")
def test_path_that_cannot_travel(tmp_path: Path) -> None:
    """Where no files are shared, a file has to be in the code."""
    (tmp_path / "big.csv").write_text("3,4\n")
    with (
        job.opened(Request(".", "read", params={"data": str(tmp_path / "big.csv")})) as ready,
        pytest.raises(UsageError, match="names a file that the job cannot see"),
    ):
        ordering.order_of(ready, "ray", shared=False)


@pytest.mark.usefixtures("project")
def test_needed() -> None:
    """Reuse is decided on this machine alone."""
    with job.opened(Request(".", needed=True)) as ready, pytest.raises(UsageError, match="--needed"):
        ordering.order_of(ready, "slurm")


@pytest.mark.parametrize("shared", [True, False])
def test_no_snapshot(local: Place, shared: bool) -> None:  # noqa: FBT001  a case
    """Code that is not captured cannot travel."""
    git_run("config", "gittrack.snapshot.enabled", "false", cwd=local.project)
    with (
        job.opened(Request(".")) as ready,
        pytest.raises(UsageError, match="the code cannot travel: disabled"),
    ):
        ordering.order_of(ready, "slurm", shared=shared)


def test_folder_without_repository(local: Place, tmp_path: Path) -> None:
    """A project outside of Git runs where it is, if its files are shared, and only then."""
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "MLproject").write_text("entry_points: {main: {command: 'echo plain; exit 5'}}\n")
    with job.opened(Request(str(folder)), local.project) as ready:
        run = local.follow(local.engine.submit(ready))
        with pytest.raises(UsageError, match="the code cannot travel"):
            ordering.order_of(ready, "ray", shared=False)
    assert (run.status, run.exit_code, run.source.missing) == ("failed", 5, "not in a Git repository")


def test_git_url(local: Place) -> None:
    """A project by its URL is fetched by the job."""
    git_run("commit", "-qam", "all", cwd=local.project)
    with job.opened(Request(local.project.as_uri()), local.project) as ready:
        run = local.follow(local.engine.submit(ready))
    assert (run.status, run.params["text"]) == ("finished", "plain")


def test_not_shared_after_all(local: Place) -> None:
    """A job that cannot see the repository, and was told no remote, says so."""
    ticket = replace(submitted_only(local), nonce="another")
    with pytest.raises(RemoteError, match="cannot be seen here, and the ticket names no Git remote"):
        work.execute(ticket, enter=os.chdir, progress=silent)


def test_remote_without_the_code(local: Place, tmp_path: Path) -> None:
    """A remote that lacks the code is an error."""
    git_run("init", "-q", "--bare", str(tmp_path / "empty.git"), cwd=tmp_path)
    ticket = replace(submitted_only(local), shared=False, remote=str(tmp_path / "empty.git"))
    with pytest.raises(GitTrackError):
        work.execute(ticket, enter=os.chdir, progress=silent)


def test_remote_reproduction(local: Place, tmp_path: Path) -> None:
    """A repetition on a machine that shares nothing has the run and its code from the remote."""
    git_run("init", "-q", "--bare", str(tmp_path / "remote.git"), cwd=tmp_path)
    git_run("remote", "add", "origin", str(tmp_path / "remote.git"), cwd=local.project)
    from gittrack.store.sync import share

    original = local.run(text="once")
    share.push(local.store, "origin")
    run_id = local.store.new_id()
    ticket = Ticket(
        run_id,
        {"kind": "reproduce", "run": original.id, "env": "local"},
        "/nowhere",
        "/nowhere/x",
        "n",
        (sys.executable,),
        remote=str(tmp_path / "remote.git"),
        shared=False,
    )
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    os.chdir(local.project)
    share.pull(local.store, "origin")
    run = local.store.get(run_id)
    assert run.tags["gittrack.reproduces"] == original.id
    assert run.metrics["loss"].last == 0.5


def remote_job(local: Place, tmp_path: Path, text: str = "far") -> Ticket:
    """The ticket of a job that meets its submitter at a remote and sees nothing else of it."""
    git_run("init", "-q", "--bare", str(tmp_path / "remote.git"), cwd=tmp_path)
    git_run("remote", "add", "origin", str(tmp_path / "remote.git"), cwd=local.project)
    ticket = submitted_only(local, params={"text": text})
    found = portable.publish(local.store, local.store.get(ticket.run_id), None)
    return replace(ticket, shared=False, remote=portable.address(found))


def taken_in(local: Place, ticket: Ticket) -> Run:
    """The run of such a job, as its submitter gets it."""
    os.chdir(local.project)
    submitted = Submission(ticket.run_id, "local", {"id": "1", "folder": ticket.folder}, False, "origin")  # noqa: FBT003  not shared
    run = watching.settle(local.store, submitted, State("finished", 0), local.engine.backend)
    assert run is not None
    return run


def test_output_comes_back(local: Place, tmp_path: Path) -> None:
    """Without an artifact store the artifacts of a job come by the remote, and leave nothing there."""
    ticket = remote_job(local, tmp_path)
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    assert f"{portable.JOBS}{ticket.run_id}-files" in git_run("ls-remote", "origin", cwd=local.project)
    (log,) = taken_in(local, ticket).artifacts
    assert local.store.objects.read(log.sha256) == b"uncommitted says far\n"
    assert portable.JOBS not in git_run("ls-remote", "origin", cwd=local.project)
    assert "jobs" not in git_run("for-each-ref", cwd=local.project)


def test_artifact_store(local: Place, tmp_path: Path) -> None:
    """With one that `gittrack.yaml` of the code names, they go there."""
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    (local.project / "gittrack.yaml").write_text(f"artifacts:\n  url: {bucket.as_uri()}\n")
    ticket = remote_job(local, tmp_path)
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    (log,) = taken_in(local, ticket).artifacts
    assert [one.read_bytes() for one in bucket.rglob("*") if log.sha256[4:] in one.name] == [
        b"uncommitted says far\n"
    ]


def test_too_much(local: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the limit stays, and the log of the job says so."""
    monkeypatch.setattr(luggage, "LIMIT", 3)
    said: list[str] = []
    work.execute(remote_job(local, tmp_path), enter=os.chdir, progress=said.append)
    assert said[-1] == "artifact output.log stays here: it is large, and no `artifacts.url` is set"


def test_folders_travel(local: Place, tmp_path: Path) -> None:
    """An artifact that is a folder comes with its files."""
    (local.project / "train.py").write_text(
        "import json, os, pathlib\n"
        "pathlib.Path('made').mkdir()\n"
        "pathlib.Path('made/a').write_text('1')\n"
        "with open(os.environ['GITTRACK_JOURNAL'], 'a') as journal:\n"
        "    journal.write(json.dumps({'event': 'artifact', 'file': 'made'}) + '\\n')\n"
    )
    ticket = remote_job(local, tmp_path)
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 0
    made = next(one for one in taken_in(local, ticket).artifacts if one.path == "made")
    (member,) = decode(local.store.objects.read(made.sha256), "made")
    assert local.store.objects.read(member.sha256) == b"1"


def test_reproduce_on(local: Place) -> None:
    """A repetition on an engine gets its verdict here."""
    original = local.run(text="twice")
    found = repeat_run(local.store, original, on=local.engine, write=local.printed.append)
    assert found.verdict.level == "identical"
    (run,) = found.runs
    assert run.tags["gittrack.backend"] == "local"


def test_reproduce_on_something_missing(local: Place, tmp_path: Path) -> None:
    """What is missing where the job runs makes a repetition not comparable."""
    original = local.run("read", data=str(_file(tmp_path)))
    ticket = _repetition(local, original)
    (tmp_path / "big.csv").unlink()
    assert work.execute(ticket, enter=os.chdir, progress=silent) == 1
    assert "big.csv" in local.store.get(ticket.run_id).tags[work.MISSING]


def _file(folder: Path) -> Path:
    (folder / "big.csv").write_text("3,4\n")
    return folder / "big.csv"


def _repetition(local: Place, original: Run) -> Ticket:
    ticket = submitted_only(local)
    return replace(ticket, work={"kind": "reproduce", "run": original.id, "env": "local", "backend": "local"})


# ---- engines that misbehave


class Odd:
    """A backend that says what it is told to say."""

    NAME, OPTIONS = "local", ()

    def __init__(self, *states: State | Exception) -> None:
        self.states = list(states)
        self.cancelled = 0

    def status(self, _handle: object) -> State:
        """The next one; the last for ever."""
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state

    def cancel(self, _handle: object) -> None:
        """Count."""
        self.cancelled += 1
        if self.cancelled == 1:
            raise KeyboardInterrupt

    def logs(self, _handle: object) -> Iterator[str]:
        """Something, then nothing."""
        yield "it says\n"
        while True:
            yield ""


def settled(local: Place, state: State) -> Run:
    """What becomes of a waiting run."""
    ticket = submitted_only(local)
    handle = {"id": "1", "folder": ticket.folder}
    run = watching.settle(local.store, Submission(ticket.run_id, "local", handle), state, Odd(state))  # type: ignore[arg-type]  # all that is called
    assert run is not None
    return run


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State("cancelled"), "interrupted"),
        (State("failed", 2), "failed"),
        (State("failed", None, "it ran out of memory"), "oom"),
        (State("lost", None, "its node failed"), "lost"),
        (State("finished", 0), "lost"),
    ],
)
def test_ends_without_a_record(local: Place, state: State, status: str) -> None:
    """A job that is over without a word of its run ends the run as the engine says; its log is kept."""
    run = settled(local, state)
    assert (run.status, run.exit_code, run.attempt) == (status, state.exit_code, 1)
    assert run.tags.get(watching.REASON, "") == state.reason
    (log,) = run.artifacts
    assert local.store.objects.read(log.sha256) == b"it says\n"


def test_interrupt(local: Place) -> None:
    """^C while waiting cancels the job, a second one at once does not keep it from that."""
    ticket = submitted_only(local)
    odd = Odd(KeyboardInterrupt(), State("cancelled"))  # type: ignore[arg-type]  # it is raised
    odd.states[0] = InterruptedByUser()
    with pytest.raises(KeyboardInterrupt):
        following.follow(
            local.store,
            Submission(ticket.run_id, "local", {"id": "1", "folder": ticket.folder}),
            odd,  # type: ignore[arg-type]  # all that is called
            write=local.printed.append,
        )
    assert odd.cancelled == 2
    assert local.store.get(ticket.run_id).status == "interrupted"


class InterruptedByUser(KeyboardInterrupt, Exception):
    """^C, as `Odd` raises it."""


def test_progress(local: Place) -> None:
    """What changes is said once."""
    ticket = submitted_only(local)
    said: list[str] = []
    states = (
        State("queued", None, "Priority"),
        State("queued", None, "Priority"),
        State("running"),
        State("lost"),
    )
    following.follow(
        local.store,
        Submission(ticket.run_id, "local", {"id": "1", "folder": ticket.folder}),
        Odd(*states),  # type: ignore[arg-type]  # all that is called
        write=local.printed.append,
        progress=said.append,
    )
    assert said == ["local job 1 is queued: Priority", "local job 1 is running"]


def test_silence(local: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not answer says nothing, until it and the run have been silent for long."""
    ticket = submitted_only(local)
    odd = Odd(EngineUnreachable("it is gone"))
    monkeypatch.setattr("gittrack.launch.backends.all_backends.make", lambda *_: odd)
    with pytest.warns(UserWarning, match="it is gone"):
        assert watching.settle_all(local.store) == []
    assert watching.settle_all(local.store) == []  # asked a moment ago
    for path in local.store.live_directory(ticket.run_id).glob("*.jsonl"):
        os.utime(path, (0, 0))
    (run,) = watching.settle_all(local.store, at_once=True)
    assert (run.status, run.tags[watching.REASON]) == ("lost", "it is gone")


def test_unreadable_job(local: Place) -> None:
    """A job that names no backend is a warning."""
    ticket = submitted_only(local)
    directory = local.store.live_directory(ticket.run_id)
    put_job(directory, {"handle": {}})
    with pytest.warns(UserWarning, match=ticket.run_id):
        assert watching.settle_all(local.store) == []
    (directory / "job.json").write_text("[")
    assert job_of(directory) is None


def test_cancel_without_job(local: Place) -> None:
    """A run without a job has nobody to cancel it."""
    run = local.run()
    with pytest.raises(UsageError, match="has no job"):
        watching.cancel(local.store, run.id)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("text", ["", "[]", "{}", '{"python": [], "x": 1}'])
def test_no_ticket(text: str) -> None:
    """`gittrack exec` without a ticket is a mistake."""
    words = [sys.executable, "-m", "gittrack", "exec"]
    env = {**os.environ, job_files.INLINE: text}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "error: there is no ticket" in done.stderr


def test_command_line(local: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """Detached, dry, cancelled, refused: what a person sees."""
    from gittrack.cli.main import invoke

    assert invoke(["run", ".", "--detach", "-P", "seconds=60"]) == 0
    run_id = capfd.readouterr().out.strip()
    assert invoke(["cancel", run_id]) == 0
    assert capfd.readouterr().err in {f"run {run_id} is killed\n", f"run {run_id} is interrupted\n"}
    assert invoke(["run", ".", "--detach", "--dry-run"]) == 0
    assert "-m gittrack exec" in capfd.readouterr().out
    assert invoke(["run", ".", "-b", "slum"]) == 2
    assert "did you mean 'slurm'?" in capfd.readouterr().err
    assert invoke(["reproduce", run_id, "-c", "{}"]) == 2
    assert "--backend-config goes with --on" in capfd.readouterr().err
    assert resolve(local.store, run_id).id == run_id
