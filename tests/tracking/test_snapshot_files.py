from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gittrack.tracking import snapshot_files
from gittrack.tracking.snapshot_files import Limits, choose
from gittrack.tracking.snapshot_status import Status
from tests.support.git import git_run
from tests.support.snapshots import names_of, take_snapshot, tree_of

_PEM = "-----BEGIN PRIVATE " + "KEY-----\n" + "MIIEowIBAAKCAQEA" * 4 + "\n-----END PRIVATE " + "KEY-----\n"


# ---- limits and secrets


def test_large_file(repo: Path) -> None:
    """A new file beyond the limit is left out and named; a changed one stays as HEAD has it."""
    (repo / "big").write_bytes(b"x" * 101)
    (repo / "train.py").write_bytes(b"y" * 101)
    git_run("add", "train.py", cwd=repo)
    (repo / "small").write_bytes(b"x" * 100)
    source = take_snapshot(repo, snapshot__max_file_size=100)
    assert tree_of(repo, source.snapshot)["train.py"] == "100644 print('training')"
    assert names_of(repo, source.snapshot) == {"train.py", "small"}
    assert source.left_out == {
        "big": "larger than snapshot.max_file_size: 101 bytes",
        "train.py": "larger than snapshot.max_file_size: 101 bytes",
    }


def test_total_size(repo: Path) -> None:
    """The largest files go first when all together are too much."""
    for name, size in (("a", 60), ("b", 30), ("c", 20), ("train.py", 50)):
        (repo / name).write_bytes(b"x" * size)
    source = take_snapshot(repo, snapshot__max_total_size=60)
    assert set(source.left_out) == {"a", "train.py"}
    assert names_of(repo, source.snapshot) == {"b", "c", "train.py"}


def test_nothing_goes_in(repo: Path) -> None:
    """When all changes are left out, the code is the commit."""
    (repo / "big").write_bytes(b"x" * 101)
    source = take_snapshot(repo, snapshot__max_file_size=100)
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
    source = take_snapshot(repo)
    assert name not in names_of(repo, source.snapshot)
    assert source.left_out == {name: "looks like a secret by its name (snapshot.allow lets it in)"}


@pytest.mark.parametrize(
    "name",
    [".env.example", ".env.sample", ".env.template", "id_rsa.pub", ".envrc", "key.py", "x.json", ".npmrc"],
)
def test_no_secret_by_name(repo: Path, name: str) -> None:
    """A file whose name only resembles a secret's goes in."""
    (repo / name).write_text("x")
    assert name in names_of(repo, take_snapshot(repo).snapshot)


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
    source = take_snapshot(repo)
    assert set(source.left_out) == {name}


def test_key_is_only_mentioned(repo: Path) -> None:
    """Code that looks for private keys is no private key."""
    (repo / "scan.py").write_text("if '-----BEGIN PRIVATE " + "KEY-----' in text:\n    refuse()\n")
    assert take_snapshot(repo).left_out == {}


@pytest.mark.parametrize("glob", ["*.pem", "certs/*", "certs/x.pem"])
def test_allowed_secret(repo: Path, glob: str) -> None:
    """What the user allows goes in."""
    (repo / "certs").mkdir()
    (repo / "certs" / "x.pem").write_text(_PEM)
    source = take_snapshot(repo, snapshot__allow=(glob,))
    assert source.left_out == {}
    assert "certs/x.pem" in names_of(repo, source.snapshot)


def test_tracked_secret_stays(repo: Path) -> None:
    """What HEAD has already and is unchanged is nobody's business."""
    (repo / "server.pem").write_text(_PEM)
    git_run("add", "server.pem", cwd=repo)
    git_run("commit", "-qm", "key", cwd=repo)
    (repo / "new").write_text("x")
    source = take_snapshot(repo)
    assert source.left_out == {}
    assert "server.pem" in names_of(repo, source.snapshot)


def test_ignored_files(repo: Path) -> None:
    """Ignored files are not in a snapshot."""
    (repo / ".gitignore").write_text("data\n")
    (repo / "data").mkdir()
    (repo / "data" / "x").write_text("x")
    assert names_of(repo, take_snapshot(repo).snapshot) == {".gitignore", "train.py"}


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
    assert list(take_snapshot(repo).left_out) == ["0.pem", "1.pem", "…"]
