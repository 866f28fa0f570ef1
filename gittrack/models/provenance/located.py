"""A model with what names it: its files, the version that is registered, the run that made it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from gittrack.artifacts.objects import ObjectDamaged
from gittrack.core.errors import GitTrackError, MalformedFile
from gittrack.models.api import folder_of
from gittrack.models.registry.resolve import resolve
from gittrack.models.saved import read_model
from gittrack.query.select import resolve as resolve_run
from gittrack.store.registry.names import is_model
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.models.mlmodel import MLModel
    from gittrack.models.registry.resolve import ModelVersion

_RUNS = "runs:"
_NO_RUN = "its MLmodel names no run"


class Located(NamedTuple):
    """A model with what names it.

    Attributes:
        uri: as it was asked for.
        folder: with its files; None where they cannot be had.
        described: what its `MLmodel` says; None where that cannot be read.
        store: of the runs; None outside of a repository.
        version: that is registered; None where a run or a folder was named.
        run: that made it; None where it is not known.
        path: where it is among the artifacts of the run.
        no_files: why `folder` or `described` is None, empty otherwise.
        no_run: why `run` is None, empty otherwise.
        damaged: whether the files are here and are not what they were.
    """

    uri: str
    folder: Path | None
    described: MLModel | None
    store: RunStore | None
    version: ModelVersion | None = None
    run: Run | None = None
    path: str = ""
    no_files: str = ""
    no_run: str = ""
    damaged: bool = False


def locate(uri: str, repo: str | os.PathLike[str] | None = None) -> Located:
    """A model and what names it. What cannot be had is said, not raised, as far as a name leads.

    Args:
        uri: as `load_model` takes it.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        InvalidValue: it is neither a folder nor a URL.
        NotARepository: a run or a registered model is named, and there is no repository.
        ModelNotFound, RunNotFound: there is no such model or run.
    """
    if is_model(uri) or uri.startswith(_RUNS):
        return _recorded(uri, repo)
    folder = folder_of(uri, None, repo)
    described = read_model(folder)
    try:
        store = RunStore.open(None if repo is None else os.fspath(repo))
    except GitTrackError as error:
        return Located(uri, folder, described, None, no_run=error.message)
    path = described.artifact_path or ""
    if not described.run_id:
        return Located(uri, folder, described, store, path=path, no_run=_NO_RUN)
    run, why = _run(store, described.run_id)
    return Located(uri, folder, described, store, None, run, path, no_run=why)


def _recorded(uri: str, repo: str | os.PathLike[str] | None) -> Located:
    store = RunStore.open(None if repo is None else os.fspath(repo))
    version = resolve(uri, store) if is_model(uri) else None
    if version is not None:
        run, why = _run(store, version.run_id)
        path = version.path
    else:
        name, _, path = uri.removeprefix(_RUNS).strip("/").partition("/")
        run, why = resolve_run(store, name), ""
    found = Located(uri, None, None, store, version, run, path, no_files=why, no_run=why)
    if run is None:
        return found
    try:
        folder = folder_of(f"runs:/{run.id}/{path}", None, repo)
        return found._replace(folder=folder, described=read_model(folder))
    except (ObjectDamaged, MalformedFile) as error:
        return found._replace(no_files=error.message, damaged=True)
    except (GitTrackError, OSError) as error:
        return found._replace(no_files=str(error))


def _run(store: RunStore, run_id: str) -> tuple[Run | None, str]:
    try:
        return store.get(run_id), ""
    except GitTrackError as error:
        return None, error.message
