"""Trees and objects that we write ourselves, held against Git's own."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittrack.core.errors import GitFailed, RefMoved
from gittrack.store.commit.commits import Commits
from gittrack.store.plumbing.git import Git, discover
from gittrack.store.plumbing.loose import LooseObjects
from gittrack.store.plumbing.refs import Move
from gittrack.store.plumbing.trees import add_files, parse, serialise
from tests.support.git import git_run, make_repo

if TYPE_CHECKING:
    from pathlib import Path

_names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in {".", ".."} and ".git" not in name.lower() and "git~" not in name.lower()
)
_paths = st.lists(_names, min_size=1, max_size=4).map("/".join)


@pytest.fixture(params=["sha1", "sha256"])
def git(request: pytest.FixtureRequest, tmp_path: Path) -> Git:
    """Git in a fresh repository of each object format."""
    return discover(make_repo(tmp_path / "repo", f"--object-format={request.param}", commit=False))


def as_git_does(git: Git, files: dict[str, bytes]) -> str:
    """The tree of the files, by Git's index."""
    env = {"GIT_INDEX_FILE": str(git.place.git_dir / "index.test")}
    (git.place.git_dir / "index.test").unlink(missing_ok=True)
    lines = []
    for path, content in files.items():
        oid = git.run("hash-object", "-w", "--stdin", stdin=content).text
        lines.append(b"100644 %s 0\t%s\0" % (oid.encode(), path.encode()))
    git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), env=env)
    return git.run("write-tree", env=env).text


@given(first=st.dictionaries(_paths, st.binary(max_size=20), max_size=6), more=st.sets(_names, max_size=4))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_trees_are_those_of_git(git: Git, first: dict[str, bytes], more: set[str]) -> None:
    """Whatever the names, the tree is the one that Git makes of the same files."""
    # a name cannot be a file and a folder, which the branch never has
    folders = {path[:i] for path in first for i in range(len(path)) if path[i] == "/"}
    first = {path: content for path, content in first.items() if path not in folders}
    files = first | {f"later/{name}": name.encode() for name in more}
    if "later" in files:
        return
    commits = Commits(git)
    one = commits.with_files(None, first, "one")
    two = commits.with_files(one, files, "two")
    assert git.run("rev-parse", f"{two}^{{tree}}").text == as_git_does(git, files)


def test_folders_sort_as_git_sorts_them(git: Git) -> None:
    """`a.b` comes before the folder `a`, and after the file `a`."""
    files = {"a/x": b"1", "a.b": b"2", "a0": b"3"}
    commit = Commits(git).with_files(None, files, "m")
    assert git.run("rev-parse", f"{commit}^{{tree}}").text == as_git_does(git, files)
    git.run("fsck", "--strict")


def test_parse_is_the_inverse_of_serialise(git: Git) -> None:
    """A tree reads back."""
    width = 20 if git.place.object_format == "sha1" else 32
    entries = {b"b": (b"40000", b"\1" * width), b"a": (b"100644", b"\2" * width)}
    assert parse(serialise(entries), width) == entries


def test_a_broken_tree_is_an_error() -> None:
    """Bytes that are no tree do not become one."""
    with pytest.raises(GitFailed, match="cannot be read"):
        add_files("0" * 40, {"a": "0" * 40}, lambda _: b"nonsense", lambda *_: "")


def test_a_file_becomes_a_folder(git: Git) -> None:
    """A file in the way of a folder, which somebody pushed, gives way."""
    commits = Commits(git)
    one = commits.with_files(None, {".runs": b"in the way"}, "one")
    two = commits.with_files(one, {".runs/a": b"x"}, "two")
    assert [entry.path for entry in git.tree(two)] == [".runs/a"]


def test_objects_are_those_of_git(git: Git) -> None:
    """Ids, contents and permissions are Git's."""
    objects = LooseObjects(git)
    oid = objects.write(b"blob", b"content")
    assert oid == git.run("hash-object", "--stdin", stdin=b"content").text
    assert git.read(oid) == b"content"
    path = git.place.common_dir / "objects" / oid[:2] / oid[2:]
    theirs = git.run("hash-object", "-w", "--stdin", stdin=b"other").text
    other = git.place.common_dir / "objects" / theirs[:2] / theirs[2:]
    assert stat.filemode(path.stat().st_mode) == stat.filemode(other.stat().st_mode)
    assert objects.write(b"blob", b"content") == oid


def test_an_object_that_cannot_be_written_leaves_nothing(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure between writing and renaming leaves no file behind."""

    def fail(*_: object) -> None:
        msg = "no space"
        raise OSError(msg)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        LooseObjects(git).write(b"blob", b"content")
    monkeypatch.undo()
    assert not list((git.place.common_dir / "objects").rglob("tmp_obj_*"))


def test_refs_move_together_or_not_at_all(git: Git) -> None:
    """When one of two refs is elsewhere, neither moves."""
    commits = Commits(git)
    one = commits.with_files(None, {"a": b"1"}, "one")
    two = commits.with_files(one, {"b": b"2"}, "two")
    commits.move([Move("refs/heads/a", one, None), Move("refs/heads/b", one, None)])
    with pytest.raises(RefMoved):
        commits.move([Move("refs/heads/a", two, one), Move("refs/heads/b", two, two)])
    with pytest.raises(RefMoved):
        commits.move([Move("refs/heads/a", two, None)])
    assert set(git.refs("refs/heads").values()) == {one}


def test_a_ref_that_cannot_be(git: Git) -> None:
    """Any other refusal is an error with Git's words."""
    commits = Commits(git)
    one = commits.with_files(None, {"a": b"1"}, "one")
    with pytest.raises(GitFailed, match="update-ref failed"):
        commits.move([Move("refs/heads/a..b", one, None)])


def test_remembered_trees_are_few(git: Git) -> None:
    """What is remembered does not grow with the number of commits."""
    commits = Commits(git)
    parent = None
    for number in range(40):
        parent = commits.with_files(parent, {f"a/{number}": b"x"}, "m")
    assert len(commits._trees) <= 64
    assert len(git.tree(parent or "")) == 40


def test_a_missing_parent(git: Git) -> None:
    """A parent that is not there is an error, and the process that looked for it ends."""
    with pytest.raises(GitFailed, match="is missing"):
        Commits(git).with_files("0" * len(git.run("hash-object", "--stdin").text), {"a": b"x"}, "m")


def test_many_files_go_into_a_pack(repo: Path) -> None:
    """A large import makes one pack instead of thousands of files."""
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes

    git = discover(repo)
    files = {f".runs/x/{number}": str(number).encode() for number in range(300)}
    head = git.resolve("HEAD") or ""
    branch.submit(git, Changes("import", files, (head,)))
    branch.submit(git, Changes("more", {path + "b": content for path, content in files.items()}, (head,)))
    assert len(git.tree("gittrack/runs")) == 601
    assert list((git.place.common_dir / "objects" / "pack").glob("*.pack"))
    git.run("fsck", "--strict")
    assert git_run("merge-base", "--is-ancestor", head, "refs/gittrack/code", cwd=repo) == ""


def test_a_repository_shared_by_a_group(repo: Path) -> None:
    """Where objects need other permissions, Git writes them."""
    from gittrack.store.commit import branch
    from gittrack.store.commit.pending import Changes

    git_run("config", "core.sharedRepository", "group", cwd=repo)
    git = discover(repo)
    branch.submit(git, Changes("one", {"a": b"unique content"}))
    oid = git.run("rev-parse", "gittrack/runs:a").text
    path = git.place.common_dir / "objects" / oid[:2] / oid[2:]
    assert path.parent.stat().st_mode & 0o020
