from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import GitTrackWarning, InvalidValue, MalformedFile, UsageError
from gittrack.store.runs import RunStore
from gittrack.tracking import wrap
from gittrack.tracking.wrap import Wish
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.core.records import Run

ROOT = Path(__file__).parents[2]


def wrapped(store: RunStore, *command: str, cwd: Path | None = None, **wish: Any) -> Run:
    """The committed run of a command."""
    done = wrap.run(command, store, Wish(**wish), cwd=cwd)
    assert done.run is not None
    assert store.get(done.run_id) == done.run
    return done.run


def script(store: RunStore, text: str, **wish: Any) -> Run:
    """The committed run of a shell script."""
    return wrapped(store, "sh", "-c", text, **wish)


def output(store: RunStore, run: Run) -> bytes:
    """What was kept of its output."""
    (one,) = [artifact for artifact in run.artifacts if artifact.path == "output.log"]
    return store.objects.read(one.sha256)


def committed(store: RunStore) -> list[str]:
    """The ids of all committed runs."""
    store.index.refresh()
    return [run_id for (run_id,) in store.index.query("SELECT run_id FROM run ORDER BY run_id")]


def points(store: RunStore, run: Run, key: str) -> list[tuple[int, float]]:
    """Steps and values of a metric."""
    return [
        point
        for series in store.series(run.id)
        if series.key == key
        for point in zip(series.steps, series.values, strict=True)
    ]


def test_everything_that_is_known(store: RunStore, repo: Path) -> None:
    """A run has its command, params, code, environment, output, times and exit code."""
    (repo / "new.py").write_text("x = 1\n")
    run = wrapped(
        store, sys.executable, "-c", "print('hi')", "--lr", "0.1", name="base", note="n", tags={"a": "b"}
    )
    assert (run.name, run.note, run.tags, run.status, run.exit_code) == (
        "base",
        "n",
        {"a": "b"},
        "finished",
        0,
    )
    assert (run.command[1:], run.params) == (("-c", "print('hi')", "--lr", "0.1"), {"lr": 0.1})
    assert (run.source.dirty, run.source.branch) == (True, "main")
    assert git_run("show", f"{run.source.snapshot}:new.py", cwd=repo) == "x = 1"
    assert output(store, run) == b"hi\n"
    assert run.start_time <= (run.end_time or 0)
    assert run.peak_memory
    assert store.environment(run.id)["python"]["version"].startswith("3.")


def test_code_is_that_of_the_start(store: RunStore, repo: Path) -> None:
    """The snapshot is taken before the command can change a file."""
    run = script(store, "echo changed > train.py")
    assert run.source.snapshot == git_run("rev-parse", "HEAD", cwd=repo)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exit 3", ("failed", 3, None)),
        ("kill -TERM $$", ("killed", None, "SIGTERM")),
        ("kill -INT $$", ("interrupted", None, "SIGINT")),
        ("exit 130", ("interrupted", 130, None)),
    ],
)
def test_how_it_ended(store: RunStore, text: str, expected: tuple[str, int | None, str | None]) -> None:
    """The status tells failed, killed and interrupted apart."""
    run = script(store, text)
    assert (run.status, run.exit_code, run.signal) == expected


def test_command_that_is_not_there(store: RunStore) -> None:
    """A command that cannot start is a failed run that says why."""
    done = wrap.run(["no-such-command"], store)
    assert done.run is not None
    assert (done.run.status, done.run.exit_code, done.exit.status) == ("failed", 127, 127)
    assert output(store, done.run) == b"gittrack: command not found: no-such-command\n"
    assert done.error is not None


def test_environment_of_the_child(store: RunStore, repo: Path) -> None:
    """The child finds the run, the journal and the repository from anywhere."""
    run = script(
        store, 'cd /; echo "$GITTRACK_RUN_ID $GITTRACK_REPO"; test -d "$(dirname "$GITTRACK_JOURNAL")"'
    )
    assert (run.exit_code, output(store, run).decode()) == (0, f"{run.id} {repo}\n")


def test_example_of_another_language(store: RunStore) -> None:
    """The example in shell logs through the journal."""
    run = wrapped(store, "sh", str(ROOT / "examples" / "shell" / "train.sh"))
    assert (run.params, run.tags) == ({"lr": 0.5, "steps": 5}, {"verdict": "good"})
    assert points(store, run, "loss") == [(1, 50.0), (2, 25.0), (3, 12.0), (4, 6.0), (5, 3.0)]


