"""`gittrack artifacts`, and what `push` and `pull` do with artifacts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click
import pytest

from gittrack.artifacts.transfer import Progress
from gittrack.cli import transfers
from gittrack.cli.main import invoke
from gittrack.store.kept.places import Kept
from gittrack.store.runs import RunStore
from tests.support.git import git_run, make_repo
from tests.support.kept import age, age_all, damage, in_bucket, made

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run


@pytest.fixture
def bucket(repo: Path, tmp_path: Path) -> Path:
    """An artifact store, configured, and a remote for the runs."""
    path = tmp_path / "bucket"
    path.mkdir()
    hub = make_repo(tmp_path / "hub.git", "--bare", commit=False)
    git_run("remote", "add", "origin", str(hub), cwd=repo)
    git_run("config", "gittrack.artifacts.url", path.as_uri(), cwd=repo)
    return path


@pytest.fixture
def run(repo: Path, bucket: Path) -> Run:
    """A run with a file, a small text and a directory."""
    assert bucket.is_dir()
    store = RunStore.open(start=repo)
    return made(store, {"w.bin": b"w" * 1500, "n.txt": b"note\n"}, {"m": {"x": b"x", "y": b"yy"}})


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> tuple[str, str]:
    """What a command prints."""
    capsys.readouterr()
    assert invoke(list(words)) == status
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_ls(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Path, kind, size, where it is, digest."""
    out, _ = said(capsys, "artifacts", "ls", run.id)
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["path", "kind", "size", "where", "sha256"]
    assert [row[0] for row in rows[1:]] == ["m/", "n.txt", "w.bin"]
    assert rows[3][1:5] == ["file", "1.5", "kB", "here"]


