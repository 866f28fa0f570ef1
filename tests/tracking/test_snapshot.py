from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gittrack.core.config import Config
from gittrack.core.records import Source
from gittrack.store.git import discover
from gittrack.tracking import snapshot_files
from gittrack.tracking.snapshot import take
from gittrack.tracking.snapshot_files import Limits, choose
from gittrack.tracking.snapshot_status import Status, parse
from tests.support.git import git_run, make_repo

_PEM = "-----BEGIN PRIVATE " + "KEY-----\n" + "MIIEowIBAAKCAQEA" * 4 + "\n-----END PRIVATE " + "KEY-----\n"


def _take(path: Path, cwd: Path | None = None, **options: object) -> Source:
    git = discover(path)
    config = Config.load(None, {}, git.config_all).with_options(
        {name.replace("__", "."): value for name, value in options.items()}
    )
    return take(git, config, cwd or path)


def _tree(path: Path, commit: str | None) -> dict[str, str]:
    """Path to `mode content` of a commit's files."""
    found = {}
    for line in git_run("ls-tree", "-r", "-z", str(commit), cwd=path).split("\0")[:-1]:
        head, _, name = line.partition("\t")
        mode, kind, oid = head.split(" ")
        found[name] = f"{mode} {git_run('cat-file', '-p', oid, cwd=path) if kind == 'blob' else oid}"
    return found


def _names(path: Path, commit: str | None) -> set[str]:
    return set(git_run("ls-tree", "-r", "-z", "--name-only", str(commit), cwd=path).split("\0")[:-1])


def _user_state(path: Path) -> tuple[bytes, int, str, str]:
    """What must not change: index, HEAD and refs, work tree as Git sees it."""
    index = path / ".git" / "index"
    files = sorted(str(file) for file in path.rglob("*") if ".git" not in file.parts)
    refs = git_run("for-each-ref", cwd=path) + (path / ".git" / "HEAD").read_text()
    return index.read_bytes(), index.stat().st_mtime_ns, refs, "\n".join(files)


def test_clean_tree(repo: Path) -> None:
    """A clean tree needs no commit of its own: the snapshot is HEAD."""
    head = git_run("rev-parse", "HEAD", cwd=repo)
    assert _take(repo) == Source(commit=head, snapshot=head, branch="main", directory=".")


def test_dirty_tree_is_complete(repo: Path) -> None:
    """Staged, unstaged and untracked files are in, deleted ones are not."""
    for name in ("kept", "changed", "deleted", "removed", "both"):
        (repo / name).write_text("first\n")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    (repo / "changed").write_text("second\n")
    (repo / "deleted").unlink()
    git_run("rm", "-q", "--cached", "removed", cwd=repo)
    (repo / "removed").unlink()
    (repo / "staged").write_text("staged\n")
    (repo / "both").write_text("staged\n")
    git_run("add", "staged", "both", cwd=repo)
    (repo / "both").write_text("then changed\n")
    (repo / "folder").mkdir()
    (repo / "folder" / "new").write_text("new\n")
    source = _take(repo)
    assert source.dirty
    assert _tree(repo, source.snapshot) == {
        "both": "100644 then changed",
        "changed": "100644 second",
        "folder/new": "100644 new",
        "kept": "100644 first",
        "staged": "100644 staged",
        "train.py": "100644 print('training')",
    }


def test_commit_of_a_dirty_tree(repo: Path) -> None:
    """The snapshot's parent is HEAD; author and date are fixed."""
    (repo / "new").write_text("x")
    snapshot = str(_take(repo).snapshot)
    shown = git_run("show", "-s", "--format=%P|%an|%ae|%cn|%s|%at", snapshot, cwd=repo)
    head, date = git_run("show", "-s", "--format=%H|%ct", "HEAD", cwd=repo).split("|")
    assert shown == f"{head}|gittrack|gittrack@localhost|gittrack|gittrack snapshot|{date}"


def test_user_state_stays(repo: Path) -> None:
    """Index (to the byte and its time), HEAD, refs, stash and files of the user stay."""
    (repo / "train.py").write_text("changed\n")
    (repo / "staged").write_text("x")
    git_run("add", "staged", cwd=repo)
    (repo / "new").write_text("x")
    before = _user_state(repo)
    assert _take(repo).snapshot
    assert _user_state(repo) == before
    assert not (repo / ".git" / "index.lock").exists()


