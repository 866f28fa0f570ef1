"""The door to Git, in every kind of repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from gittrack.core.errors import GitFailed, GitMissing, NotARepository
from gittrack.store.plumbing import place
from gittrack.store.plumbing.git import Git, discover, is_oid
from gittrack.store.plumbing.place import clean_environment
from tests.support.git import git_run, make_repo


def test_discover_from_a_folder_below(repo: Path) -> None:
    """Any folder of the work tree will do."""
    (repo / "a" / "b").mkdir(parents=True)
    place = discover(repo / "a" / "b").place
    assert place.work_tree == repo
    assert place.git_dir == place.common_dir == repo / ".git"
    assert (place.object_format, place.shallow) == ("sha1", False)


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a repository there is an error with a way out."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NotARepository, match="not a Git repository") as caught:
        discover(tmp_path)
    assert "git init" in (caught.value.hint or "")


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(NotARepository, match="no such folder"):
        discover(tmp_path / "nowhere")


def test_no_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the command the error says so."""
    monkeypatch.setenv("PATH", str(repo))
    with pytest.raises(GitMissing, match="no `git` command"):
        discover(repo)


def fake_git(folder: Path, body: str) -> None:
    """A `git` command that behaves as an old one does."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{body}\n")
    (folder / "git").chmod(0o755)


def test_an_old_git(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Git that is too old is named with its version, where it fails."""
    fake_git(tmp_path / "bin", 'case "$1" in version) echo git version 2.20.1;; *) exit 128;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    with pytest.raises(GitMissing, match=r"git 2\.20\.1 is too old"):
        discover(repo)


def test_an_old_git_in_a_command(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that an old Git does not know leads to the same error."""
    fake_git(tmp_path / "bin", 'case "$1" in version) echo git version 2.29.0;; *) exit 129;; esac')
    place = discover(repo).place
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    with pytest.raises(GitMissing, match="too old"):
        Git(place).run("status", "--new-option")


def test_an_unknown_option_of_a_new_git(repo: Path) -> None:
    """With a Git that is new enough it is a failed command."""
    with pytest.raises(GitFailed, match="git status failed"):
        discover(repo).run("status", "--no-such-option")


def test_dubious_ownership(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of another user: the hint is Git's own way out."""
    fake_git(
        tmp_path / "bin",
        'case "$1" in version) echo git version 2.39.5;; '
        '*) echo "fatal: detected dubious ownership in repository" >&2; exit 128;; esac',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    with pytest.raises(NotARepository, match="another user") as caught:
        discover(repo)
    assert "safe.directory" in (caught.value.hint or "")


def test_linked_work_tree(repo: Path, tmp_path: Path) -> None:
    """Linked work trees share what stands beside the branch."""
    git_run("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other", cwd=repo)
    linked = discover(tmp_path / "linked")
    assert linked.directory == discover(repo).directory
    assert linked.place.git_dir != linked.place.common_dir


def test_bare(tmp_path: Path) -> None:
    """A bare repository has no work tree."""
    git_run("init", "-q", "--bare", "bare.git", cwd=tmp_path)
    place = discover(tmp_path / "bare.git").place
    assert place.work_tree is None
    assert place.common_dir == tmp_path / "bare.git"


def test_submodule(repo: Path, tmp_path: Path) -> None:
    """A submodule is a repository of its own."""
    make_repo(tmp_path / "library")
    git_run("submodule", "add", "-q", str(tmp_path / "library"), "library", cwd=repo)
    place = discover(repo / "library").place
    assert place.work_tree == repo / "library"
    assert place.common_dir == repo / ".git" / "modules" / "library"


def test_shallow(repo: Path, tmp_path: Path) -> None:
    """A shallow clone says that it is one."""
    git_run("commit", "-q", "--allow-empty", "-m", "second", cwd=repo)
    git_run("clone", "-q", "--depth=1", repo.as_uri(), "clone", cwd=tmp_path)
    assert discover(tmp_path / "clone").place.shallow


def test_sha256(tmp_path: Path) -> None:
    """Object ids of a SHA-256 repository have 64 digits."""
    git = discover(make_repo(tmp_path / "new", "--object-format=sha256"))
    assert git.place.object_format == "sha256"
    assert len(git.resolve("HEAD") or "") == 64


def test_the_environment_is_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that point Git elsewhere go, those of the connection stay."""
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/elsewhere/index")
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -v")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "a.b")
    found = clean_environment({"GIT_INDEX_FILE": "mine"})
    assert "GIT_DIR" not in found
    assert (found["GIT_SSH_COMMAND"], found["GIT_CONFIG_KEY_0"]) == ("ssh -v", "a.b")
    assert (found["GIT_INDEX_FILE"], found["GIT_OPTIONAL_LOCKS"]) == ("mine", "0")


def test_inside_a_hook(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of a running `git commit` do not lead to another repository."""
    other = make_repo(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert discover(repo).place.work_tree == repo


def test_resolve(repo: Path) -> None:
    """Refs resolve from their file, from packed refs, and as revisions."""
    git = discover(repo)
    oid = git_run("rev-parse", "HEAD", cwd=repo)
    assert git.resolve("refs/heads/main") == git.resolve("HEAD") == oid
    git_run("pack-refs", "--all", cwd=repo)
    assert git.resolve("refs/heads/main") == oid
    assert git.resolve("refs/heads/nothing") is None
    assert git.resolve("--all") is None


def test_is_oid() -> None:
    """Only whole object ids are."""
    assert is_oid("0" * 40)
    assert is_oid("a" * 64)
    assert not is_oid("0" * 41)
    assert not is_oid("HEAD")


def test_refs(repo: Path) -> None:
    """Refs by prefix."""
    assert list(discover(repo).refs("refs/heads/")) == ["refs/heads/main"]


def test_tree_and_contents(repo: Path) -> None:
    """All files of a tree, and many contents in one process."""
    (repo / "ü \n x").write_text("odd")
    git_run("add", "-A", cwd=repo)
    git_run("commit", "-q", "-m", "odd", cwd=repo)
    git = discover(repo)
    entries = {entry.path: entry for entry in git.tree("HEAD")}
    assert set(entries) == {"train.py", "ü \n x"}
    names = [entries["ü \n x"].oid, "0" * 40, "HEAD:train.py", "HEAD:no such"]
    contents = [content for _, content in git.read_many(names)]
    assert contents == [b"odd", None, b"print('training')\n", None]
    assert git.read("HEAD:train.py") == b"print('training')\n"
    assert git.read("HEAD:nothing") is None
    assert list(git.read_many([])) == []


def test_an_abandoned_stream_ends(repo: Path) -> None:
    """A reader that stops early leaves no process behind."""
    git = discover(repo)
    stream = git.read_many(["HEAD:train.py"] * 1000)
    assert next(stream)[1] == b"print('training')\n"
    del stream


def test_a_failed_stream(repo: Path) -> None:
    """A command beside us that fails is an error."""
    with pytest.raises(GitFailed, match="cat-file"), discover(repo).open("cat-file", "--no-such") as (_, out):
        out.read()


def test_config(repo: Path) -> None:
    """Configuration is read with all values of a key."""
    git_run("config", "--add", "gittrack.experiment", "one", cwd=repo)
    git_run("config", "--add", "gittrack.experiment", "two", cwd=repo)
    git = discover(repo)
    assert git.config("gittrack.experiment") == "two"
    assert git.config_all()["gittrack.experiment"] == ["one", "two"]
    assert git.config("gittrack.nothing") is None


def test_identity(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's name, the environment before the configuration."""
    assert discover(repo).identity() == ("Ada", "ada@example.org")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Bob <\n>")
    assert discover(repo).identity() == ("Bob ", "ada@example.org")


def test_no_identity(repo: Path) -> None:
    """Where Git knows nobody, the user of the machine commits."""
    (Path.home() / ".gitconfig").write_text("")
    name, mail = discover(repo).identity()
    assert name
    assert mail.startswith(f"{name}@")


def test_version() -> None:
    """The version of the installed Git is new enough."""
    assert place.version() >= place.MINIMUM
    place.check_version()
