"""What `diagnose` finds, and what `repair` does about it."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from gittrack.core.records import Run
from gittrack.core.times import now_ms
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.doctor.checkup import Finding, diagnose, repair
from gittrack.store.doctor.finding import count, first
from gittrack.store.format import layout
from gittrack.store.plumbing.git import RUNS
from gittrack.store.runs import RunStore
from tests.store.test_runs import recorded
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.doctor.finding import Level


def found(store: RunStore, *levels: Level) -> list[Finding]:
    """The findings of some levels; of all but `ok` when none is given."""
    wanted = levels or ("info", "warning", "error")
    return [finding for finding in diagnose(store) if finding.level in wanted]


def only(store: RunStore, check: str) -> Finding:
    """The one finding of a check that is not `ok`."""
    [finding] = [finding for finding in found(store) if finding.check == check]
    return finding


def repaired(store: RunStore) -> list[str]:
    """Repair what is found; afterwards nothing repairable is left."""
    done = repair(store, diagnose(store))
    assert not [
        finding for finding in diagnose(RunStore.open(start=store.git.place.work_tree)) if finding.repairable
    ]
    return done


def old(path: Path, seconds: float = 3600) -> Path:
    """The path, made to look old."""
    os.utime(path, (time.time() - seconds, time.time() - seconds))
    return path


def test_healthy(store: RunStore) -> None:
    """A store in use has nothing to say but ok, and nothing to repair."""
    recorded(store, 0.5)
    assert found(store) == []
    assert repair(store, diagnose(store)) == []


def test_new(store: RunStore) -> None:
    """Neither has a repository in which nothing was recorded."""
    assert found(store) == []


def test_changes_nothing(store: RunStore) -> None:
    """Looking does not finish runs."""
    store.create(Run(store.new_id(), start_time=now_ms())).close()
    diagnose(store)
    assert len(list(store.live_directories())) == 1


def test_words() -> None:
    """Counts and lists read well."""
    assert [count(1, "run"), count(2000, "run"), count(2, "entry", "entries")] == [
        "1 run",
        "2,000 runs",
        "2 entries",
    ]
    assert first(["a", "b", "c", "d"]) == "a, b, c and 1 more"


def test_a_check_that_fails(store: RunStore) -> None:
    """What cannot be checked is an error, and the other checks go on."""
    recorded(store, 0.5)
    tip = branch.tip(store.git)
    assert tip
    folder = store.git.place.common_dir / "objects" / tip[:2]
    shutil.rmtree(folder)
    findings = diagnose(store)
    assert any(finding.what.startswith("cannot check root") for finding in findings)
    assert findings[-1].check == "objects"


class TestRepository:
    """The repository itself."""

    @pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
    @pytest.mark.parametrize(("version", "level"), [("2.20.1", "error"), ("2.34.0", "info")])
    def test_version(
        self, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, level: str
    ) -> None:
        """A Git that is too old is an error, one that merges slowly worth knowing."""
        script, git = tmp_path / "bin" / "git", shutil.which("git")
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo git version {version} || exec {git} "$@"\n')
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
        assert only(store, "git").level == level

    def test_loose_objects(self, store: RunStore) -> None:
        """Many loose objects are worth knowing: the user's next command may stop to pack them."""
        folder = store.git.place.common_dir / "objects" / "17"
        folder.mkdir(exist_ok=True)
        for number in range(6701):
            (folder / f"{number:038x}").touch()
        assert "`git gc`" in str(only(store, "objects").hint)

    def test_kind(self, tmp_path: Path) -> None:
        """A bare SHA-256 repository is named as such."""
        path = make_repo(tmp_path / "bare.git", "--bare", "--object-format=sha256", commit=False)
        [finding] = [one for one in diagnose(RunStore.open(path)) if one.what.startswith(str(path))]
        assert finding.what.endswith("(bare, SHA-256)")

    def test_linked(self, repo: Path, tmp_path: Path) -> None:
        """So is a linked work tree."""
        git_run("worktree", "add", "-q", str(tmp_path / "linked"), cwd=repo)
        findings = diagnose(RunStore.open(start=tmp_path / "linked"))
        assert any("(linked work tree)" in finding.what for finding in findings)

    def test_shallow(self, repo: Path, tmp_path: Path) -> None:
        """A shallow clone is told what it lacks."""
        git_run("commit", "-q", "--allow-empty", "-m", "second", cwd=repo)
        git_run("clone", "-q", "--depth=1", repo.as_uri(), str(tmp_path / "clone"), cwd=tmp_path)
        assert only(RunStore.open(start=tmp_path / "clone"), "repository").hint

    def test_another_repository(self, repo: Path, tmp_path: Path) -> None:
        """Code and runs may be in two repositories, or the code in none."""
        results = make_repo(tmp_path / "results")
        assert "code is in another repository" in only(RunStore.open(results), "repository").what
        assert "runs keep no code" in only(RunStore.open(results, start=tmp_path), "repository").what
        assert repo.exists()

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, store: RunStore) -> None:
        """A read-only repository is a warning."""
        store.git.place.common_dir.chmod(0o500)
        try:
            assert "nothing can be recorded" in only(store, "repository").what
        finally:
            store.git.place.common_dir.chmod(0o700)

    def test_configuration(self, repo: Path) -> None:
        """Each problem of the configuration is a warning."""
        (repo / "gittrack.yaml").write_text("experimant: a\ncode:\n  push: some\n")
        with pytest.warns(UserWarning, match="unknown key"):
            findings = found(RunStore.open(start=repo), "warning")
        assert [finding.check for finding in findings] == ["configuration"] * 2

    def test_garbage(self, store: RunStore) -> None:
        """Garbage among the objects is said."""
        (store.git.place.common_dir / "objects" / "pack" / "tmp_pack_x").write_text("x")
        assert "garbage" in only(store, "objects").what