def test_no_hook_runs(repo: Path, tmp_path: Path) -> None:
    """No hook of the user runs."""
    mark = tmp_path / "mark"
    for name in ("post-index-change", "pre-commit", "post-commit", "reference-transaction", "post-checkout"):
        hook = repo / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
        hook.chmod(0o755)
    (repo / "new").write_text("x")
    assert _take(repo).snapshot
    assert not mark.exists()


def test_same_tree_same_snapshot(repo: Path) -> None:
    """Ten runs of one dirty tree share one commit."""
    (repo / "new").write_text("x")
    assert len({_take(repo).snapshot for _ in range(3)}) == 1


def test_change_that_keeps_size_and_time(repo: Path) -> None:
    """A change of a file right after it was staged is seen, though size and time are the same."""
    (repo / "a").write_text("1")
    git_run("add", "a", cwd=repo)
    found = (repo / "a").stat()
    (repo / "a").write_text("2")
    os.utime(repo / "a", ns=(found.st_atime_ns, found.st_mtime_ns))
    assert _tree(repo, _take(repo).snapshot)["a"] == "100644 2"


def test_unborn_head(tmp_path: Path) -> None:
    """Before the first commit the snapshot is a root commit."""
    path = make_repo(tmp_path / "new", commit=False)
    (path / "a").write_text("x")
    source = _take(path)
    assert (source.commit, source.branch) == (None, "main")
    assert git_run("rev-list", "--count", str(source.snapshot), cwd=path) == "1"


def test_unborn_and_empty(tmp_path: Path) -> None:
    """Without commit and files there is nothing to keep, and it says so."""
    path = make_repo(tmp_path / "new", commit=False)
    assert _take(path).missing == "no commit yet"


def test_detached_head(repo: Path) -> None:
    """A detached HEAD has no branch."""
    git_run("checkout", "-q", "--detach", cwd=repo)
    assert _take(repo).branch is None


def test_bare_repository(tmp_path: Path) -> None:
    """A bare repository has no code that runs."""
    path = make_repo(tmp_path / "bare", "--bare", commit=False)
    assert _take(path).missing == "bare repository"


def test_disabled(repo: Path) -> None:
    """Switched off, commit and state are still recorded."""
    (repo / "new").write_text("x")
    source = _take(repo, snapshot__enabled=False)
    assert (source.dirty, source.snapshot, source.missing) == (True, None, "disabled")


def test_linked_worktree(repo: Path, tmp_path: Path) -> None:
    """A linked work tree has its own index."""
    git_run("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"), cwd=repo)
    (tmp_path / "linked" / "new").write_text("x")
    source = _take(tmp_path / "linked")
    assert source.branch == "other"
    assert _names(repo, source.snapshot) == {"new", "train.py"}


def test_sha256(tmp_path: Path) -> None:
    """SHA-256 repositories work, deletions and left out files too."""
    path = make_repo(tmp_path / "sha256", "--object-format=sha256")
    (path / "train.py").unlink()
    (path / ".env").write_text("x")
    git_run("add", ".env", cwd=path)
    (path / "new").write_text("x")
    source = _take(path)
    assert len(str(source.snapshot)) == 64
    assert _names(path, source.snapshot) == {"new"}


def test_no_identity(repo: Path) -> None:
    """A user that Git does not know can take snapshots, and signing settings do not matter."""
    (Path.home() / ".gitconfig").write_text("[user]\nuseConfigOnly = true\n[commit]\ngpgSign = true\n")
    (repo / "new").write_text("x")
    assert _take(repo).snapshot


def test_directory(repo: Path, tmp_path: Path) -> None:
    """Where the command ran, relative to the top; nothing when outside."""
    (repo / "sub" / "deep").mkdir(parents=True)
    assert _take(repo, repo / "sub" / "deep").directory == "sub/deep"
    assert _take(repo, tmp_path).directory is None


def test_remote_of_the_branch(repo: Path) -> None:
    """The remote that the branch follows counts before origin; credentials are cut out."""
    git_run("remote", "add", "origin", "https://host/origin.git", cwd=repo)
    git_run("remote", "add", "Mine", "https://me:secret@host/mine.git", cwd=repo)
    assert _take(repo).remote == "https://host/origin.git"
    git_run("config", "branch.main.remote", "Mine", cwd=repo)
    assert _take(repo).remote == "https://host/mine.git"


