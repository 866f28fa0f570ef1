"""Two clones change one registry, and come together."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from gittrack.models.registry.changes import demote, promote
from gittrack.store import topics
from gittrack.store.registry.read import model
from gittrack.store.registry.resolve import version_of
from gittrack.store.runs import RunStore
from gittrack.store.sync.share import pull, push
from tests.support.git import git_run
from tests.support.registry import registered
from tests.support.remotes import clone, make_remote, where

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository."""
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def ada(remote: Path) -> RunStore:
    """A clone."""
    return clone(remote, remote.parent / "ada")


@pytest.fixture
def bob(remote: Path) -> RunStore:
    """Another one, whose user is Bob."""
    return clone(remote, remote.parent / "bob", "-c", "user.name=Bob")


def numbered(store: RunStore, name: str = "churn") -> dict[str, int]:
    """Run to version."""
    return {one.run_id: one.number for one in model(store.git, name).versions}


def test_both_versions_are_kept(ada: RunStore, bob: RunStore) -> None:
    """Two clones register at once: both versions stay, the one that was pushed first keeps its number."""
    mine, yours = registered(ada), registered(bob)
    assert (mine.number, yours.number) == (1, 1)
    push(bob)  # though it was registered later
    outcome = push(ada)
    assert numbered(ada) == {yours.run_id: 1, mine.run_id: 2}
    assert outcome.models == {"churn": "sent"}
    assert outcome.problems == (
        f"model churn: version 1 of this clone (run {mine.run_id}) is version 2 now: there is another 1",
    )
    pull(bob)
    assert numbered(bob) == numbered(ada)


def test_pull_tells_of_the_other_number(ada: RunStore, bob: RunStore) -> None:
    """Who only pulls is told, too, once."""
    mine, _ = registered(ada), registered(bob)
    push(bob)
    assert f"version 1 of this clone (run {mine.run_id}) is version 2 now" in pull(ada).problems[0]
    assert pull(ada).problems == ()


def test_next_number_after_a_merge(ada: RunStore, bob: RunStore) -> None:
    """The next version comes after all of them."""
    registered(ada), registered(bob)
    push(bob)
    push(ada)
    assert registered(ada).number == 3


def test_alias_follows_its_version(ada: RunStore, bob: RunStore) -> None:
    """An alias names the version that it was given, whatever number that has now."""
    mine, _ = registered(ada, alias="champion"), registered(bob)
    push(bob)
    push(ada)
    assert version_of(ada, "models:/churn@champion").run_id == mine.run_id
    assert model(ada.git, "churn").aliases == {"champion": 2}


def race(ada: RunStore, bob: RunStore) -> None:
    """Both promote another version, Ada first."""
    registered(ada), registered(ada, content=b"other")
    push(ada)
    pull(bob)
    promote(ada, "churn/1", "champion")
    promote(bob, "churn/2", "champion")


@pytest.mark.parametrize("first", ["ada", "bob"])
def test_race_of_promotions(ada: RunStore, bob: RunStore, first: str) -> None:
    """The later promotion holds, whoever pushes first; the one who pushes second is told, with names."""
    race(ada, bob)
    clones = {"ada": ada, "bob": bob}
    push(clones.pop(first))
    told = push(clones.popitem()[1]).problems
    assert len(told) == 1
    assert told[0].startswith("model churn: champion was moved on both sides: version 2 by Bob <")
    assert "holds, the earlier version 1 by Ada <" in told[0]
    assert ("(of this clone)" in told[0]) is (first == "bob")
    pull(ada)
    assert model(ada.git, "churn").aliases == model(bob.git, "churn").aliases == {"champion": 2}


def test_overruled_are_told_at_the_next_pull(ada: RunStore, bob: RunStore) -> None:
    """Who had pushed first and was overruled unknowingly learns it, once."""
    race(ada, bob)
    push(ada)
    push(bob)
    assert "the earlier version 1" in "".join(pull(ada).problems)
    assert pull(ada).problems == ()


def test_promotion_against_removal(ada: RunStore, bob: RunStore) -> None:
    """A removal takes part as well."""
    registered(ada, alias="champion"), registered(ada, content=b"other")
    push(ada)
    pull(bob)
    promote(ada, "churn/2", "champion")
    demote(bob, "churn", "champion")
    push(ada)
    assert "its removal by Bob" in push(bob).problems[0]
    assert model(bob.git, "churn").aliases == {}


