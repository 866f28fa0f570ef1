from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.projects import uri
from gittrack.launch.projects.uri import NoSuchProject, ProjectUri, parse
from tests.support.git import make_repo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("https://example.org/wine.git", "https://example.org/wine.git"),
        ("https://example.org/wine", "https://example.org/wine"),
        ("ssh://git@example.org/wine", "ssh://git@example.org/wine"),
        ("git@example.org:team/wine.git", "git@example.org:team/wine.git"),
        ("example.org:wine", "example.org:wine"),
        ("'https://example.org/wine.git'", "https://example.org/wine.git"),
        ("file:///srv/wine.git", "file:///srv/wine.git"),
    ],
)
def test_git(text: str, where: str) -> None:
    """All the ways to name a repository."""
    assert parse(text) == ProjectUri("git", where)
    if "'" not in text:
        assert parse(f"{text}#examples/a.b") == ProjectUri("git", where, "examples/a.b")


def test_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths and file URLs, with a folder in them; a name may hold a `#`."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a#b").mkdir()
    monkeypatch.chdir(tmp_path)
    assert (
        parse(".")
        == parse(str(tmp_path))
        == parse(f"file://{tmp_path}")
        == ProjectUri("folder", str(tmp_path))
    )
    assert parse("sub").where == str(tmp_path / "sub")
    assert parse(".#sub") == ProjectUri("folder", str(tmp_path), "sub")
    assert parse("a#b").where == str(tmp_path / "a#b")


def test_bare_repository(tmp_path: Path) -> None:
    """A repository without a work tree is cloned."""
    bare = make_repo(tmp_path / "bare", "--bare", commit=False)
    for text in (str(bare), f"file://{bare}"):
        assert parse(f"{text}#a") == ProjectUri("git", f"file://{bare}", "a")


def test_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files here, and URLs of any kind."""
    (tmp_path / "p.zip").touch()
    monkeypatch.chdir(tmp_path)
    assert parse("p.zip#a") == ProjectUri("archive", str(tmp_path / "p.zip"), "a")
    assert parse(f"file://{tmp_path}/p.zip").where == str(tmp_path / "p.zip")
    for url in ("https://example.org/p.tar.gz", "s3://bucket/p.zip"):
        assert parse(url) == ProjectUri("archive", url)
    with pytest.raises(NoSuchProject, match=r"no archive at q\.tgz"):
        parse("q.tgz")


@pytest.mark.parametrize(
    "text",
    [
        *("gone", "./gone", "ext::sh -c true", "s3://bucket/x", "fd::17", "hg::x", "ftp://example.org/x"),
        *(".#..", ".#/etc", ".#a/../../b", ".#a\\b"),
    ],
)
def test_no_project(text: str) -> None:
    """What is not there, what Git must not be asked, and what leads outside."""
    with pytest.raises(NoSuchProject):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-x",
        "--upload-pack=sh",
        "a\nb",
        "https://ada:secret@example.org/x",
        "https://u:p@example.org/x.zip",
    ],
)
def test_refused(text: str) -> None:
    """Options, control characters and passwords."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert "secret" not in caught.value.message


def test_within(tmp_path: Path) -> None:
    """A link out of the project is no folder of it."""
    (tmp_path / "top" / "in").mkdir(parents=True)
    (tmp_path / "top" / "out").symlink_to(tmp_path)
    assert uri.within(tmp_path / "top", "in", "x").name == "in"
    for name in ("out", "gone"):
        with pytest.raises(NoSuchProject, match=f"no folder '{name}' in x"):
            uri.within(tmp_path / "top", name, "x#y")
