"""Aliases, tags and notes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import GitTrackError, InvalidValue, UsageError
from gittrack.core.files import locked
from gittrack.models.registry import changes
from gittrack.models.registry.changes import AliasMoved, Promoted, demote, edit, note_of, promote
from gittrack.models.registry.history import events
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.registry import write
from gittrack.store.registry.document import alias_file
from gittrack.store.registry.read import ModelNotFound, model
from gittrack.store.registry.records import Moved
from gittrack.store.runs import RunStore
from tests.support.registry import registered

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def two(store: RunStore) -> RunStore:
    """A store with two versions of `churn`."""
    registered(store), registered(store, content=b"2")
    return store


def test_promote(two: RunStore) -> None:
    """A version, the latest, or what another alias names."""
    assert promote(two, "churn/1", "champion") == Promoted("churn", "champion", 1, None, changed=True)
    assert promote(two, "models:/churn/2", "champion") == Promoted("churn", "champion", 2, 1, changed=True)
    assert promote(two, "churn", "staging").version == 2
    promote(two, "churn/1", "champion")
    assert promote(two, "churn@champion", "staging") == Promoted("churn", "staging", 1, 2, changed=True)
    assert model(two.git, "churn").aliases == {"champion": 1, "staging": 1}


def test_promoted_already(two: RunStore) -> None:
    """Nothing is written."""
    promote(two, "churn/1", "champion")
    tip = two.git.resolve("gittrack/runs")
    assert promote(two, "churn/1", "champion") == Promoted("churn", "champion", 1, 1, changed=False)
    assert two.git.resolve("gittrack/runs") == tip


def test_demote(two: RunStore) -> None:
    """The alias is gone, and can come back."""
    promote(two, "churn/1", "champion")
    assert demote(two, "churn", "champion") == Promoted("churn", "champion", None, 1, changed=True)
    assert model(two.git, "churn").aliases == {}
    with pytest.raises(ModelNotFound, match="no alias 'champion'"):
        demote(two, "churn", "champion")
    assert promote(two, "churn/2", "champion").was is None


@pytest.mark.parametrize("what", ["churn/7", "churn@nobody", "other", "other/1"])
def test_what_is_not_there(two: RunStore, what: str) -> None:
    """No version, no alias, no model."""
    with pytest.raises(ModelNotFound):
        promote(two, what, "champion")


@pytest.mark.parametrize("alias", ["latest", "v1", "--force", "a/b"])
def test_no_alias(two: RunStore, alias: str) -> None:
    """Names that would mean something else."""
    for call in (promote, demote):
        with pytest.raises(InvalidValue, match="not a name for an alias"):
            call(two, "churn", alias)


def test_expected(two: RunStore) -> None:
    """A pipeline moves an alias only from where it knows it to be."""
    promote(two, "churn/1", "champion", expect=None)
    with pytest.raises(AliasMoved, match="champion of churn names version 1, not no version"):
        promote(two, "churn/2", "champion", expect=None)
    with pytest.raises(AliasMoved, match="names version 1, not version 2"):
        demote(two, "churn", "champion", expect=2)
    assert promote(two, "churn/2", "champion", expect=1).version == 2


def test_moved_meanwhile(two: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked before somebody else was done is told, and changes nothing."""
    turn = write.turn

    def late(git: object) -> object:
        monkeypatch.setattr(changes, "turn", turn)
        promote(two, "churn/2", "champion")
        return turn(git)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(changes, "turn", late)
    with pytest.raises(AliasMoved, match=r"moved meanwhile: version 2, by Ada") as caught:
        promote(two, "churn/1", "champion")
    assert "history" in (caught.value.hint or "")
    assert model(two.git, "churn").aliases == {"champion": 2}


def test_move_from_the_future(two: RunStore) -> None:
    """Where a move of another clone counts as later in any case, it is not said that ours was done."""
    last = Moved(f"{10**15 - 1}-zzzzzzzzzz", "champion", model(two.git, "churn").versions[1].id, "", 0, "Eve")
    path, content = alias_file("churn", last, 2)
    branch.submit(two.git, Changes("by hand", {path: content}))
    with pytest.raises(AliasMoved, match="names version 2, moved at the same time"):
        promote(two, "churn/1", "champion")


def _promote(place: tuple[str, int]) -> str:
    try:
        promote(RunStore.open(place[0]), f"churn/{place[1]}", "champion", expect=None)
    except AliasMoved:
        return "told"
    return "won"


def test_race_of_processes(two: RunStore, repo: Path) -> None:
    """Several processes promote at once: one wins, every other is told."""
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        said = list(pool.map(_promote, [(str(repo), 1 + one % 2) for one in range(6)]))
    assert sorted(said) == ["told"] * 5 + ["won"]
    assert len(model(two.git, "churn").moves) == 1


def test_another_writer_that_does_not_end(two: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, after a while."""
    monkeypatch.setattr(write, "_PATIENCE", 0.01)
    with (
        locked(two.git.directory / "registry.lock"),
        pytest.raises(GitTrackError, match="another command changes the models"),
    ):
        promote(two, "churn/1", "champion")


def test_edit(two: RunStore) -> None:
    """Tags and notes of a version, of what an alias names, and of the model."""
    promote(two, "churn/1", "champion")
    edit(two, "churn@champion", {"team": "x", "draft": "yes"}, note="good")
    edit(two, "churn/1", {"stars": 5}, ["draft"])
    done = edit(two, "churn", {"owner": "ada"}, note="predicts who leaves")
    assert (done.versions[0].tags, done.versions[0].note) == ({"team": "x", "stars": "5"}, "good")
    assert (done.tags, done.note, done.versions[1].tags) == ({"owner": "ada"}, "predicts who leaves", {})
    assert [note_of(two, what) for what in ("churn", "churn/1", "churn@champion", "churn/2")] == [
        "predicts who leaves",
        "good",
        "good",
        "",
    ]
    assert edit(two, "churn/1", note="").versions[0].note == ""


def test_nothing_to_edit(two: RunStore) -> None:
    """It is said."""
    with pytest.raises(UsageError, match="nothing to change"):
        edit(two, "churn/1")


def test_too_long(two: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no reader would take is not written."""
    monkeypatch.setattr(write, "LARGEST_FILE", 100)
    with pytest.raises(GitTrackError, match="would be larger than 100 bytes"):
        edit(two, "churn/1", note="x" * 100)


def test_history(two: RunStore) -> None:
    """Everything that happened, in order, with who and why."""
    promote(two, "churn/1", "champion", message="first")
    promote(two, "churn/2", "champion", message="better")
    edit(two, "churn/2", {"a": "b"}, ["c"], note="good")
    demote(two, "churn", "champion")
    found = [(one.what, one.version, one.alias, one.was, one.text) for one in events(model(two.git, "churn"))]
    runs = [f"runs:/{one.run_id}/model" for one in model(two.git, "churn").versions]
    assert found == [
        ("registered", 1, "", None, runs[0]),
        ("registered", 2, "", None, runs[1]),
        ("promoted", 1, "champion", None, "first"),
        ("promoted", 2, "champion", 1, "better"),
        ("tagged", 2, "", None, "c, a=b"),
        ("noted", 2, "", None, "good"),
        ("demoted", None, "champion", 2, ""),
    ]
    assert not any(one.unaware for one in events(model(two.git, "churn")))
