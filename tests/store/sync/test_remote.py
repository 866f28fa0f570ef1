from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import RemoteError
from gittrack.store.plumbing.git import discover
from gittrack.store.sync.remote import resolve, without_credentials
from gittrack.store.sync.transport import Sent, failure, parse_porcelain, said
from tests.support.git import git_run

if TYPE_CHECKING:
    from pathlib import Path


def _add(repo: Path, *names: str) -> None:
    for name in names:
        git_run("remote", "add", name, f"https://ada:secret@example.org/{name}.git", cwd=repo)


def test_no_remote(repo: Path) -> None:
    """Without a remote there is a hint how to add one."""
    with pytest.raises(RemoteError, match="has no remote") as error:
        resolve(discover(repo), None)
    assert "git remote add" in str(error.value.hint)


def test_origin_by_default(repo: Path) -> None:
    """Of several remotes `origin` is taken."""
    _add(repo, "backup", "origin")
    assert resolve(discover(repo), None).name == "origin"


def test_the_only_one(repo: Path) -> None:
    """A single remote needs no particular name."""
    _add(repo, "backup")
    assert resolve(discover(repo), None).name == "backup"


def test_upstream_of_the_branch(repo: Path) -> None:
    """The remote that the current branch follows comes first."""
    _add(repo, "origin", "fork")
    git_run("config", "branch.main.remote", "fork", cwd=repo)
    assert resolve(discover(repo), None).name == "fork"


def test_branch_that_follows_a_local_one(repo: Path) -> None:
    """A branch whose upstream is in this repository says nothing about remotes."""
    _add(repo, "origin", "fork")
    git_run("config", "branch.main.remote", ".", cwd=repo)
    assert resolve(discover(repo), None).name == "origin"


def test_several_and_no_origin(repo: Path) -> None:
    """Which of several is meant must be said."""
    _add(repo, "a", "b")
    with pytest.raises(RemoteError, match="there are 2 remotes and none is named origin: a, b") as error:
        resolve(discover(repo), None)
    assert error.value.hint


def test_unknown_name(repo: Path) -> None:
    """A name that no remote bears is refused with those there are."""
    _add(repo, "origin")
    with pytest.raises(RemoteError, match="no remote named upstream") as error:
        resolve(discover(repo), "upstream")
    assert error.value.hint == "there are: origin"


@pytest.mark.parametrize("name", ["--upload-pack=evil", "-x", "", "  ", "a\nb", "ext\x1b"])
def test_no_option_is_a_remote(repo: Path, name: str) -> None:
    """Text that Git could take for an option, or that breaks a line, is no remote."""
    with pytest.raises(RemoteError, match="not a remote"):
        resolve(discover(repo), name)


def test_url_as_remote(repo: Path) -> None:
    """A URL gets a label for its refs here, always the same."""
    one = resolve(discover(repo), "https://example.org/x.git")
    assert one == resolve(discover(repo), "https://example.org/x.git")
    assert one.label.startswith("gittrack-")
    assert one.shown == "https://example.org/x.git"


def test_names_are_shown_without_secrets(repo: Path) -> None:
    """What is shown of a remote has no credentials."""
    _add(repo, "origin")
    assert resolve(discover(repo), None).shown == "origin (https://example.org/origin.git)"


def test_local_refs(repo: Path) -> None:
    """Refs of the remote are kept apart from ours."""
    _add(repo, "origin")
    remote = resolve(discover(repo), None)
    assert remote.local("refs/heads/gittrack/runs") == "refs/remotes/origin/gittrack/runs"
    assert remote.local("refs/gittrack/code") == "refs/gittrack/remotes/origin/code"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://ada:pass@example.org/x", "https://example.org/x"),
        ("https://token@example.org/x", "https://example.org/x"),
        ("fatal: 'https://a:b@h/x' not found", "fatal: 'https://h/x' not found"),
        ("ssh://git@example.org/x", "ssh://git@example.org/x"),
        ("ssh://git:pass@example.org/x", "ssh://git@example.org/x"),
        ("git@example.org:x", "git@example.org:x"),
        ("https://example.org/x?private_token=abc&y=1", "https://example.org/x?private_token=***&y=1"),
        ("/srv/x.git", "/srv/x.git"),
    ],
)
def test_without_credentials(text: str, clean: str) -> None:
    """User names and passwords of URLs are left out wherever they stand."""
    assert without_credentials(text) == clean


@pytest.mark.parametrize(
    ("stderr", "what"),
    [
        ("fatal: Authentication failed for 'https://a:b@h/x'", "refuses access: Authentication failed"),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", "refuses access"),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote", "refuses access"),
        ("fatal: unable to access 'https://h/': The requested URL returned error: 403", "refuses access"),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", "cannot be reached"),
        ("ssh: connect to host h port 22: Connection refused\nfatal: Could not read", "cannot be reached"),
        ("fatal: '/x' does not appear to be a git repository\nfatal: Could not", "is not a Git repository"),
        ("remote: Repository not found.\nfatal: repository 'https://h/x/' not found", "is not a Git repo"),
        ("fatal: transport 'ext' not allowed", "is not allowed by Git"),
        ("fatal: mismatched algorithms: client sha1; server sha256", "uses another object format"),
        ("error: something else", "does not answer as expected: something else"),
        ("", "does not answer as expected: no reason given"),
    ],
)
def test_failures_have_a_hint(repo: Path, stderr: str, what: str) -> None:
    """Each way to fail is named in one line without credentials, with what helps."""
    _add(repo, "origin")
    error = failure(resolve(discover(repo), None), stderr)
    assert what in error.message
    assert "a:b@" not in error.message
    assert "secret" not in error.message
    assert "\n" not in error.message
    assert error.hint


def test_said_prefers_the_server() -> None:
    """The server's own words say more than Git's, and nothing in them moves a terminal."""
    text = "remote: \nremote: GH006: Protected\x1b[2J branch.\nerror: failed to push some refs"
    assert said(text) == "GH006: Protected [2J branch"


def test_parse_porcelain() -> None:
    """What became of each ref is read from the porcelain form."""
    text = (
        "To /srv/x.git\n"
        " \trefs/a:refs/heads/a\t1..2\n"
        "*\trefs/b:refs/heads/b\t[new branch]\n"
        "=\trefs/c:refs/heads/c\t[up to date]\n"
        "!\trefs/d:refs/heads/d\t[rejected] (fetch first)\n"
        "!\trefs/e:refs/heads/e\t[remote rejected] (hook declined)\n"
        "!\trefs/f:refs/heads/f\t[remote rejected] (failed to update ref)\n"
        "-\t:refs/heads/g\t[deleted]\n"
        "!\t(delete):refs/heads/h\t[rejected] (stale info)\n"
        "Done\n"
    )
    sent = parse_porcelain(text)
    assert {ref[-1]: one.state for ref, one in sent.items()} == {
        "a": "done",
        "b": "done",
        "c": "done",
        "d": "raced",
        "e": "refused",
        "f": "raced",
        "g": "done",
        "h": "raced",
    }
    assert sent["refs/heads/e"] == Sent("refused", "[remote rejected] (hook declined)")
