"""Tags of GTO."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.models.registry.listing import find_models
from gittrack.store.registry.gto import GtoTag, fold, gto_versions, parse
from gittrack.store.registry.read import ModelNotFound
from gittrack.store.registry.resolve import version_of
from tests.support.git import git_run
from tests.support.registry import registered
from tests.support.remotes import where

if TYPE_CHECKING:
    from gittrack.store.runs import RunStore

ONE, TWO = "1" * 40, "2" * 40


def tags(*words: str) -> list[GtoTag]:
    """Tags in the order of time: `tag` or `tag:2` for the second commit."""
    found = []
    for time, word in enumerate(words):
        name, _, commit = word.partition(":")
        one = parse(name, TWO if commit else ONE, time, "Ada")
        assert one is not None
        found.append(one)
    return found


@pytest.mark.parametrize(
    ("tag", "name", "stage", "version", "back"),
    [
        ("churn@v1.2.3", "churn", "", "v1.2.3", False),
        ("churn@v1.2.3-rc.1+x", "churn", "", "v1.2.3-rc.1+x", False),
        ("churn@v1.2.3!", "churn", "", "v1.2.3", True),
        ("churn@v1.2.3!#7", "churn", "", "v1.2.3", True),
        ("churn#prod", "churn", "prod", "", False),
        ("churn#prod#4", "churn", "prod", "", False),
        ("churn#prod!#5", "churn", "prod", "", True),
        ("my-team/churn@v0.0.1", "my-team/churn", "", "v0.0.1", False),
        ("models=churn@v0.0.1", "models:churn", "", "v0.0.1", False),
    ],
)
def test_grammar(tag: str, name: str, stage: str, version: str, *, back: bool) -> None:
    """As GTO writes them."""
    found = parse(tag, ONE, 1, "Ada")
    assert found is not None
    assert (found.name, found.stage, found.version, found.back) == (name, stage, version, back)


@pytest.mark.parametrize(
    "tag",
    [
        "v1.2.3",
        "churn@1.2.3",
        "churn@deprecated",
        "Churn@v1.2.3",
        "churn#",
        "a#b#c",
        "@v1.2.3",
        "a" * 300 + "#b",
    ],
)
def test_other_tags(tag: str) -> None:
    """Any other tag is none of them."""
    assert parse(tag, ONE, 1, "Ada") is None


def test_stages() -> None:
    """The last tag of a stage counts, at the version of its commit."""
    words = (
        "churn@v1.0.0",
        "churn@v1.1.0:2",
        "churn#prod#1",
        "churn#dev#2:2",
        "churn#prod#3:2",
        "churn#dev!#4:2",
    )
    assert [(one.version, one.aliases) for one in fold(tags(*words))] == [
        ("v1.0.0", ()),
        ("v1.1.0", ("prod",)),
    ]


def test_taken_back() -> None:
    """A version that was deregistered is gone, with its stages."""
    assert fold(tags("churn@v1.0.0", "churn#prod", "churn@v1.0.0!")) == []
    [again] = fold(tags("churn@v1.0.0", "churn@v1.0.0!", "churn@v1.0.0:2"))
    assert again.commit == TWO


def test_listed(store: RunStore) -> None:
    """Beside our own versions, from annotated and plain tags."""
    registered(store)
    git_run("tag", "-a", "-m", "x", "churn@v1.0.0", cwd=where(store))
    git_run("tag", "churn#prod", cwd=where(store))
    git_run("tag", "other@v0.1.0", cwd=where(store))
    git_run("tag", "v1.0.0", cwd=where(store))
    head = git_run("rev-parse", "HEAD", cwd=where(store))
    found = {one.name: one for one in find_models(store)}
    assert [(one.version, one.commit, one.aliases) for one in found["churn"].gto] == [
        ("v1.0.0", head, ("prod",))
    ]
    assert (len(found["churn"].versions), len(found["other"].versions)) == (1, 0)
    assert gto_versions(store.git)[0].to_record()["version"] == "v1.0.0"


def test_what_they_name_has_no_run(store: RunStore) -> None:
    """The error says so, and how to register a run of that commit."""
    git_run("tag", "churn@v1.0.0", cwd=where(store))
    git_run("tag", "churn#prod", cwd=where(store))
    head = git_run("rev-parse", "HEAD", cwd=where(store))[:10]
    for text in ("models:/churn/v1.0.0", "models:/churn@prod", "models:/churn/latest"):
        with pytest.raises(ModelNotFound, match=f"tag of GTO at commit {head}") as caught:
            version_of(store, text)
        assert f"register runs:/@{head} churn" in (caught.value.hint or "")
    with pytest.raises(ModelNotFound, match="no model"):
        version_of(store, "models:/churn/v2.0.0")