# ---- limits and secrets


def test_large_file(repo: Path) -> None:
    """A new file beyond the limit is left out and named; a changed one stays as HEAD has it."""
    (repo / "big").write_bytes(b"x" * 101)
    (repo / "train.py").write_bytes(b"y" * 101)
    git_run("add", "train.py", cwd=repo)
    (repo / "small").write_bytes(b"x" * 100)
    source = _take(repo, snapshot__max_file_size=100)
    assert _tree(repo, source.snapshot)["train.py"] == "100644 print('training')"
    assert _names(repo, source.snapshot) == {"train.py", "small"}
    assert source.left_out == {
        "big": "larger than snapshot.max_file_size: 101 bytes",
        "train.py": "larger than snapshot.max_file_size: 101 bytes",
    }


def test_total_size(repo: Path) -> None:
    """The largest files go first when all together are too much."""
    for name, size in (("a", 60), ("b", 30), ("c", 20), ("train.py", 50)):
        (repo / name).write_bytes(b"x" * size)
    source = _take(repo, snapshot__max_total_size=60)
    assert set(source.left_out) == {"a", "train.py"}
    assert _names(repo, source.snapshot) == {"b", "c", "train.py"}


def test_nothing_goes_in(repo: Path) -> None:
    """When all changes are left out, the code is the commit."""
    (repo / "big").write_bytes(b"x" * 101)
    source = _take(repo, snapshot__max_file_size=100)
    assert source.dirty
    assert source.snapshot == source.commit


@pytest.mark.parametrize(
    "name",
    [
        *("id_rsa", "id_ed25519", "x.pem", "deep/x.key", "x.p12", "x.PFX", ".netrc", "_netrc", ".pypirc"),
        *(".env", ".env.local", "deep/.env.production", "credentials.json"),
    ],
)
def test_secret_by_name(repo: Path, name: str) -> None:
    """A file whose name says that it is a secret is refused, also when staged."""
    (repo / name).parent.mkdir(exist_ok=True)
    (repo / name).write_text("x")
    git_run("add", "-f", name, cwd=repo)
    source = _take(repo)
    assert name not in _names(repo, source.snapshot)
    assert source.left_out == {name: "looks like a secret by its name (snapshot.allow lets it in)"}


@pytest.mark.parametrize(
    "name",
    [".env.example", ".env.sample", ".env.template", "id_rsa.pub", ".envrc", "key.py", "x.json", ".npmrc"],
)
def test_no_secret_by_name(repo: Path, name: str) -> None:
    """A file whose name only resembles a secret's goes in."""
    (repo / name).write_text("x")
    assert name in _names(repo, _take(repo).snapshot)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.txt", f"here:\n{_PEM}"),
        ("key.py", "KEY = '''" + _PEM + "'''"),
        ("one-line.json", '{"k": "' + _PEM.replace("\n", "\\n") + '"}'),
        (".npmrc", "//registry.npmjs.org/:_authToken=abc"),
        ("robot.json", '{"type": "service_account"}'),
    ],
)
def test_secret_by_content(repo: Path, name: str, text: str) -> None:
    """A file that holds a private key or credentials is refused."""
    (repo / name).write_text(text)
    source = _take(repo)
    assert set(source.left_out) == {name}


def test_key_is_only_mentioned(repo: Path) -> None:
    """Code that looks for private keys is no private key."""
    (repo / "scan.py").write_text("if '-----BEGIN PRIVATE " + "KEY-----' in text:\n    refuse()\n")
    assert _take(repo).left_out == {}


@pytest.mark.parametrize("glob", ["*.pem", "certs/*", "certs/x.pem"])
def test_allowed_secret(repo: Path, glob: str) -> None:
    """What the user allows goes in."""
    (repo / "certs").mkdir()
    (repo / "certs" / "x.pem").write_text(_PEM)
    source = _take(repo, snapshot__allow=(glob,))
    assert source.left_out == {}
    assert "certs/x.pem" in _names(repo, source.snapshot)


