"""Registering: a model of a run becomes the next version of a name."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.models import mlmodel
from gittrack.models.mlmodel import FILE
from gittrack.models.registry.changes import Change, alias_files, edit_files, message_of
from gittrack.models.signature.text import signature_to
from gittrack.query.select import resolve as resolve_run
from gittrack.store.kept.choosing import chosen
from gittrack.store.kept.places import Kept
from gittrack.store.kept.writing import stream
from gittrack.store.registry import read
from gittrack.store.registry.content import content_of, run_of
from gittrack.store.registry.document import version_file
from gittrack.store.registry.names import LARGEST, check_alias, check_name, is_model
from gittrack.store.registry.records import Version
from gittrack.store.registry.resolve import version_of
from gittrack.store.registry.write import Stamps, commit, number_files, turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.records import Run
    from gittrack.models.mlmodel import MLModel
    from gittrack.store.registry.content import Content
    from gittrack.store.registry.records import Model
    from gittrack.store.runs import RunStore

_RUNS = "runs:"
_LARGEST_MLMODEL = 10_000_000  # bytes
_LARGEST_SIGNATURE = 500_000  # characters; a longer one stays in the `MLmodel` alone


class Candidate(NamedTuple):
    """What is to be registered.

    Attributes:
        run: that made it.
        path: where it is among its artifacts.
        content: what is there.
        described: what its `MLmodel` says.
    """

    run: Run
    path: str
    content: Content
    described: MLModel


class Registered(NamedTuple):
    """What registering did.

    Attributes:
        version: as it is now.
        new: whether it was registered now; False where this model of this run had been before.
    """

    version: Version
    new: bool


def register(
    store: RunStore,
    uri: str,
    name: str,
    *,
    alias: str | None = None,
    tags: Mapping[str, object] | None = None,
    note: str = "",
    message: str = "",
) -> Registered:
    """Make a model of a run the next version of a name.

    Args:
        store: of the runs; the version goes where runs go.
        uri: `runs:/RUN/PATH`, `runs:/RUN` for the only model of a run, or `models:/…` for one that has
            another name already.
        name: of the model; a new one begins a model.
        alias: that names the version from now on.
        tags: of the version.
        note: of the version.
        message: why the alias is set.

    Raises:
        InvalidValue: the name or alias cannot be, the run has not ended, or there is no model.
        RunNotFound, ModelNotFound, ArtifactNotFound, NotHere, StoreError: it cannot be had.
        MalformedFile: its `MLmodel` cannot be read.
    """
    check_name(name)
    if alias is not None:
        check_alias(alias)
    found = candidate(store, uri)
    with turn(store.git):
        model = read.model(store.git, name)
        if not model.versions:
            _check_new(store, name)
        stamps = Stamps(store.git, model)
        known = _same(model, found)
        version = known or _next(model, name, found, stamps)
        files = [] if known else [version_file(version)]
        numbers = {one.id: one.number for one in model.versions}
        files += [] if known else number_files(model, numbers, stamps)
        files += edit_files(store, name, Change(version.id, tags or {}, note=note or None), stamps)
        if alias is not None and model.aliases.get(alias) != version.number:
            files += alias_files(store, model, alias, version, message, stamps)
        if files:
            commit(store.git, message_of("register", version.shown, alias), files)
    return Registered(read.model(store.git, name).by_id(version.id) or version, known is None)


def candidate(store: RunStore, uri: str) -> Candidate:
    """The model of a run that a URI names.

    Raises:
        InvalidValue: it names none, or the run has not ended.
        RunNotFound, ModelNotFound, ArtifactNotFound, NotHere, StoreError: it cannot be had.
        MalformedFile: its `MLmodel` cannot be read.
    """
    kept = Kept(store)
    if is_model(uri):
        version = version_of(store, uri)
        run, path = run_of(store, version), version.path
    else:
        word, _, path = uri.removeprefix(_RUNS).strip("/").partition("/")
        if not uri.startswith(_RUNS) or not word:
            msg = f"no model of a run: {uri[:80]!r}"
            raise InvalidValue(msg, hint="give runs:/RUN/PATH; `gittrack artifacts ls RUN` shows the paths")
        run = resolve_run(store, word)
        path = path or _only_model(kept, run)
    if store.is_live(run.id):
        msg = f"run {run.id} has not ended"
        raise InvalidValue(msg, hint="a version names a run that others can fetch: register it afterwards")
    content = content_of(kept, run, path)
    return Candidate(run, path, content, _described(kept, run, path, content))


def _only_model(kept: Kept, run: Run) -> str:
    files = [one.path for one in chosen(kept, run) if one.path.endswith(f"/{FILE}")]
    if len(files) == 1:
        return files[0].rpartition("/")[0]
    shown = ", ".join(sorted(one.rpartition("/")[0] for one in files)[:5])
    msg = f"run {run.id} has {len(files)} models: {shown}" if files else f"run {run.id} has no model"
    hint = "name one: runs:/RUN/PATH" if files else "`gittrack.log_model` keeps one with its run"
    raise InvalidValue(msg, hint=hint)


def _described(kept: Kept, run: Run, path: str, content: Content) -> MLModel:
    size = next((one.size for one in content.members if one.path == FILE), None)
    if size is None:
        msg = f"{path} of run {run.id} is no model: it has no {FILE}"
        raise InvalidValue(msg, hint="`gittrack.log_model` writes one")
    if size > _LARGEST_MLMODEL:
        msg = f"{path}/{FILE} of run {run.id} has {size:,} bytes"
        raise InvalidValue(msg, hint=f"a model says what it is in at most {_LARGEST_MLMODEL:,}")
    out = io.BytesIO()
    stream(kept, run, f"{path}/{FILE}", out)
    return mlmodel.parse(out.getvalue(), f"{path}/{FILE}")


def _check_new(store: RunStore, name: str) -> None:
    """Two names that some file systems do not tell apart would share a folder there."""
    for one in read.all_models(store.git):
        if one.name != name and one.name.casefold() == name.casefold():  # one without versions is the same
            msg = f"there is a model {one.name!r}, which differs in upper and lower case alone"
            raise InvalidValue(msg, hint="some systems take the two for one: use that name, or another")


def _same(model: Model, found: Candidate) -> Version | None:
    key = (found.run.id, found.path, found.content.digest)
    return next((one for one in model.versions if (one.run_id, one.path, one.digest) == key), None)


def _next(model: Model, name: str, found: Candidate, stamps: Stamps) -> Version:
    number = max((*model.claims.values(), *(one.number for one in model.versions)), default=0) + 1
    if number > LARGEST:
        msg = f"model {name} has no number left"
        raise GitTrackError(msg, hint="begin another name")
    run = found.run
    return Version(
        name,
        number,
        stamps.next(),
        stamps.time,
        stamps.author,
        run.id,
        found.path,
        found.content.digest,
        found.content.size,
        tuple(found.described.flavors),
        _signature(found.described),
        _source(run),
        tuple(_used(run)),
    )


def _signature(described: MLModel) -> dict[str, Any] | None:
    if described.signature is None:
        return None
    found = {key: part for key, part in signature_to(described.signature).items() if part is not None}
    return found if sum(len(str(part)) for part in found.values()) <= _LARGEST_SIGNATURE else None


def _source(run: Run) -> dict[str, Any]:
    source = run.source
    known = {
        "commit": source.commit,
        "snapshot": source.snapshot,
        "dirty": source.dirty or None,
        "remote": source.remote,
        "branch": source.branch,
    }
    return {key: value for key, value in known.items() if value is not None}


def _used(run: Run) -> list[dict[str, Any]]:
    return [
        {
            key: value
            for key, value in (("name", one.name), ("uri", one.uri), ("sha256", one.sha256))
            if value is not None
        }
        for one in run.inputs
    ]