def test_example_in_the_documentation() -> None:
    """The documentation shows the example as it is."""
    text = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    shown = text.split("```sh\n")[2].partition("```")[0]
    assert (ROOT / "examples" / "shell" / "train.sh").read_text(encoding="utf-8").endswith(shown)


def test_example_without_gittrack(tmp_path: Path) -> None:
    """The example runs alone as well."""
    assert os.system(f"cd {tmp_path} && sh {ROOT}/examples/shell/train.sh") == 0  # noqa: S605  as a user would
    assert list(tmp_path.iterdir()) == []


def test_python_child_joins(store: RunStore) -> None:
    """`import gittrack` in the child joins the run; the wrapper ends it."""
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import gittrack\n"
        "with gittrack.start_run() as run:\n"
        "    run.log_metric('acc', 0.5, step=3); run.log_param('lr', 1)\n"
        "sys.exit(4)\n"
    )
    run = wrapped(store, sys.executable, "-c", program)
    assert (run.status, run.exit_code, run.params) == ("failed", 4, {"lr": 1})
    assert points(store, run, "acc") == [(3, 0.5)]
    assert committed(store) == [run.id]


def test_files_that_the_child_names(store: RunStore, tmp_path: Path) -> None:
    """Artifact lines keep files and folders, relative ones from where the command started."""
    lines = [
        '{"event": "artifact", "file": "a.txt"}',
        '{"event": "artifact", "file": "dir", "path": "kept/dir"}',
        '{"event": "artifact", "file": "missing.txt"}',
        '{"event": "artifact", "file": "a.txt", "path": "../evil"}',
    ]
    text = (
        "mkdir dir; echo a > a.txt; echo b > dir/b; printf '%s\\n' '"
        + "' '".join(lines)
        + "' >> $GITTRACK_JOURNAL"
    )
    with pytest.warns(GitTrackWarning) as caught:
        run = wrapped(store, "sh", "-c", text, cwd=tmp_path)
    kept = {artifact.path: artifact.kind for artifact in run.artifacts}
    assert kept == {"a.txt": "file", "kept/dir": "directory"}
    assert ["missing.txt" in str(one.message) for one in caught] == [True, False]


def test_line_that_says_nothing(store: RunStore) -> None:
    """A broken line is named; the others count."""
    lines = """'nonsense' '{"event": "param", "key": "a", "value": 1}'"""
    with pytest.warns(GitTrackWarning, match="child.jsonl:1"):
        run = script(store, f"printf '%s\\n' {lines} >> $GITTRACK_JOURNAL")
    assert run.params == {"a": 1}


def test_secrets_of_the_child(store: RunStore, repo: Path) -> None:
    """Secrets that another language logs do not reach Git; nor do those in arguments and output."""
    token = "ghp_" + "a1B2" * 9
    lines = ['{"event": "param", "key": "api_key", "value": "hush-hush"}']
    lines += [
        f'{{"event": "tag", "key": "t", "value": "{token}"}}',
        f'{{"event": "note", "note": "{token}"}}',
    ]
    lines += [f'{{"event": "rename", "name": "{token}"}}']
    (repo / "lines").write_text("\n".join(lines) + "\n")
    text = "cat lines >> $GITTRACK_JOURNAL; tail -n 1 lines"
    run = wrapped(store, "sh", "-c", text, "sh", "--password", "hunter2hunter2", tags={"u": token})
    known = repr((run.params, run.tags, run.note, run.name, run.command)) + output(store, run).decode()
    assert [secret in known for secret in (token, "hush-hush", "hunter2")] == [False] * 3
    assert run.params == {"api_key": "[redacted]", "password": "[redacted]"}


def test_params_of_files_and_arguments(store: RunStore, repo: Path) -> None:
    """Later files win over earlier ones, and the command line wins over all."""
    (repo / "a.yaml").write_text("lr: 1\nseed: 1\nmodel: {depth: 2}\n")
    (repo / "b.json").write_text('{"seed": 2}')
    run = wrapped(store, "true", "--lr", "0.1", params_files=[Path("a.yaml"), Path("b.json")])
    assert run.params == {"lr": 0.1, "seed": 2, "model.depth": 2}


def test_metrics_of_files(store: RunStore) -> None:
    """A file that the command wrote is read at the end."""
    run = script(store, "echo 'epoch,loss\n1,0.5\n2,0.4' > m.csv", metrics_files=[Path("m.csv")])
    assert points(store, run, "loss") == [(1, 0.5), (2, 0.4)]