def test_tracked_secret_stays(repo: Path) -> None:
    """What HEAD has already and is unchanged is nobody's business."""
    (repo / "server.pem").write_text(_PEM)
    git_run("add", "server.pem", cwd=repo)
    git_run("commit", "-qm", "key", cwd=repo)
    (repo / "new").write_text("x")
    source = _take(repo)
    assert source.left_out == {}
    assert "server.pem" in _names(repo, source.snapshot)


def test_ignored_files(repo: Path) -> None:
    """Ignored files are not in a snapshot."""
    (repo / ".gitignore").write_text("data\n")
    (repo / "data").mkdir()
    (repo / "data" / "x").write_text("x")
    assert _names(repo, _take(repo).snapshot) == {".gitignore", "train.py"}


# ---- too many files


def _thinned(paths: list[str], most: int) -> tuple[set[str], dict[str, str]]:
    status = Status(None, None, (), tuple(path.encode() for path in paths))
    choice = choose(status, Path("/nowhere"), replace(Limits(), files=most))
    return {path.decode() for path in choice.add}, choice.left_out


def test_huge_folder() -> None:
    """The folder that holds nearly all untracked files is left out and named, as deep as it goes."""
    huge = [f"data/raw/{part}/{number}" for part in "abc" for number in range(20)]
    kept, left_out = _thinned(["x.py", "data/readme", *huge], 10)
    assert kept == {"x.py", "data/readme"}
    assert left_out == {"data/raw/": "60 untracked files (a .gitignore may name it)"}


def test_many_folders() -> None:
    """Folders go by size until few enough files are left."""
    paths = [f"{folder}/{n}" for folder, count in (("a", 5), ("b", 9), ("c", 7)) for n in range(count)]
    kept, left_out = _thinned(paths, 6)
    assert kept == {f"a/{number}" for number in range(5)}
    assert set(left_out) == {"b/", "c/"}


def test_many_files_at_the_top() -> None:
    """Files without a folder are cut off at the limit."""
    kept, left_out = _thinned([str(number) for number in range(10)], 4)
    assert len(kept) == 4
    assert left_out == {"./": "6 of 10 untracked files"}