def test_ls_of_a_directory(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Lists its files."""
    out, _ = said(capsys, "artifacts", "ls", run.id, "m", "--csv")
    assert [line.split(",")[:3] for line in out.splitlines()] == [
        ["path", "kind", "size"],
        ["m/x", "file", "1"],
        ["m/y", "file", "2"],
    ]


def test_ls_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints what the Python function returns."""
    out, _ = said(capsys, "artifacts", "ls", run.id, "n.txt", "--json")
    assert json.loads(out) == [
        {
            "path": "n.txt",
            "kind": "file",
            "size": 5,
            "sha256": next(one.sha256 for one in run.artifacts if one.path == "n.txt"),
            "where": "here",
        }
    ]


def test_ls_on_a_terminal(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digests are cut short, and it is coloured."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    out, _ = said(capsys, "artifacts", "ls", run.id)
    assert run.artifacts[0].sha256 not in out
    assert run.artifacts[0].sha256[:12] in out


def test_ls_of_a_run_without_any(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Says so."""
    run = made(store)
    assert said(capsys, "artifacts", "ls", run.id) == ("", "no artifacts\n")


def test_get(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file and a glob, into a folder; the paths are printed."""
    out, err = said(capsys, "artifacts", "get", run.id, "w.bin", "m/*", "-o", str(tmp_path / "out"))
    assert (tmp_path / "out/m/y").read_bytes() == b"yy"
    assert out.splitlines() == [str(tmp_path / "out" / path) for path in ("w.bin", "m/x", "m/y")]
    assert err == "fetched 3 files (1.5 kB).\n"
    _, err = said(capsys, "artifacts", "get", run.id, "w.bin", "-o", str(tmp_path / "out"))
    assert err == "fetched 0 files (0 B); 1 were there already.\n"


def test_get_a_whole_run(run: Run, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Goes into a folder of its name."""
    out, _ = said(capsys, "artifacts", "get", run.id, "--json")
    assert (repo / run.id / "n.txt").read_text() == "note\n"
    assert {one["path"] for one in json.loads(out)} == {"w.bin", "n.txt", "m/x", "m/y"}


def test_get_to_standard_output(run: Run, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The bytes and nothing else."""
    assert invoke(["artifacts", "get", run.id, "n.txt", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == b"note\n"


@pytest.mark.parametrize("words", [[], ["n.txt", "w.bin"], ["n.txt", "--json"]])
def test_standard_output_takes_one(run: Run, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is wrong usage."""
    _, err = said(capsys, "artifacts", "get", run.id, *words, "-o", "-", status=2)
    assert "takes one PATH" in err


def test_get_never_overwrites(run: Run, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is told to."""
    (repo / "w.bin").write_text("mine")
    _, err = said(capsys, "artifacts", "get", run.id, "w.bin", status=1)
    assert "in the way" in err
    assert "--force" in err
    said(capsys, "artifacts", "get", run.id, "w.bin", "--force")
    assert (repo / "w.bin").read_bytes() == b"w" * 1500


def test_push_sends(run: Run, bucket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what; a second push has nothing to say."""
    out, err = said(capsys, "push")
    assert out == f"new              {run.id}\n"
    assert "sent 5 artifacts (" in err
    assert f" to {bucket.as_uri()}.\n" in err
    assert "artifacts" not in said(capsys, "push")[1]


def test_push_without_artifacts(run: Run, bucket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what stays; what is on the branch does not."""
    out, err = said(capsys, "push", "--no-artifacts")
    assert run.id in out
    assert "2 artifacts (1.5 kB) stayed on this machine.\n" in err
    assert "artifacts.url" not in err
    assert in_bucket(bucket) == set()


@pytest.mark.usefixtures("run")
def test_push_without_a_store(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what stays and how to change that."""
    git_run("config", "--unset", "gittrack.artifacts.url", cwd=repo)
    _, err = said(capsys, "push")
    assert "stayed on this machine.\n`gittrack config artifacts.url URL` names a store for them.\n" in err


@pytest.mark.usefixtures("run")
def test_a_push_that_cannot_send(bucket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Publishes nothing, and says what to do."""
    bucket.rmdir()
    out, err = said(capsys, "push", status=1)
    assert out == ""
    assert bucket.as_uri() in err
    assert "hint: " in err


def test_pull_with_artifacts(
    run: Run,
    bucket: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another clone has them at once."""
    invoke(["push"])
    clone = make_repo(tmp_path / "clone")
    git_run("config", "gittrack.artifacts.url", bucket.as_uri(), cwd=clone)
    monkeypatch.chdir(clone)
    _, err = said(capsys, "pull", str(tmp_path / "hub.git"), "--artifacts", "-j", "2")
    assert f"from {bucket.as_uri()}." in err
    assert "fetched 5 artifacts" in err
    out, _ = said(capsys, "artifacts", "ls", run.id, "--json")
    assert {one["where"] for one in json.loads(out)} == {"here"}


def test_put(run: Run, bucket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sends everything, or what some runs name."""
    _, err = said(capsys, "artifacts", "put")
    assert err.startswith("sent 5 artifacts (")
    assert len(in_bucket(bucket)) == 5
    out, _ = said(capsys, "artifacts", "put", run.id, "--json")
    assert json.loads(out)["present"] == 5


def test_verify(run: Run, bucket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names what changed, and exits with 1."""
    invoke(["push"])
    _, err = said(capsys, "artifacts", "verify")
    assert err.startswith("5 contents (")
    sha256 = next(one.sha256 for one in run.artifacts if one.path == "w.bin")
    damage(bucket / "sha256" / sha256[:2] / sha256)
    out, err = said(capsys, "artifacts", "verify", "--store", status=1)
    assert out == f"changed  {run.id}  w.bin  {sha256}\n"
    assert f"in {bucket.as_uri()} are as recorded, 1 are not." in err
    out, _ = said(capsys, "artifacts", "verify", run.id, "--store", "--json", status=1)
    assert json.loads(out)["faults"][0]["state"] == "changed"


@pytest.mark.usefixtures("run")
def test_gc_here(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First dry, then for good."""
    kept = Kept(RunStore.open(start=repo))
    orphan = kept.objects.put_bytes(b"orphan").sha256
    age_all(kept)
    out, err = said(capsys, "artifacts", "gc", "--dry-run")
    assert out == f"{orphan}  6 B\n"
    assert err == "would remove 1 object (6 B); runs name 5.\n"
    out, err = said(capsys, "artifacts", "gc", "--yes")
    assert (out, err) == ("", "removed 1 object (6 B); runs name 5.\n")
    assert not kept.objects.has(orphan)
    out, _ = said(capsys, "artifacts", "gc", "--yes", "--json")
    assert json.loads(out)["removed"] == {}


def test_gc_says_what_is_young(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """It may go later."""
    store.objects.put_bytes(b"young")
    assert "1 that nobody names are younger" in said(capsys, "artifacts", "gc", "--dry-run")[1]
    assert "would remove 1 object" in said(capsys, "artifacts", "gc", "--dry-run", "--grace", "0s")[1]


def test_gc_asks(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal; elsewhere it wants `--yes`."""
    orphan = store.objects.put_bytes(b"orphan").sha256
    age(store.objects.path_of(orphan))
    assert "--yes" in said(capsys, "artifacts", "gc", status=2)[1]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    assert said(capsys, "artifacts", "gc", status=1)[1].endswith("nothing removed\n")
    assert store.objects.has(orphan)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    said(capsys, "artifacts", "gc")
    assert not store.objects.has(orphan)


def test_gc_in_the_store(run: Run, bucket: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What runs name stays."""
    invoke(["push"])
    kept = Kept(RunStore.open(start=repo))
    orphan = kept.objects.put_bytes(b"orphan").sha256
    kept.remote.put(kept.objects, orphan)
    age_all(kept, bucket)
    _, err = said(capsys, "artifacts", "gc", "--store", "--yes")
    assert err == "removed 1 object (6 B); runs name 5.\n"
    assert run.artifacts[0].sha256 in in_bucket(bucket)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("grace", ["", "14", "d", "-1d", "1y", "1.5d"])
def test_grace(grace: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Reads like 14d; anything else is wrong usage."""
    assert "14d" in said(capsys, "artifacts", "gc", "--dry-run", "--grace", grace, status=2)[1]


def test_no_such_verb(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest is named."""
    assert repo.is_dir()
    assert "did you mean 'verify'?" in said(capsys, "artifacts", "verfy", status=2)[1]


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """All verbs are in it."""
    out, _ = said(capsys, "artifacts", "--help")
    assert all(f"  {name} " in out for name in ("ls", "get", "put", "verify", "gc"))


def test_the_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A bar, bytes and files; taken away at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with transfers.TransferLine("sending artifacts") as show:
        assert show is not None
        show(Progress(500, 1000, 0, 2))
        show(Progress(600, 1000, 0, 2))
        show(Progress(1000, 1000, 2, 2))
    shown = capsys.readouterr().err
    assert "50 %, 500 B of 1 kB, 0 of 2 files" in shown
    assert "60 %" not in shown
    assert "100 %, 1 kB of 1 kB, 2 of 2 files" in shown
    assert shown.endswith("\r")


def test_no_line_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is shown."""
    with transfers.TransferLine("x") as show:
        assert show is None
    assert capsys.readouterr().err == ""
