"""Commits on the runs branch."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gittrack.core.errors import GitFailed, RefMoved
from gittrack.core.files import locked
from gittrack.store.commit import branch, pack
from gittrack.store.commit.pending import Changes, leave, waiting
from gittrack.store.plumbing.fast_import import commit_head, data, fast_import
from gittrack.store.plumbing.git import CODE, RUNS, Git, discover
from tests.support.git import git_run, make_repo

RUN = ".runs/default/2026-11/24/20261124-000000-aaaaaaa{}/run.yaml"


@pytest.fixture
def git(repo: Path) -> Git:
    """Git in a repository with one commit."""
    return discover(repo)


def changes(number: int, *snapshots: str) -> Changes:
    """Changes that add one file."""
    return Changes(f"gittrack: run {number}", {RUN.format(number): b"x: %d\n" % number}, snapshots)


def files(git: Git) -> list[str]:
    """The paths on the branch."""
    return [entry.path for entry in git.tree(RUNS)]


def test_the_first_commit_makes_the_branch(git: Git) -> None:
    """A run goes onto an orphan branch that starts with the attributes."""
    assert branch.tip(git) is None
    assert branch.submit(git, changes(1)) == 1
    assert files(git) == [".gitattributes", RUN.format(1)]
    assert git.run("merge-base", "HEAD", RUNS, check=False).status == 1


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_root_is_the_same_everywhere(tmp_path: Path, object_format: str) -> None:
    """Clones that start the branch apart share its first commit."""
    roots = set()
    for name in ("one", "two"):
        path = make_repo(tmp_path / name, f"--object-format={object_format}")
        git_run("config", "user.name", name, cwd=path)
        git = discover(path)
        branch.submit(git, changes(1))
        roots.add(branch.root(git))
        assert branch.start(git) == branch.tip(git)
    assert len(roots) == 1


def test_the_root_never_changes(git: Git) -> None:
    """Its object id is part of the format: every version of gittrack makes this one."""
    assert branch.root(git) == "ce5b8cc77d44a319d01a32b25f88f9225db261c1"


def test_the_message_names_the_run(git: Git) -> None:
    """The subject is that of the changes, the author is the user."""
    branch.submit(git, changes(1))
    assert git.run("log", "-1", "--format=%s|%an <%ae>", RUNS).text == "gittrack: run 1|Ada <ada@example.org>"


def test_pending_changes_are_taken_along(git: Git) -> None:
    """What a killed process left pending is in the next commit, and in it once."""
    leave(git, changes(1))
    assert branch.submit(git, changes(2)) == 1
    assert files(git)[1:] == [RUN.format(1), RUN.format(2)]
    assert "2 changes" in git.run("log", "-1", "--format=%B", RUNS).text
    assert not waiting(git)


def test_flush_commits_what_is_pending(git: Git) -> None:
    """Without changes of its own."""
    assert branch.flush(git) == 0
    leave(git, changes(1))
    assert branch.flush(git) == 1
    assert files(git)[1:] == [RUN.format(1)]


def test_changes_committed_before_a_kill_are_not_committed_again(git: Git) -> None:
    """A process killed between the commit and the removal of its pending file does no harm."""
    branch.submit(git, changes(1))
    before = branch.tip(git)
    leave(git, changes(1))
    assert branch.flush(git) == 0
    assert branch.tip(git) == before


def test_a_broken_pending_file_is_put_aside(git: Git) -> None:
    """Garbage is not in the way of others, and is not lost."""
    folder = git.directory / "pending"
    folder.mkdir(parents=True)
    (folder / "1-garbage").write_bytes(b"not json")
    left = leave(git, changes(1))
    left.write_bytes(left.read_bytes()[:-3])
    branch.submit(git, changes(2))
    assert files(git)[1:] == [RUN.format(2)]
    assert len(list(folder.glob("*.broken"))) == 2


def test_a_taken_change_is_done(git: Git) -> None:
    """A writer whose changes another one committed makes no commit."""
    with ThreadPoolExecutor() as pool, locked(git.directory / "writer.lock"):
        other = pool.submit(branch.submit, git, changes(1))
        while not waiting(git):
            pass
        branch._commit_all(git)
    assert other.result() == 0


def test_many_writers_lose_nothing(git: Git) -> None:
    """Eight processes at once: every run is there."""
    script = (
        "import sys; from pathlib import Path\n"
        "from gittrack.store.commit import branch; from gittrack.store.plumbing.git import discover\n"
        "from tests.store.commit.test_branch import changes\n"
        "git = discover(Path(sys.argv[1]))\n"
        "for n in range(5): branch.submit(git, changes(int(sys.argv[2]) * 10 + n))\n"
    )
    top = Path(__file__).parents[3]
    words = [sys.executable, "-c", script, str(git.place.work_tree)]
    running = [subprocess.Popen([*words, str(n)], cwd=top) for n in range(8)]
    assert [process.wait() for process in running] == [0] * 8
    assert len(files(git)) == 41
    git.run("fsck", "--strict")


def test_a_stale_lock_is_removed(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock file of the ref that a killed process left does not stop us."""
    branch.submit(git, changes(1))
    lock = git.place.common_dir / f"{RUNS}.lock"
    lock.touch()
    monkeypatch.setattr(branch, "_STALE", -1.0)
    branch.submit(git, changes(2))
    assert not lock.exists()
    assert len(files(git)) == 3


