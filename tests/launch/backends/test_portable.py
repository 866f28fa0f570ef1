from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError, InvalidValue, RemoteError, UsageError
from gittrack.core.records import Run, Source
from gittrack.launch.backends import portable
from gittrack.launch.projects import job
from gittrack.launch.projects.request import Request
from gittrack.launch.projects.running import source_of
from gittrack.store.runs import RunStore
from gittrack.store.sync.remote import resolve
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path


def test_files(project: Path, tmp_path: Path) -> None:
    """A path that the snapshot has is relative to the project, another one absolute, a URL stays."""
    outside = tmp_path / "outside"
    outside.touch()
    (project / ".gitignore").write_text("ignored\n")
    (project / "ignored").touch()
    for given, found in (
        ("data.csv", "data.csv"),
        (str(project / "data.csv"), "data.csv"),
        (str(outside), str(outside)),
        ("ignored", str(project / "ignored")),
        ("https://example.org/x.csv", "https://example.org/x.csv"),
    ):
        with job.opened(Request(".", "read", params={"data": given})) as ready:
            assert portable.params(ready, source_of(ready), shared=True) == {"data": found}


def test_archive_here(project: Path, tmp_path: Path) -> None:
    """A project that only this machine has cannot go where nothing is shared."""
    archive = tmp_path / "project.zip"
    git_run("archive", "--output", str(archive), "HEAD", cwd=project)
    with job.opened(Request(str(archive)), project) as ready:
        portable.check_code(ready, Source(), shared=True)
        with pytest.raises(UsageError, match="the job cannot see"):
            portable.check_code(ready, Source(), shared=False)
        remote = replace(ready, request=replace(ready.request, uri="https://example.org/project.zip"))
        portable.check_code(remote, Source(), shared=False)


def test_publish(project: Path, tmp_path: Path) -> None:
    """The code of a job is on the remote until it is taken back; a remote that refuses it is an error."""
    remote = tmp_path / "remote.git"
    git_run("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git_run("remote", "add", "origin", "../remote.git", cwd=project)
    store = RunStore.open(start=project)
    run = Run(store.new_id(), source=Source(snapshot=git_run("rev-parse", "HEAD", cwd=project)))
    said: list[str] = []
    found = portable.publish(store, run, said.append)
    assert said == [f"sending commit {str(run.source.snapshot)[:12]} to origin (../remote.git)"]
    assert git_run("for-each-ref", "--format=%(refname)", cwd=remote) == f"{portable.JOBS}{run.id}"
    assert portable.address(found) == str(remote)
    portable.unpublish(store, run.id, "origin")
    assert git_run("for-each-ref", cwd=remote) == ""
    git_run("remote", "set-url", "origin", str(tmp_path / "gone.git"), cwd=project)
    with pytest.raises(RemoteError):
        portable.publish(store, run, None)


def test_results_apart(project: Path, tmp_path: Path) -> None:
    """Where the runs are in another repository, the code goes to the remote of that."""
    remote, results = tmp_path / "remote.git", make_repo(tmp_path / "results")
    git_run("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git_run("remote", "add", "origin", str(remote), cwd=results)
    store = RunStore.open(results, start=project)
    run = Run(store.new_id(), source=Source(snapshot=git_run("rev-parse", "HEAD", cwd=project)))
    portable.publish(store, run, None)
    assert run.id in git_run("for-each-ref", cwd=remote)


def test_address(project: Path) -> None:
    """A URL is an address as it is."""
    git_run("remote", "add", "origin", "https://example.org/x.git", cwd=project)
    assert portable.address(resolve(RunStore.open(start=project).git, None)) == "https://example.org/x.git"


def test_explain() -> None:
    """An error with its hint, on one line."""
    assert portable.explain(InvalidValue("no", hint="do")) == "no (do)"
    assert portable.explain(GitTrackError("no")) == "no"
