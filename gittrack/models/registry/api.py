"""The registry for programs and the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gittrack.core.errors import UsageError
from gittrack.models.registry import changes, deploy_tags, history, pull_request
from gittrack.models.registry.listing import AliasChange, find_models
from gittrack.models.registry.register import register
from gittrack.models.registry.resolve import resolve
from gittrack.store.registry import read
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.models.registry.history import Event
    from gittrack.store.registry.records import Model, Version

ANY = changes.ANY
Repo = str | os.PathLike[str] | None


def register_model(  # noqa: PLR0913  each is a choice of its own
    uri: str,
    name: str,
    *,
    alias: str | None = None,
    tags: Mapping[str, object] | None = None,
    note: str = "",
    message: str = "",
    branch: str | None = None,
    repo: Repo = None,
) -> Version:
    """Make a model of a run the next version of a name. What is registered already stays as it is.

    Args:
        uri: `runs:/RUN/PATH`; `runs:/RUN` for the only model of a run; `models:/…` for one that has a name.
        name: of the model.
        alias: that names the version from now on.
        tags: of the version.
        note: of the version, Markdown.
        message: why the alias is set.
        branch: a topic that the change waits on for a review, instead of the runs branch.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        InvalidValue: a name cannot be, the run has not ended, or there is no model.
        RunNotFound, ModelNotFound, ArtifactNotFound, NotHere, StoreError: it cannot be had.
        MalformedFile: its `MLmodel` cannot be read.
    """
    store = _store(repo, branch)
    return register(store, uri, name, alias=alias, tags=tags, note=note, message=message).version


def promote_model(  # noqa: PLR0913  each is a choice of its own
    what: str,
    alias: str,
    *,
    expect: int | None = ANY,
    message: str = "",
    branch: str | None = None,
    tag: bool = False,
    sign: bool = False,
    repo: Repo = None,
) -> AliasChange:
    """Let an alias name a version.

    Args:
        what: `NAME/VERSION`, `NAME` for the latest, `NAME@ALIAS` for what another alias names.
        alias: which.
        expect: the number that the alias must name now, None for none.
        message: why.
        branch: a topic that the change waits on for a review, instead of the runs branch.
        tag: make an annotated tag, see `deploy_tags`.
        sign: sign it.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        InvalidValue: the name or alias cannot be.
        ModelNotFound: there is no such model or version.
        AliasMoved: the alias names another version than expected, or was moved meanwhile.
        CannotTag: the tag cannot be made or signed; the alias is where it was.
        UsageError: a tag is wanted of a change that waits for a review.
    """
    if branch is not None and (tag or sign):
        msg = "a promotion that waits for a review is not tagged"
        raise UsageError(msg, hint="tag it when it is merged: promote it again with --tag, without --branch")
    store = _store(repo, branch)
    made: list[deploy_tags.Tag] = []

    def before(version: Version) -> None:
        if tag or sign:
            made.append(deploy_tags.make_tag(store, version, alias, sign=sign, message=message))

    try:
        done = changes.promote(store, what, alias, expect=expect, message=message, before=before)
    except BaseException:
        for one in made:
            one.remove()
        raise
    if not done.changed:
        before(resolve(f"models:/{done.name}/{done.version}", store).record)
    return _change(store, done, branch, made)


def demote_model(
    name: str,
    alias: str,
    *,
    expect: int | None = ANY,
    message: str = "",
    branch: str | None = None,
    repo: Repo = None,
) -> AliasChange:
    """Take an alias away.

    Args:
        name: of the model.
        alias: which.
        expect: the number that the alias must name now.
        message: why.
        branch: a topic that the change waits on for a review, instead of the runs branch.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        InvalidValue: the alias cannot be.
        ModelNotFound: there is no such model or alias.
        AliasMoved: the alias names another version than expected, or was moved meanwhile.
    """
    store = _store(repo, branch)
    done = changes.demote(store, name, alias, expect=expect, message=message)
    return _change(store, done, branch, [])


def edit_model(
    what: str,
    *,
    tags: Mapping[str, object] | None = None,
    remove_tags: Iterable[str] = (),
    note: str | None = None,
    branch: str | None = None,
    repo: Repo = None,
) -> Model:
    """Set tags and the note of a version (`NAME/VERSION`, `NAME@ALIAS`), or of a model (`NAME`).

    Args:
        what: which.
        tags: name to value.
        remove_tags: names of tags to take away.
        note: Markdown; an empty one takes it away, None leaves it.
        branch: a topic that the change waits on for a review, instead of the runs branch.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        The model as it is then.

    Raises:
        InvalidValue: a tag or note cannot be.
        ModelNotFound: there is no such model, version or alias.
        UsageError: nothing is to be changed.
    """
    return changes.edit(_store(repo, branch), what, tags, remove_tags, note)


def note_of(what: str, *, repo: Repo = None) -> str:
    """The note of a version (`NAME/VERSION`, `NAME@ALIAS`) or of a model (`NAME`); empty without one.

    Raises:
        ModelNotFound: there is no such model, version or alias.
    """
    return changes.note_of(_store(repo), what)


def list_models(*names: str, repo: Repo = None) -> list[Model]:
    """Registered models with their versions and aliases, by name; those of GTO's tags too.

    Args:
        names: only these; `*` and `?` stand for any characters. All when there is none.
        repo: the repository, a path or a Git URL; as configured when None.
    """
    return find_models(_store(repo), names)


def model_history(name: str, *, repo: Repo = None) -> list[Event]:
    """What happened to a model, the first thing first.

    Args:
        name: of the model.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        ModelNotFound: there is no such model.
    """
    return history.events(read.known(_store(repo), name))


def _store(repo: Repo, branch: str | None = None) -> RunStore:
    store = RunStore.open(None if repo is None else os.fspath(repo))
    return store if branch is None else pull_request.on_branch(store, branch)


def _change(
    store: RunStore, done: changes.Promoted, branch: str | None, tags: list[deploy_tags.Tag]
) -> AliasChange:
    steps: list[str] = []
    if branch is not None:
        steps = pull_request.how_to_open(store, branch)
    elif tags:
        steps = [f"git push origin {tags[0].name}"]
    tag = tags[0].name if tags else None
    return AliasChange(*done, branch, tag, tuple(steps))