def test_many_files_left_out(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of what is left out has an end."""
    monkeypatch.setattr(snapshot_files, "_MOST_NAMED", 2)
    for number in range(4):
        (repo / f"{number}.pem").write_text("x")
    assert list(_take(repo).left_out) == ["0.pem", "1.pem", "…"]


# ---- odd work trees


def test_symlinks_and_modes(repo: Path) -> None:
    """Symbolic links stay links, also dangling ones; the executable bit is kept."""
    (repo / "link").symlink_to("nowhere")
    (repo / "tool").write_text("x")
    (repo / "tool").chmod(0o755)
    (repo / "train.py").chmod(0o755)
    tree = _tree(repo, _take(repo).snapshot)
    assert tree == {"link": "120000 nowhere", "tool": "100755 x", "train.py": "100755 print('training')"}


@pytest.mark.parametrize(
    "name", ["-a", "--", "q\"uo'te", "new\nline", "tab\t", "ü", "*", ":(top)x", "sp ace "]
)
def test_odd_names(repo: Path, name: str) -> None:
    """Names are names, never options, patterns or lines; the same when deleted."""
    (repo / name).write_text("x")
    assert name in _names(repo, _take(repo).snapshot)
    git_run("--literal-pathspecs", "add", "--", name, cwd=repo)
    git_run("commit", "-qm", "odd", cwd=repo)
    (repo / name).unlink()
    assert _names(repo, _take(repo).snapshot) == {"train.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_name_in_another_encoding(repo: Path) -> None:
    """A name that is not UTF-8 goes in, and can be named when it does not."""
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff.txt")).write_text("x")
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff.pem")).write_text("x")
    source = _take(repo)
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
    assert _names(repo, _take(repo).snapshot) == {"folder", "train.py/y"}


def test_folder_becomes_link(repo: Path, tmp_path: Path) -> None:
    """A folder that became a link: what stood in it is gone."""
    (repo / "folder").mkdir()
    (repo / "folder" / "x").write_text("x")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    (repo / "folder").rename(tmp_path / "elsewhere")
    (repo / "folder").symlink_to(tmp_path / "elsewhere")
    assert _names(repo, _take(repo).snapshot) == {"folder", "train.py"}


def test_removed_from_the_index_but_there(repo: Path) -> None:
    """A file that only the index lost is part of what ran."""
    git_run("rm", "-q", "--cached", "train.py", cwd=repo)
    assert _names(repo, _take(repo).snapshot) == {"train.py"}


def test_intent_to_add(repo: Path) -> None:
    """A file that is to be added goes in; a secret one does not."""
    for name in ("new", ".env"):
        (repo / name).write_text("x")
        git_run("add", "-N", name, cwd=repo)
    assert _names(repo, _take(repo).snapshot) == {"new", "train.py"}


def _conflict(repo: Path) -> None:
    git_run("checkout", "-qb", "side", cwd=repo)
    (repo / "train.py").write_text("side\n")
    git_run("commit", "-qam", "side", cwd=repo)
    git_run("checkout", "-q", "main", cwd=repo)
    (repo / "train.py").write_text("main\n")
    git_run("commit", "-qam", "main", cwd=repo)
    with pytest.raises(AssertionError):
        git_run("merge", "side", cwd=repo)


def test_merge_in_progress(repo: Path) -> None:
    """During a merge the files go in as they are, conflict markers too."""
    _conflict(repo)
    before = _user_state(repo)
    assert "<<<<<<<" in _tree(repo, _take(repo).snapshot)["train.py"]
    assert _user_state(repo) == before


def test_conflict_that_is_left_out(repo: Path) -> None:
    """A conflict in a file that does not go in leaves what HEAD has."""
    _conflict(repo)
    source = _take(repo, snapshot__max_file_size=10)
    assert set(source.left_out) == {"train.py"}
    assert _tree(repo, source.snapshot)["train.py"] == "100644 main"


def test_sparse_checkout(repo: Path) -> None:
    """What a sparse checkout hides stays in the snapshot."""
    (repo / "far").mkdir()
    (repo / "far" / "x").write_text("x")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "more", cwd=repo)
    git_run("sparse-checkout", "set", "--cone", "near", cwd=repo)
    assert not (repo / "far").exists()
    (repo / "new").write_text("x")
    assert _names(repo, _take(repo).snapshot) == {"far/x", "new", "train.py"}


def test_split_index(repo: Path) -> None:
    """An index in two files is read and stays as it is."""
    git_run("update-index", "--split-index", cwd=repo)
    (repo / "new").write_text("x")
    before = sorted(path.name for path in (repo / ".git").iterdir())
    assert _names(repo, _take(repo).snapshot) == {"new", "train.py"}
    assert sorted(path.name for path in (repo / ".git").iterdir()) == before


def test_index_missing(repo: Path) -> None:
    """Without an index the files are still there."""
    (repo / ".git" / "index").unlink()
    (repo / "new").write_text("x")
    assert _names(repo, _take(repo).snapshot) == {"new", "train.py"}


def test_line_endings(repo: Path) -> None:
    """Line endings are converted as `git add` would."""
    git_run("config", "core.autocrlf", "true", cwd=repo)
    (repo / "dos.txt").write_bytes(b"a\r\nb\r\n")
    assert _tree(repo, _take(repo).snapshot)["dos.txt"] == "100644 a\nb"


# ---- repositories within


def test_submodule(repo: Path, tmp_path: Path) -> None:
    """A submodule is recorded by its commit, and named when it has changes of its own."""
    make_repo(tmp_path / "lib")
    git_run("submodule", "add", "-q", str(tmp_path / "lib"), "lib", cwd=repo)
    git_run("commit", "-qm", "lib", cwd=repo)
    assert not _take(repo).dirty
    (repo / "lib" / "train.py").write_text("changed")
    source = _take(repo)
    assert source.dirty
    assert source.left_out == {"lib": "submodule has uncommitted changes: only its commit is recorded"}
    git_run("commit", "-qam", "in lib", cwd=repo / "lib")
    assert _tree(repo, _take(repo).snapshot)["lib"].split()[1] == git_run(
        "rev-parse", "HEAD", cwd=repo / "lib"
    )


def test_inside_a_submodule(repo: Path, tmp_path: Path) -> None:
    """A submodule is a repository like any other for code that runs in it."""
    make_repo(tmp_path / "lib")
    git_run("submodule", "add", "-q", str(tmp_path / "lib"), "lib", cwd=repo)
    (repo / "lib" / "new").write_text("x")
    assert _names(repo / "lib", _take(repo / "lib").snapshot) == {"new", "train.py"}


def test_embedded_repository(repo: Path) -> None:
    """A repository within is recorded by its commit, and named."""
    make_repo(repo / "inner")
    source = _take(repo)
    assert _names(repo, source.snapshot) == {"inner", "train.py"}
    assert source.left_out == {"inner/": "embedded repository: only its commit is recorded"}


def test_embedded_repository_without_commit(repo: Path) -> None:
    """A repository within that has no commit cannot be recorded, the rest can."""
    make_repo(repo / "inner", commit=False)
    (repo / "inner" / "x").write_text("x")
    (repo / "new").write_text("x")
    source = _take(repo)
    assert _names(repo, source.snapshot) >= {"new", "train.py"}
    assert source.left_out


# ---- what fails


def test_filter_fails(repo: Path) -> None:
    """Where a clean filter fails, files go in as they are, and all of them are named."""
    (repo / ".gitattributes").write_text("*.bin filter=lfs\n")
    git_run("add", ".gitattributes", cwd=repo)
    git_run("commit", "-qm", "attributes", cwd=repo)
    git_run("config", "filter.lfs.clean", "no-such-command-here %f", cwd=repo)
    git_run("config", "filter.lfs.required", "true", cwd=repo)
    (repo / "a.bin").write_text("a")
    (repo / "b.bin").write_text("b")
    source = _take(repo)
    assert _tree(repo, source.snapshot)["b.bin"] == "100644 b"
    reason = "its filter lfs failed: stored as it is in the work tree"
    assert source.left_out == {"a.bin": reason, "b.bin": reason}


def test_filter_of_a_tracked_file_fails(repo: Path) -> None:
    """The same for a changed file, which `git status` puts through the filter too."""
    (repo / ".gitattributes").write_text("*.bin filter=lfs\n")
    (repo / "a.bin").write_text("a")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-qm", "attributes", cwd=repo)
    git_run("config", "filter.lfs.process", "no-such-command-here", cwd=repo)
    git_run("config", "filter.lfs.clean", "no-such-command-here", cwd=repo)
    git_run("config", "filter.lfs.required", "true", cwd=repo)
    (repo / "a.bin").write_text("b")
    source = _take(repo)
    assert _tree(repo, source.snapshot)["a.bin"] == "100644 b"
    assert set(source.left_out) == {"a.bin"}


def test_filter_runs(repo: Path) -> None:
    """A clean filter runs as for `git add`."""
    (repo / ".gitattributes").write_text("*.up filter=upper\n")
    git_run("config", "filter.upper.clean", "tr a-z A-Z", cwd=repo)
    (repo / "a.up").write_text("abc")
    assert _tree(repo, _take(repo).snapshot)["a.up"] == "100644 ABC"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(repo: Path) -> None:
    """A file that cannot be read is named, the rest goes in."""
    (repo / "shut").write_text("x")
    (repo / "shut").chmod(0)
    (repo / "new").write_text("x")
    source = _take(repo)
    assert _names(repo, source.snapshot) == {"new", "train.py"}
    assert set(source.left_out) == {"shut"}


def test_read_only_repository(repo: Path) -> None:
    """Where no object can be written there is no snapshot, and no exception."""
    (repo / "new").write_text("only here")
    for number in range(256):
        place = repo / ".git" / "objects" / f"{number:02x}"
        if not place.exists():
            place.write_text("in the way of a folder")
    source = _take(repo)
    assert source.snapshot is None
    assert source.commit
    assert str(source.missing).startswith("cannot be written: ")


def test_broken_index(repo: Path) -> None:
    """An index that Git cannot read is the reason given."""
    (repo / ".git" / "index").write_bytes(b"broken" * 100)
    assert str(_take(repo).missing).startswith("Git cannot read the work tree: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_in_place_of_a_file(repo: Path) -> None:
    """A named pipe in place of a file is not read: that would wait for ever."""
    (repo / "train.py").unlink()
    os.mkfifo(repo / "train.py")
    source = _take(repo)
    assert source.snapshot


def test_output_of_a_newer_git() -> None:
    """Lines of an unknown kind are passed over."""
    assert parse(b"# branch.oid (initial)\0# stash 3\0! ignored\0? new\0") == Status(
        None, None, (), (b"new",)
    )