def test_a_moved_branch_is_refused(git: Git) -> None:
    """A stream that starts from an old tip changes nothing."""
    branch.submit(git, changes(1))
    old = branch.tip(git)
    branch.submit(git, changes(2))
    now = branch.tip(git)
    stream = [commit_head(git, RUNS, "late", parent=old), b"M 100644 inline a\n", data(b"x")]
    with pytest.raises(RefMoved):
        fast_import(git, stream)
    assert branch.tip(git) == now
    assert not list(git.place.git_dir.glob("fast_import_crash_*"))


def test_a_broken_stream_fails(git: Git) -> None:
    """Any other failure of Git is an error with its words."""
    with pytest.raises(GitFailed, match="fast-import failed"):
        fast_import(git, [b"nonsense\n"])
    assert not list(git.place.git_dir.glob("fast_import_crash_*"))


def test_snapshots_stay_reachable(git: Git) -> None:
    """Every snapshot is an ancestor of the code ref, however many there are."""
    oids = [git.run("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", f"s{n}").text for n in range(30)]
    branch.submit(git, changes(1, *oids[:20]))
    branch.submit(git, changes(2, *oids[15:]))
    for oid in oids:
        assert git.run("merge-base", "--is-ancestor", oid, CODE, check=False).status == 0
    assert git.run("ls-tree", CODE).text == ""


def test_a_kept_snapshot_is_kept_once(git: Git) -> None:
    """A run of the same code adds no commit to the code chain, whatever is remembered."""
    head = git.resolve("HEAD") or ""
    branch.submit(git, changes(1, head))
    code = git.resolve(CODE)
    branch.submit(git, changes(2, head))
    (git.directory / "kept").unlink()
    branch.submit(git, changes(3, head))
    branch.keep_code(git, [head])
    assert git.resolve(CODE) == code


def test_keep_code_alone(git: Git) -> None:
    """Code is kept where the runs go elsewhere."""
    head = git.resolve("HEAD") or ""
    branch.keep_code(git, [head])
    assert git.run("merge-base", "--is-ancestor", head, CODE, check=False).status == 0
    assert branch.tip(git) is None


def test_odd_paths(git: Git) -> None:
    """Quotes, backslashes and other scripts in paths arrive as they are."""
    path = '.runs/a "b" \\ ü/x'
    branch.submit(git, Changes("odd", {path: b"x"}))
    assert path in files(git)


def test_nothing_of_the_user_changes(repo: Path, git: Git) -> None:
    """Work tree, index, HEAD, stash, hooks and configuration are byte-identical afterwards."""
    (repo / "train.py").write_text("changed\n")
    (repo / "new.txt").write_text("staged\n")
    git_run("add", "new.txt", cwd=repo)
    hook = repo / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    before = user_files(repo)
    branch.submit(git, changes(1, git.resolve("HEAD") or ""))
    assert user_files(repo) == before


def user_files(repo: Path) -> dict[str, bytes]:
    """Everything of the user's in a repository."""
    places = ["index", "HEAD", "config", "ORIG_HEAD", "refs/stash", "refs/heads/main", "logs/HEAD"]
    paths = [repo / ".git" / place for place in places]
    paths += [path for path in (repo / ".git" / "hooks").rglob("*") if path.is_file()]
    paths += [path for path in repo.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {str(path): path.read_bytes() for path in paths if path.exists()}


@pytest.mark.parametrize("snapshot", ["0" * 40, "--output=x", "HEAD", "", "0" * 39 + "g"])
@pytest.mark.parametrize("known", [True, False])
def test_a_snapshot_that_is_no_commit_is_left_out(
    git: Git, repo: Path, snapshot: str, *, known: bool
) -> None:
    """A run that names code that is not here is recorded all the same."""
    if known:
        branch.keep_code(git, [git.resolve("HEAD") or ""])
    branch.submit(git, changes(1, snapshot))
    assert RUN.format(1) in files(git)
    assert not (repo / "x").exists()


def test_packing_starts_by_itself(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are counted for the packing in the background."""
    counted: list[int] = []
    monkeypatch.setattr(pack, "note", lambda _, made: counted.append(made))
    branch.submit(git, changes(1))
    assert counted == [1]


def test_a_stale_lock_goes_with_the_next_command(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a command that commits nothing removes it; a fresh one may have a living owner and stays."""
    branch.submit(git, changes(1))
    lock = git.place.common_dir / f"{RUNS}.lock"
    lock.touch()
    branch.flush(git)
    assert lock.exists()
    monkeypatch.setattr(branch, "_STALE", -1.0)
    branch.flush(git)
    assert not lock.exists()
