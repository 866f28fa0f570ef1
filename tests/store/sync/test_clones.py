from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gittrack.core.errors import GitTrackError, RemoteError
from gittrack.store.plumbing.git import CODE
from gittrack.store.runs import RunStore
from gittrack.store.sync.clones import cache_directory, open_url
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.remotes import clone, make_remote, record, remote_runs, snapshot


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Variables that put the cache under the test's folder."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_runs_of_a_url(remote: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    """The clone holds the runs, and nothing of the code's branches."""
    ada = clone(remote, tmp_path / "ada")
    run = record(ada, snapshots=(snapshot(ada),))
    push(ada)
    place = open_url(remote.as_uri(), environ)
    assert place.parent == tmp_path / "cache" / "gittrack" / "repos"
    assert place.name.startswith("remote-")
    assert remote_runs(place) == {run}
    refs = git_run("for-each-ref", "--format=%(refname)", cwd=place).splitlines()
    assert CODE in refs
    assert not [ref for ref in refs if "gittrack" not in ref]


def test_recording_in_it(remote: Path, environ: dict[str, str]) -> None:
    """Runs recorded in the clone are pushed to the URL."""
    place = open_url(remote.as_uri(), environ)
    store = RunStore.open(place, start=place)
    run = record(store)
    push(store)
    assert remote_runs(remote) == {run}


def test_it_is_kept(remote: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    """The second time nothing is fetched; a pull brings what is new."""
    place = open_url(remote.as_uri(), environ)
    ada = clone(remote, tmp_path / "ada")
    run = record(ada)
    push(ada)
    assert open_url(remote.as_uri(), environ) == place
    assert remote_runs(place) == set()
    assert pull(RunStore.open(place, start=place)).received == {run: "new"}


def test_empty_repository(tmp_path: Path, environ: dict[str, str]) -> None:
    """A repository without any commit can take runs."""
    git_run("init", "-q", "--bare", "empty.git", cwd=tmp_path)
    place = open_url((tmp_path / "empty.git").as_uri(), environ)
    run = record(store := RunStore.open(place, start=place))
    push(store)
    assert remote_runs(tmp_path / "empty.git") == {run}


def test_sha256(tmp_path: Path, environ: dict[str, str]) -> None:
    """The clone takes the object format of the repository."""
    remote = make_remote(tmp_path / "new.git", "--object-format=sha256")
    ada = clone(remote, tmp_path / "ada")
    run = record(ada)
    push(ada)
    place = open_url(remote.as_uri(), environ)
    assert remote_runs(place) == {run}


def test_two_at_once(remote: Path, environ: dict[str, str]) -> None:
    """Of two that open a URL at once one clones, and both get it."""
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(open_url(remote.as_uri(), environ))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert sorted(path.suffix for path in found[0].parent.iterdir()) == ["", ".lock"]


def test_half_made_clone_is_no_clone(remote: Path, environ: dict[str, str]) -> None:
    """What a killed process left is removed, never used."""
    place = open_url(remote.as_uri(), environ)
    left = place.with_name(f"{place.name}.abcdef.new")
    place.rename(left)
    (left / "HEAD").unlink()
    assert open_url(remote.as_uri(), environ) == place
    assert not left.exists()


def test_unreachable(tmp_path: Path, environ: dict[str, str]) -> None:
    """A URL that cannot be fetched leaves nothing behind."""
    with pytest.raises(RemoteError, match="is not a Git repository"):
        open_url((tmp_path / "nowhere.git").as_uri(), environ)
    folder = tmp_path / "cache" / "gittrack" / "repos"
    assert [path.suffix for path in folder.iterdir()] == [".lock"]


def test_credentials_are_refused(environ: dict[str, str]) -> None:
    """A password would end up in a file: the URL is refused, and not repeated."""
    with pytest.raises(RemoteError, match=r"https://example.org/x .*credentials") as error:
        open_url("https://ada:hunter2@example.org/x", environ)
    assert "hunter2" not in error.value.message
    assert "credential helper" in str(error.value.hint)


def test_names_differ(tmp_path: Path, environ: dict[str, str]) -> None:
    """Two repositories of one name have a clone each."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = make_remote(tmp_path / "a" / "x.git"), make_remote(tmp_path / "b" / "x.git")
    assert open_url(one.as_uri(), environ) != open_url(two.as_uri(), environ)


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/gittrack"),
        ({"HOME": "/h"}, "linux", "/h/.cache/gittrack"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/gittrack"),
        ({"LOCALAPPDATA": "/l", "USERPROFILE": "/u"}, "win32", "/l/gittrack"),
    ],
)
def test_cache_directory(environ: dict[str, str], platform: str, expected: str) -> None:
    """The cache is where the system keeps such things."""
    assert cache_directory(environ, platform) == Path(expected.replace("/", os.sep))


def test_no_home() -> None:
    """Without a home there is a hint."""
    with pytest.raises(GitTrackError, match="no home folder") as error:
        cache_directory({}, "linux")
    assert error.value.hint