def test_metrics_of_an_earlier_run(store: RunStore, repo: Path) -> None:
    """A file that the command did not write is none of its metrics; nor is one that is not there."""
    (repo / "old.json").write_text('{"acc": 1}')
    with pytest.warns(GitTrackWarning) as caught:
        run = wrapped(store, "true", metrics_files=[Path("old.json"), Path("none.json")])
    assert [str(one.message).split(": ")[1] for one in caught] == [
        "it is older than the run",
        "it was not written",
    ]
    assert "acc" not in run.metrics


def test_broken_metrics(store: RunStore) -> None:
    """A file of metrics that cannot be read does not fail the run."""
    with pytest.warns(GitTrackWarning, match="no metrics from m.json"):
        run = script(store, "echo '{' > m.json", metrics_files=[Path("m.json")])
    assert run.status == "finished"


def test_metrics_of_output(store: RunStore) -> None:
    """Lines of both streams are read, by the default patterns and by own ones."""
    text = "echo 'epoch 1 loss=0.5'; echo 'epoch 2 loss=0.4' >&2; echo 'score is 7'"
    run = script(store, text, metrics_from_output=True, patterns=[r"score is (?P<score>\d+)"])
    assert sorted(points(store, run, "loss")) == [(1, 0.5), (2, 0.4)]
    assert points(store, run, "score") == [(0, 7.0)]


def test_only_own_patterns(store: RunStore) -> None:
    """Patterns alone find nothing else."""
    run = script(store, "echo loss=0.5 a1", patterns=[r"a(?P<a>\d)"])
    assert sorted(run.metrics) == ["a"]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"patterns": ["("]}, UsageError),
        ({"params_files": [Path("none.yaml")]}, UsageError),
        ({"params_files": [Path("train.py")]}, MalformedFile),
        ({"tags": {"a\nb": "c"}}, InvalidValue),
        ({"name": "x" * 300}, InvalidValue),
        ({"experiment": "\x1b"}, InvalidValue),
    ],
)
def test_mistakes_come_before_anything_runs(
    store: RunStore, repo: Path, wish: dict[str, Any], error: type[Exception]
) -> None:
    """A mistake of the caller costs no training and leaves no run."""
    with pytest.raises(error):
        script(store, "touch ran", **wish)
    assert not (repo / "ran").exists()
    assert store.live() == []


def test_no_command(store: RunStore) -> None:
    """There must be something to run."""
    with pytest.raises(UsageError, match="no command"):
        wrap.run([], store)


def test_no_snapshot_no_output(store: RunStore, capfd: pytest.CaptureFixture[str]) -> None:
    """Code and output are not kept when that is asked."""
    run = script(store, "echo hi", snapshot=False, output=False)
    assert (run.source.missing, run.artifacts, capfd.readouterr().out) == ("disabled", (), "hi\n")


def test_silent_command(store: RunStore) -> None:
    """A command that prints nothing has no output."""
    assert wrapped(store, "true").artifacts == ()


def test_nested(store: RunStore) -> None:
    """A run inside of a live run is its child."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom gittrack.cli.main import invoke\n"
    program += "sys.exit(invoke(['run', '-q', '-n', 'inner', '--', 'true']))"
    outer = wrapped(store, sys.executable, "-c", program, name="outer")
    inner = [store.get(run_id) for run_id in committed(store) if run_id != outer.id]
    assert [(run.name, run.parent_id) for run in inner] == [("inner", outer.id)]


def test_code_in_another_repository(repo: Path, tmp_path: Path) -> None:
    """Runs may go to a repository of their own; the code is still that of the current folder."""
    from tests.support.git import make_repo

    store = RunStore.open(make_repo(tmp_path / "results"))
    run = wrapped(store, "true")
    assert run.source.commit == git_run("rev-parse", "HEAD", cwd=repo)


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code outside of any repository is tracked too."""
    from tests.support.git import make_repo

    monkeypatch.chdir(tmp_path)
    store = RunStore.open(make_repo(tmp_path / "results"))
    assert wrapped(store, "true").source.missing == "not in a Git repository"


def test_store_that_goes_away(store: RunStore) -> None:
    """The child's end is ours, whatever becomes of the repository."""
    with pytest.warns(GitTrackWarning):
        done = wrap.run(["sh", "-c", "mv .git gone; exit 5"], store)
    assert (done.run, done.exit.status) == (None, 5)
