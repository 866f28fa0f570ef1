from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.records import Artifact, Input, Run
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes, leave
from gittrack.store.kept.references import Named, beside, between, everything, of_run
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.kept import made
from tests.support.remotes import where

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

DIGEST = "ab" * 32


def test_a_run_names_artifacts_and_kept_inputs() -> None:
    """An input that was only recorded is named by nobody."""
    run = Run(
        "r",
        artifacts=(Artifact("m", DIGEST, 3, "directory"), Artifact("x", "no digest", 3)),
        inputs=(Input("a", "u", "cd" * 32, 5, kept=True), Input("b", "u", "ef" * 32, 5)),
    )
    assert list(of_run(run)) == [
        Named(DIGEST, "directory", 3, "r", "m"),
        Named("cd" * 32, "file", 5, "r", "a"),
    ]


def test_between_two_tips(ada: RunStore) -> None:
    """Only what came since is read."""
    made(ada, {"old.bin": b"old"})
    old = branch.tip(ada.git)
    run = made(ada, {"new.bin": b"new"})
    new = branch.tip(ada.git)
    assert new is not None
    assert [(one.run_id, one.path) for one in between(ada.git, old, new)] == [(run.id, "new.bin")]
    assert between(ada.git, new, new) == []


def test_a_tip_that_is_gone(ada: RunStore) -> None:
    """Then everything counts as new."""
    made(ada, {"a.bin": b"a"})
    tip = branch.tip(ada.git)
    assert tip is not None
    assert [one.path for one in between(ada.git, "0" * 39 + "1", tip)] == ["a.bin"]
    assert [one.path for one in between(ada.git, "--not-an-oid", tip)] == ["a.bin"]


def test_files_beside_the_run(ada: RunStore) -> None:
    """Small reviewable artifacts are on the branch."""
    run = made(ada, {"a.txt": b"a", "a.bin": b"b"}, {"m": {"b.txt": b"c"}})
    tip = branch.tip(ada.git)
    assert tip is not None
    assert beside(ada.git, None, tip) == {(run.id, "a.txt"), (run.id, "m/b.txt")}


def digests(store: RunStore) -> set[str]:
    """All that anything in a repository names."""
    return set(everything(store.git))


def test_every_attempt_counts(ada: RunStore) -> None:
    """What a later attempt replaced is still named by the first."""
    run = made(ada, {"a.bin": b"first"})
    first = run.artifacts[0].sha256
    journal = ada.resume(run.id, Run(run.id, start_time=2))
    from gittrack.core.events import ArtifactLogged, Ended

    second = ada.objects.put_bytes(b"second")
    journal.event(ArtifactLogged(Artifact("a.bin", *second)))
    journal.event(Ended("finished", 3))
    journal.close()
    ada.finish(run.id)
    assert [one.sha256 for one in ada.get(run.id).artifacts] == [second.sha256]
    assert {first, second.sha256} <= digests(ada)


def test_a_live_run_counts(ada: RunStore) -> None:
    """What is in a journal only is named."""
    run = made(ada, {"a.bin": b"a"}, {"m": {"b": b"b"}}, end=False)
    named = everything(ada.git)
    assert {one.sha256 for one in run.artifacts} <= set(named)
    assert named[run.artifacts[1].sha256].kind == "unknown"  # told apart by its content


def test_a_pending_change_counts(ada: RunStore) -> None:
    """What a killed process left to be committed is named."""
    leave(ada.git, Changes("x", {".runs/x/run.yaml": f'sha256: "{DIGEST}"\n'.encode()}))
    assert DIGEST in digests(ada)


def test_remote_copies_count(ada: RunStore, bob: RunStore) -> None:
    """A run that was fetched, and removed from the branch here, is still named."""
    run = made(ada, {"a.bin": b"a"})
    push(ada)
    pull(bob)
    git_run("update-ref", "-d", "refs/heads/gittrack/runs", cwd=where(bob))
    assert run.artifacts[0].sha256 in digests(bob)


def test_topics_tags_and_other_branches_count(ada: RunStore) -> None:
    """Whatever a ref is called."""
    run = made(ada, {"a.bin": b"a"})
    for ref in ("refs/heads/gittrack/topic", "refs/tags/v1", "refs/heads/mine", "refs/gittrack/inbox/w/runs"):
        git_run("update-ref", ref, "refs/heads/gittrack/runs", cwd=where(ada))
        git_run("update-ref", "-d", "refs/heads/gittrack/runs", cwd=where(ada))
        assert run.artifacts[0].sha256 in digests(ada), ref
        git_run("update-ref", "refs/heads/gittrack/runs", ref, cwd=where(ada))
        git_run("update-ref", "-d", ref, cwd=where(ada))


def test_a_run_that_cannot_be_read_counts(ada: RunStore) -> None:
    """Every digest in it does."""
    path = ".runs/default/2026-11/24/20261124-000000-aaaaaaaa/run.yaml"
    branch.submit(ada.git, Changes("x", {path: f"schema: gittrack.run/9\nthings: [{DIGEST}]\n".encode()}))
    assert everything(ada.git)[DIGEST].kind == "file"
    assert between(ada.git, None, branch.tip(ada.git) or "") == []


def test_models_count(ada: RunStore) -> None:
    """Documents of other rooms on the branch, too."""
    branch.submit(ada.git, Changes("x", {".models/m/1.yaml": f'sha256: "{DIGEST}"\n'.encode()}))
    assert DIGEST in digests(ada)


def test_contents_and_environments_do_not(ada: RunStore) -> None:
    """A digest in an artifact or in an environment is no name."""
    made(ada, {"a.txt": f"{DIGEST}\n".encode(), "b.yaml": f"{DIGEST}\n".encode()})
    assert DIGEST not in digests(ada)


def test_a_repository_without_runs(ada: RunStore) -> None:
    """Nothing is named."""
    assert everything(ada.git) == {}
