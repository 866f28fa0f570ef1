"""Tags that deploy."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.core.errors import UsageError
from gittrack.models.registry.changes import AliasMoved
from gittrack.models.registry.deploy_tags import CannotTag, next_name
from gittrack.store.registry.read import model
from tests.support.git import git_run, make_repo
from tests.support.registry import registered
from tests.support.remotes import where

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore

_KEYS = ("Model", "Version", "Alias", "Run", "Digest")


@pytest.fixture
def one(store: RunStore) -> Version:
    """A registered model."""
    return registered(store)


def tags(store: RunStore) -> list[str]:
    """The tags of a repository."""
    return git_run("tag", "--list", cwd=where(store)).split()


def test_tag(store: RunStore, one: Version) -> None:
    """Annotated, at the code of the run, with trailers that a pipeline reads."""
    done = gittrack.promote_model("churn/1", "production", tag=True, message="better\non the holdout")
    assert (done.tag, done.next_steps) == (
        "model/churn@production/1",
        ("git push origin model/churn@production/1",),
    )
    head = git_run("rev-parse", "HEAD", cwd=where(store))
    words = (
        "objecttype",
        "*objectname",
        "contents:subject",
        *(f"contents:trailers:key=Gittrack-{key},valueonly" for key in _KEYS),
    )
    said = [git_run("for-each-ref", f"--format=%({word})", "refs/tags/", cwd=where(store)) for word in words]
    told = ["churn", "1", "production", one.run_id, f"sha256:{one.digest}"]
    assert [line.strip() for line in said] == ["tag", head, "churn/1 is production", *told]


def test_each_promotion_has_a_tag(store: RunStore, one: Version) -> None:
    """They are counted, also where the alias was there already."""
    assert one.number == 1
    made = [gittrack.promote_model("churn/1", "production", tag=True).tag for _ in range(2)]
    assert made == ["model/churn@production/1", "model/churn@production/2"]
    assert tags(store) == made


def test_code_apart(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the runs are in a repository of their own, the tag is at the code."""
    code = make_repo(tmp_path / "code")
    (code / "more").write_text("x")
    git_run("add", "more", cwd=code)
    git_run("commit", "-q", "-m", "second", cwd=code)
    monkeypatch.chdir(code)
    with gittrack.start_run(repo=where(store)):
        gittrack.log_text("flavors: {}\n", "m/MLmodel")
    gittrack.register_model("runs:/@last", "churn", repo=where(store))
    gittrack.promote_model("churn", "production", tag=True, repo=where(store))
    head = git_run("rev-parse", "HEAD", cwd=code)
    assert git_run("rev-parse", "model/churn@production/1^{commit}", cwd=code) == head
    assert tags(store) == []


def test_code_that_is_not_here(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the commit of the code the tag is at the runs branch."""
    registered(store)
    other = make_repo(tmp_path / "other", commit=False)
    git_run("fetch", "-q", str(where(store)), "gittrack/runs:gittrack/runs", cwd=other)
    monkeypatch.chdir(other)
    gittrack.promote_model("churn", "production", tag=True)
    tip = git_run("rev-parse", "gittrack/runs^", cwd=other)
    assert git_run("rev-parse", "model/churn@production/1^{commit}", cwd=other) == tip


@pytest.mark.parametrize(
    "name", ["churn", "My model", ".hidden", "a..b", "x.lock", "~^*[", "end.", "größe", "a{b}", "'; rm -rf"]
)
def test_names_are_refs(store: RunStore, name: str) -> None:
    """Any name of a model makes a name that Git takes."""
    ref = f"refs/tags/{next_name(store.git, name, 'production')}"
    assert git_run("check-ref-format", ref, cwd=where(store)) == ""


def test_no_key(store: RunStore, one: Version, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a key nothing is signed, nothing is tagged, and nothing is promoted; it is said what to do."""
    assert one.number == 1
    monkeypatch.setenv("GNUPGHOME", str(tmp_path))
    tmp_path.chmod(0o700)
    with pytest.raises(CannotTag, match="cannot be signed: ") as caught:
        gittrack.promote_model("churn/1", "production", sign=True)
    assert "user.signingKey" in (caught.value.hint or "")
    assert tags(store) == []
    assert model(store.git, "churn").aliases == {}


def test_signed(store: RunStore, one: Version, tmp_path: Path) -> None:
    """With a key of SSH, and Git says that the signature is good."""
    assert one.number == 1
    keygen = shutil.which("ssh-keygen")
    assert keygen is not None
    key = tmp_path / "key"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, capture_output=True)
    signers = tmp_path / "signers"
    signers.write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "gpg.ssh.allowedSignersFile": str(signers),
    }.items():
        git_run("config", name, value, cwd=where(store))
    done = gittrack.promote_model("churn/1", "production", sign=True)
    assert done.tag == "model/churn@production/1"
    git_run("verify-tag", done.tag, cwd=where(store))


def test_no_tag_of_a_lost_race(store: RunStore, one: Version) -> None:
    """An alias that is not where it was expected is not tagged."""
    assert one.number == 1
    with pytest.raises(AliasMoved):
        gittrack.promote_model("churn/1", "production", tag=True, expect=7)
    assert tags(store) == []


def test_tag_goes_with_a_failure(store: RunStore, one: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the promotion cannot be committed, the tag that was made for it is taken away."""
    from gittrack.models.registry import changes

    def broken(*_: object) -> None:
        assert tags(store)
        raise OSError

    assert one.number == 1
    monkeypatch.setattr(changes, "commit", broken)
    with pytest.raises(OSError):  # noqa: PT011  the one from above
        gittrack.promote_model("churn/1", "production", tag=True)
    assert tags(store) == []


def test_no_tag_before_a_review(one: Version) -> None:
    """What waits for approval is not deployed."""
    assert one.number == 1
    with pytest.raises(UsageError, match="waits for a review"):
        gittrack.promote_model("churn/1", "production", branch="promote", sign=True)
