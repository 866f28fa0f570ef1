"""The model behind a version: what was registered, or an error."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.errors import RunNotFound
from gittrack.models.api import folder_of
from gittrack.models.digest import model_digest
from gittrack.models.registry.resolve import aliases, resolve, versions
from gittrack.query.review.api import review_runs
from gittrack.query.select import resolve as resolve_run
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.format import layout
from gittrack.store.kept.collect import collect_here
from gittrack.store.kept.places import Kept
from gittrack.store.kept.uploads import GRACE
from gittrack.store.registry.content import Changed, checked_uri
from gittrack.store.registry.document import version_file
from gittrack.tracking import edit
from tests.store.registry.test_fold import version
from tests.support.kept import age_all
from tests.support.registry import record_model, registered

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.runs import RunStore


def test_model_is_had(store: RunStore, tmp_path: Path) -> None:
    """A version is a folder like any other, and its digest is that of the folder."""
    one = registered(store, alias="champion")
    for text in ("models:/churn/1", "models:/churn@champion", "models:/churn/latest"):
        folder = folder_of(text, tmp_path)
        assert (folder / "weights.bin").read_bytes() == b"weights"
        assert model_digest(folder) == one.digest


def test_resolved(store: RunStore) -> None:
    """What other rooms need to know of a version."""
    one = registered(store, alias="champion")
    found = resolve("models:/churn@champion", store)
    assert found[:5] == ("churn", 1, one.run_id, "model", one.digest)
    assert (found.uri, found.record) == (f"runs:/{one.run_id}/model", one)
    assert versions(store, "churn") == [found]
    assert aliases(store, "churn") == {"champion": 1}
    assert (versions(store, "nothing"), aliases(store, "nothing")) == ([], {})


def test_run_of_a_model(store: RunStore) -> None:
    """A model names its run wherever a RUN is asked for."""
    one = registered(store, alias="champion")
    registered(store, content=b"other")
    assert resolve_run(store, "models:/churn@champion").id == one.run_id


def test_champion_as_baseline(store: RunStore) -> None:
    """A review holds runs against the model that an alias names."""
    one = registered(store, alias="champion")
    challenger = record_model(store, b"other")
    found = review_runs(store, [challenger], base=["models:/churn@champion"])
    assert found.base is not None
    assert [run.id for run in found.base.runs] == [one.run_id]


def test_changed_model(store: RunStore) -> None:
    """A run that has another model by now is not loaded as the version."""
    one = registered(store)
    run = store.get(one.run_id)
    members = [Member("MLmodel", *store.objects.put_bytes(b"flavors: {}\n"))]
    digest, _ = store.objects.put_bytes(encode(members))
    swapped = dataclasses.replace(run, artifacts=(dataclasses.replace(run.artifacts[0], sha256=digest),))
    branch.submit(store.git, Changes("by hand", layout.run_files(swapped, [], None)))
    with pytest.raises(Changed, match="churn/1 is not what was registered"):
        checked_uri(store, "models:/churn/1")


def test_run_is_not_here(store: RunStore) -> None:
    """It says what to do."""
    branch.submit(store.git, Changes("by hand", dict([version_file(version(1))])))
    with pytest.raises(RunNotFound, match=r"churn/1 is of run .*, which is not here"):
        checked_uri(store, "models:/churn/1")


def test_collecting_keeps_models(store: RunStore, tmp_path: Path) -> None:
    """Nothing of a registered model goes, its run hidden or not."""
    one = registered(store)
    edit.hide(store, [one.run_id], force=True)
    kept = Kept(store)
    before = set(kept.objects.all())
    age_all(kept)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}
    assert set(kept.objects.all()) == before
    assert (folder_of("models:/churn/1", tmp_path) / "MLmodel").is_file()


def test_collecting_keeps_models_of_runs_that_are_not_here(store: RunStore) -> None:
    """A version alone names its files, too."""
    one = registered(store)
    path, content = version_file(dataclasses.replace(one, tags={}, aliases=()))
    tip = branch.tip(store.git)
    assert tip is not None
    blob = store.git.run("hash-object", "-w", "--stdin", stdin=content).text
    store.git.run("update-ref", "-d", "refs/heads/gittrack/runs")
    nested = path
    for name in reversed(path.split("/")):
        kind = "blob" if nested == path else "tree"
        mode = "100644" if kind == "blob" else "040000"
        blob = store.git.run("mktree", stdin=f"{mode} {kind} {blob}\t{name}\n".encode()).text
        nested = ""
    commit = store.git.run("commit-tree", "-m", "the models alone", blob).text
    store.git.run("update-ref", "refs/heads/gittrack/runs", commit)
    kept = Kept(store)
    age_all(kept)
    assert collect_here(kept, grace=GRACE, dry=False).removed == {}