def test_no_race_where_one_knew(ada: RunStore, bob: RunStore) -> None:
    """One after the other is no race."""
    registered(ada, alias="champion"), registered(ada, content=b"other")
    push(ada)
    pull(bob)
    promote(bob, "churn/2", "champion")
    assert push(bob).problems == ()
    outcome = pull(ada)
    assert (outcome.problems, outcome.models, outcome.up_to_date) == ((), {"churn": "received"}, False)


def test_the_same_choice_is_no_race(ada: RunStore, bob: RunStore) -> None:
    """Two that want the same need no word."""
    registered(ada)
    push(ada)
    pull(bob)
    promote(ada, "churn/1", "champion")
    promote(bob, "churn/1", "champion")
    push(ada)
    assert push(bob).problems == ()


def test_lost_push_with_a_model_goes_on(
    ada: RunStore, bob: RunStore, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who loses the race of the push itself is told by the same push, and waits in no inbox."""
    from gittrack.store.sync import exchange

    mine, _ = registered(ada), registered(bob)
    fetch: Callable[..., None] = vars(exchange)["fetch"]
    done: list[str] = []

    def late(*args: object, **more: object) -> None:
        fetch(*args, **more)
        if not done:
            done.append("bob was faster")
            push(bob)

    monkeypatch.setattr(exchange, "fetch", late)
    outcome = push(ada)
    assert f"version 1 of this clone (run {mine.run_id}) is version 2 now" in outcome.problems[0]
    assert outcome.models == {"churn": "sent"}
    assert outcome.sent == {mine.run_id: "new"}
    assert "inbox" not in git_run("for-each-ref", cwd=remote)


def test_inbox_with_a_version(ada: RunStore, bob: RunStore) -> None:
    """Whoever folds an inbox keeps the numbers that are published."""
    mine, yours = registered(ada), registered(bob)
    push(bob)
    git_run("push", "-q", "origin", "gittrack/runs:refs/gittrack/inbox/abcdefghij/runs", cwd=where(ada))
    push(bob)
    assert numbered(bob) == {yours.run_id: 1, mine.run_id: 2}
    assert f"version 1 of this clone (run {mine.run_id}) is version 2 now" in pull(ada).problems[0]


def test_topic_is_merged(ada: RunStore) -> None:
    """A version that waited on a topic gets a free number when it is merged."""
    topics.fork(ada, "review")
    waiting = registered(ada.on("review"))
    main = registered(ada)
    done = topics.merge(ada, "review")
    assert numbered(ada) == {main.run_id: 1, waiting.run_id: 2}
    assert "version 1 of topic review" in done.problems[0]


def test_host_merges(ada: RunStore, bob: RunStore) -> None:
    """After a merge by hand every clone reads the same numbers, and the next version writes them down."""
    mine, yours = registered(ada), registered(bob)
    push(bob)
    git_run("fetch", "-q", cwd=where(ada))
    git_run("switch", "-q", "gittrack/runs", cwd=where(ada))
    git_run("merge", "-q", "-m", "by hand", "origin/gittrack/runs", cwd=where(ada))
    git_run("push", "-q", "origin", "gittrack/runs", cwd=where(ada))
    pull(bob)
    assert numbered(bob) == numbered(ada) == {mine.run_id: 1, yours.run_id: 2}
    assert registered(bob).number == 3
    assert set(model(bob.git, "churn").claims.values()) == {1, 2, 3}


def _register_and_push(place: tuple[str, int]) -> None:
    store = RunStore.open(place[0])
    for number in range(2):
        registered(store, content=bytes([place[1], number]), alias="champion")
        push(store)


def test_processes_in_many_clones(remote: Path, tmp_path: Path) -> None:
    """Several clones register, promote and push at once: no version is lost, all read the same."""
    stores = [clone(remote, tmp_path / f"c{number}") for number in range(3)]
    places = [(str(where(store)), number) for number, store in enumerate(stores)]
    with ProcessPoolExecutor(len(stores), mp_context=get_context("spawn")) as pool:
        list(pool.map(_register_and_push, places))
    for _ in range(2):
        for store in stores:
            push(store)
    found = [model(store.git, "churn") for store in stores]
    assert [one.number for one in found[0].versions] == [1, 2, 3, 4, 5, 6]
    assert found[0].claims == {one.id: one.number for one in found[0].versions}
    assert found[0] == found[1] == found[2]
    assert "inbox" not in git_run("for-each-ref", cwd=remote)
