from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gittrack.tracking.snapshot_status import Status, parse
from tests.support.git import git_run, make_repo
from tests.support.snapshots import make_conflict, names_of, take_snapshot, tree_of, user_state

# ---- odd work trees


def test_symlinks_and_modes(repo: Path) -> None:
    """Symbolic links stay links, also dangling ones; the executable bit is kept."""
    (repo / "link").symlink_to("nowhere")
    (repo / "tool").write_text("x")
    (repo / "tool").chmod(0o755)
    (repo / "train.py").chmod(0o755)
    tree = tree_of(repo, take_snapshot(repo).snapshot)
    assert tree == {"link": "120000 nowhere", "tool": "100755 x", "train.py": "100755 print('training')"}


@pytest.mark.parametrize(
    "name", ["-a", "--", "q\"uo'te", "new\nline", "tab\t", "ü", "*", ":(top)x", "sp ace "]
)
def test_odd_names(repo: Path, name: str) -> None:
    """Names are names, never options, patterns or lines; the same when deleted."""
    (repo / name).write_text("x")
    assert name in names_of(repo, take_snapshot(repo).snapshot)
    git_run("--literal-pathspecs", "add", "--", name, cwd=repo)
    git_run("commit", "-qm", "odd", cwd=repo)
    (repo / name).unlink()
    assert names_of(repo, take_snapshot(repo).snapshot) == {"train.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_name_in_another_encoding(repo: Path) -> None:
    """A name that is not UTF-8 goes in, and can be named when it does not."""
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff.txt")).write_text("x")
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff.pem")).write_text("x")
    source = take_snapshot(repo)
    listed = git_run("ls-tree", "-r", "--name-only", str(source.snapshot), cwd=repo)
    assert "\\377.txt" in listed
    assert set(source.left_out) == {"\ufffd.pem"}


def test_file_becomes_folder(repo: Path) -> None:
    """A file that became a folder, and a folder that became a file."""
    (repo / "folder").mkdir()
    (repo / "folder" / "x").write_text("x")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    (repo / "folder" / "x").unlink()
    (repo / "folder").rmdir()
    (repo / "folder").write_text("file")
    (repo / "train.py").unlink()
    (repo / "train.py").mkdir()
    (repo / "train.py" / "y").write_text("y")
    assert names_of(repo, take_snapshot(repo).snapshot) == {"folder", "train.py/y"}


def test_folder_becomes_link(repo: Path, tmp_path: Path) -> None:
    """A folder that became a link: what stood in it is gone."""
    (repo / "folder").mkdir()
    (repo / "folder" / "x").write_text("x")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    (repo / "folder").rename(tmp_path / "elsewhere")
    (repo / "folder").symlink_to(tmp_path / "elsewhere")
    assert names_of(repo, take_snapshot(repo).snapshot) == {"folder", "train.py"}


def test_removed_from_the_index_but_there(repo: Path) -> None:
    """A file that only the index lost is part of what ran."""
    git_run("rm", "-q", "--cached", "train.py", cwd=repo)
    assert names_of(repo, take_snapshot(repo).snapshot) == {"train.py"}


def test_intent_to_add(repo: Path) -> None:
    """A file that is to be added goes in; a secret one does not."""
    for name in ("new", ".env"):
        (repo / name).write_text("x")
        git_run("add", "-N", name, cwd=repo)
    assert names_of(repo, take_snapshot(repo).snapshot) == {"new", "train.py"}


def test_merge_in_progress(repo: Path) -> None:
    """During a merge the files go in as they are, conflict markers too."""
    make_conflict(repo)
    before = user_state(repo)
    assert "<<<<<<<" in tree_of(repo, take_snapshot(repo).snapshot)["train.py"]
    assert user_state(repo) == before


def test_conflict_that_is_left_out(repo: Path) -> None:
    """A conflict in a file that does not go in leaves what HEAD has."""
    make_conflict(repo)
    source = take_snapshot(repo, snapshot__max_file_size=10)
    assert set(source.left_out) == {"train.py"}
    assert tree_of(repo, source.snapshot)["train.py"] == "100644 main"


def test_sparse_checkout(repo: Path) -> None:
    """What a sparse checkout hides stays in the snapshot."""
    (repo / "far").mkdir()
    (repo / "far" / "x").write_text("x")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    git_run("sparse-checkout", "set", "--cone", "near", cwd=repo)
    assert not (repo / "far").exists()
    (repo / "new").write_text("x")
    assert names_of(repo, take_snapshot(repo).snapshot) == {"far/x", "new", "train.py"}


def test_split_index(repo: Path) -> None:
    """An index in two files is read and stays as it is."""
    git_run("update-index", "--split-index", cwd=repo)
    (repo / "new").write_text("x")
    before = sorted(path.name for path in (repo / ".git").iterdir())
    assert names_of(repo, take_snapshot(repo).snapshot) == {"new", "train.py"}
    assert sorted(path.name for path in (repo / ".git").iterdir()) == before


def test_index_missing(repo: Path) -> None:
    """Without an index the files are still there."""
    (repo / ".git" / "index").unlink()
    (repo / "new").write_text("x")
    assert names_of(repo, take_snapshot(repo).snapshot) == {"new", "train.py"}


def test_line_endings(repo: Path) -> None:
    """Line endings are converted as `git add` would."""
    git_run("config", "core.autocrlf", "true", cwd=repo)
    (repo / "dos.txt").write_bytes(b"a\r\nb\r\n")
    assert tree_of(repo, take_snapshot(repo).snapshot)["dos.txt"] == "100644 a\nb"


# ---- repositories within


def test_submodule(repo: Path, tmp_path: Path) -> None:
    """A submodule is recorded by its commit, and named when it has changes of its own."""
    make_repo(tmp_path / "lib")
    git_run("submodule", "add", "-q", str(tmp_path / "lib"), "lib", cwd=repo)
    git_run("commit", "-qm", "lib", cwd=repo)
    assert not take_snapshot(repo).dirty
    (repo / "lib" / "train.py").write_text("changed")
    source = take_snapshot(repo)
    assert source.dirty
    assert source.left_out == {"lib": "submodule has uncommitted changes: only its commit is recorded"}
    git_run("commit", "-qam", "in lib", cwd=repo / "lib")
    assert tree_of(repo, take_snapshot(repo).snapshot)["lib"].split()[1] == git_run(
        "rev-parse", "HEAD", cwd=repo / "lib"
    )


def test_inside_a_submodule(repo: Path, tmp_path: Path) -> None:
    """A submodule is a repository like any other for code that runs in it."""
    make_repo(tmp_path / "lib")
    git_run("submodule", "add", "-q", str(tmp_path / "lib"), "lib", cwd=repo)
    (repo / "lib" / "new").write_text("x")
    assert names_of(repo / "lib", take_snapshot(repo / "lib").snapshot) == {"new", "train.py"}


def test_embedded_repository(repo: Path) -> None:
    """A repository within is recorded by its commit, and named."""
    make_repo(repo / "inner")
    source = take_snapshot(repo)
    assert names_of(repo, source.snapshot) == {"inner", "train.py"}
    assert source.left_out == {"inner/": "embedded repository: only its commit is recorded"}


def test_embedded_repository_without_commit(repo: Path) -> None:
    """A repository within that has no commit cannot be recorded, the rest can."""
    make_repo(repo / "inner", commit=False)
    (repo / "inner" / "x").write_text("x")
    (repo / "new").write_text("x")
    source = take_snapshot(repo)
    assert names_of(repo, source.snapshot) >= {"new", "train.py"}
    assert source.left_out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_in_place_of_a_file(repo: Path) -> None:
    """A named pipe in place of a file is not read: that would wait for ever."""
    (repo / "train.py").unlink()
    os.mkfifo(repo / "train.py")
    source = take_snapshot(repo)
    assert source.snapshot


def test_output_of_a_newer_git() -> None:
    """Lines of an unknown kind are passed over."""
    assert parse(b"# branch.oid (initial)\0# stash 3\0! ignored\0? new\0") == Status(
        None, None, (), (b"new",)
    )
