"""Moving refs by their files, held against Git's own way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitFailed, RefMoved
from gittrack.store.plumbing.git import discover
from gittrack.store.plumbing.refs import Move, move
from tests.support.git import git_run

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

REF = "refs/heads/gittrack/x"
WHO = b"A B <a@b.example> 1795492993 +0000"


@pytest.fixture
def git(store: RunStore) -> Git:
    """The Git of a fresh repository."""
    return store.git


def commits(git: Git, count: int) -> list[str]:
    """So many commits."""
    tree = git.run("rev-parse", "HEAD^{tree}").text
    return [git.run("commit-tree", "-m", str(number), tree).text for number in range(count)]


def at(git: Git, ref: str = REF) -> str:
    """Where Git sees a ref."""
    return git.run("rev-parse", ref).text


def test_moves(git: Git) -> None:
    """A new ref, then the same one further; Git sees both."""
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None)], WHO)
    assert at(git) == one
    move(git, [Move(REF, two, one)], WHO)
    assert at(git) == two


def test_reflog(git: Git) -> None:
    """Git's reflog has what was moved by the file as well."""
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None)], WHO)
    move(git, [Move(REF, two, one)], WHO)
    assert git.run("rev-parse", f"{REF}@{{1}}").text == one
    assert "A B <a@b.example>" in git.run("reflog", "show", "--format=%gn <%ge>", REF).text


def test_all_or_none(git: Git) -> None:
    """Where one of two is not where it was, neither moves."""
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None), Move(f"{REF}y", one, None)], WHO)
    with pytest.raises(RefMoved):
        move(git, [Move(REF, two, one), Move(f"{REF}y", two, two)], WHO)
    assert at(git) == at(git, f"{REF}y") == one
    assert not list(git.place.common_dir.glob("refs/**/*.lock"))


def test_packed(git: Git) -> None:
    """A packed ref is moved, and one that is packed again afterwards."""
    one, two, three = commits(git, 3)
    move(git, [Move(REF, one, None)], WHO)
    git.run("pack-refs", "--all")
    move(git, [Move(REF, two, one)], WHO)
    git.run("pack-refs", "--all")
    move(git, [Move(REF, three, two)], WHO)
    assert at(git) == three


def test_symbolic(git: Git) -> None:
    """A symbolic ref is followed, as Git does."""
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None)], WHO)
    git.run("symbolic-ref", "refs/heads/gittrack/link", REF)
    move(git, [Move("refs/heads/gittrack/link", two, one)], WHO)
    assert at(git) == two


def test_locked(git: Git) -> None:
    """A lock file that is in the way is named, and stays."""
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None)], WHO)
    lock = git.place.common_dir / f"{REF}.lock"
    lock.touch()
    with pytest.raises(GitFailed, match=r"x\.lock"):
        move(git, [Move(REF, two, one)], WHO)
    assert lock.exists()
    assert at(git) == one


def test_shared_repository(git: Git) -> None:
    """In a repository shared by a group Git moves the ref, with its permissions."""
    git_run("config", "core.sharedRepository", "0660", cwd=git.place.common_dir)
    git = discover(git.place.common_dir.parent)  # it reads the configuration once
    one, two = commits(git, 2)
    move(git, [Move(REF, one, None)], WHO)
    move(git, [Move(REF, two, one)], WHO)
    assert at(git) == two
    assert (git.place.common_dir / REF).stat().st_mode & 0o777 == 0o660


_CLIMB = """
import subprocess, sys
from pathlib import Path
from gittrack.core.errors import GitFailed, RefMoved
from gittrack.store.plumbing.git import discover
from gittrack.store.plumbing.refs import Move, move
git = discover(Path.cwd())
tree = git.run("rev-parse", "HEAD^{tree}").text
ref = sys.argv[2]
done = 0
while done < 15:
    old = git.resolve(ref)
    new = git.run("commit-tree", "-p", old, "-m", f"{sys.argv[1]} {done}", tree).text
    try:
        if sys.argv[1] == "git":
            git.run("update-ref", ref, new, old)
        else:
            move(git, [Move(ref, new, old)], b"A <a@b> 1795492993 +0000")
    except (GitFailed, RefMoved):
        continue
    done += 1
"""


def test_race_with_git(git: Git) -> None:
    """Our way and Git's own, by turns and at once, lose none of each other's commits."""
    (first,) = commits(git, 1)
    move(git, [Move(REF, first, None)], WHO)
    top = Path(__file__).parents[3]
    code = f"import sys; sys.path.insert(0, {str(top)!r})\n{_CLIMB}"
    climbers = [
        subprocess.Popen([sys.executable, "-c", code, name, REF], cwd=git.place.work_tree)
        for name in ("git", "ours", "ours-too")
    ]
    for _ in range(5):
        git.run("pack-refs", "--all")
    assert [climber.wait() for climber in climbers] == [0, 0, 0]
    assert int(git.run("rev-list", "--count", REF).text) == 1 + 3 * 15