class TestBranch:
    """The branch and its refs."""

    def test_foreign(self, store: RunStore) -> None:
        """A branch of that name that gittrack did not start is an error."""
        git_run("branch", "gittrack/runs", cwd=store.git.place.common_dir)
        assert only(store, "branch").level == "error"

    def test_paths(self, store: RunStore) -> None:
        """Paths that are out of place are an error."""
        recorded(store, 0.5)
        branch.submit(store.git, Changes("bad", {".runs/stray": b"x"}))
        finding = only(store, "branch")
        assert (finding.level, ".runs/stray" in finding.what) == ("error", True)

    def test_modes(self, store: RunStore) -> None:
        """So are links."""
        recorded(store, 0.5)
        where = store.git.place.common_dir
        oid = git_run("hash-object", "-w", "--stdin", cwd=where, stdin="/etc/passwd")
        head = "commit refs/heads/gittrack/runs\ncommitter a <a> 0 +0000\ndata 1\nx\n"
        path = ".runs/a/2026-11/24/20261124-034313-k3f9a2x1/artifacts/x"
        git_run("fast-import", "--quiet", cwd=where, stdin=f"{head}from {RUNS}^0\nM 120000 {oid} {path}\n")
        assert "(mode 120000)" in only(store, "branch").what

    def test_unreadable_file(self, store: RunStore) -> None:
        """A file that cannot be read is a warning with its name."""
        one = recorded(store, 0.5)
        path = f"{layout.run_directory(one)}/edits/000000000000001-aaaa.yaml"
        branch.submit(store.git, Changes("bad", {path: b"schema: [\n"}))
        finding = only(store, "files")
        assert (finding.level, path in finding.what) == ("warning", True)

    def test_newer(self, store: RunStore) -> None:
        """A file of a newer version is told with what to do."""
        one = recorded(store, 0.5)
        path = f"{layout.run_directory(one)}/run.yaml"
        data = store.git.read(f"{RUNS}:{path}")
        assert data
        newer = path.replace(one.id, "20261124-034313-k3f9a2x1")
        content = data.replace(b"gittrack.run/1", b"gittrack.run/2").replace(
            one.id.encode(), b"20261124-034313-k3f9a2x1"
        )
        branch.submit(store.git, Changes("newer", {newer: content}))
        assert "1 file of a newer gittrack" in only(store, "files").what

    def test_rewritten(self, store: RunStore) -> None:
        """A file that was changed after it was written is a warning."""
        one = recorded(store, 0.5)
        path = f"{layout.run_directory(one)}/run.yaml"
        data = store.git.read(f"{RUNS}:{path}")
        assert data
        branch.submit(store.git, Changes("forged", {path: data.replace(b"finished", b"failed")}))
        assert path in only(store, "branch").what

    def test_lock(self, store: RunStore) -> None:
        """A lock that a killed process left is removed; a fresh one is left alone."""
        recorded(store, 0.5)
        lock = store.git.place.common_dir / f"{RUNS}.lock"
        lock.touch()
        assert found(store) == []
        old(lock)
        assert only(store, "locks").repairable
        assert repaired(store) == ["removed 1 stale lock"]
        assert not lock.exists()

    def test_repair_that_fails(self, store: RunStore) -> None:
        """A repair that cannot be done says so, and does not stop the others."""
        recorded(store, 0.5)
        (store.git.directory / "broken").touch()
        directory = store.live_directory(store.new_id())
        directory.mkdir(parents=True)
        old(directory)
        store.create(Run(store.new_id(), start_time=now_ms())).close()
        done = repair(store, diagnose(store))
        assert [sentence.partition(" ")[0] for sentence in done] == ["finished", "could"]

    def test_inbox(self, store: RunStore) -> None:
        """Refs of an inbox wait to be folded, unless the branch has them."""
        recorded(store, 0.5)
        before = branch.tip(store.git)
        recorded(store, 0.5)
        where = store.git.place.common_dir
        git_run("update-ref", "refs/gittrack/inbox/abcd", RUNS, cwd=where)
        assert found(store) == []
        git_run("update-ref", RUNS, str(before), cwd=where)
        assert only(store, "inbox").what == "1 inbox ref not folded into the branch"

    def test_unpushed(self, store: RunStore) -> None:
        """Commits that the remote does not have are counted."""
        recorded(store, 0.5)
        where = store.git.place.common_dir
        git_run("update-ref", "refs/remotes/origin/gittrack/runs", RUNS, cwd=where)
        assert [one.what for one in found(store, "ok") if one.check == "share"] == ["all runs are pushed"]
        recorded(store, 0.5)
        assert only(store, "share").what == "1 commit of runs not pushed"
