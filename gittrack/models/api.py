"""Models for programs: logged with a run, and loaded from wherever they are."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import InvalidValue
from gittrack.models.saved import load_folder, save_model

if TYPE_CHECKING:
    from gittrack.models.loaded import LoadedModel
    from gittrack.models.mlmodel import MLModel

__all__ = ["LoggedModel", "load_model", "log_model", "save_model"]


class LoggedModel(NamedTuple):
    """A model that was logged.

    Attributes:
        uri: `runs:/RUN/PATH`, which :func:`load_model` takes.
        mlmodel: what its `MLmodel` says.
    """

    uri: str
    mlmodel: MLModel


def log_model(
    model: Any,  # noqa: ANN401  of any library
    name: str = "model",
    **choices: Any,  # noqa: ANN401  see Args
) -> LoggedModel:
    """Keep a model as an artifact of the active run, which is begun where there is none.

    Args:
        model: a fitted model of a known library, or any object with `predict`.
        name: where it is among the artifacts of the run.
        choices: as :func:`save_model` takes them: `flavor`, `signature`, `input_example` and so on.

    Returns:
        Where it can be loaded from, and what it says of itself.

    Raises:
        InvalidValue, CannotSave, MissingLibrary: see :func:`save_model`.
    """
    from gittrack.tracking.artifact_paths import artifact_path
    from gittrack.tracking.fluent import active_run, start_run

    path = artifact_path(name)
    run = active_run() or start_run()
    with tempfile.TemporaryDirectory(prefix="gittrack-model-") as temporary:
        folder = Path(temporary) / "model"
        described = save_model(model, folder, run_id=run.run_id, artifact_path=path, **choices)
        run.log_artifacts(folder, to=path)
    return LoggedModel(f"runs:/{run.run_id}/{path}", described)


def load_model(
    uri: str | os.PathLike[str],
    *,
    trust: bool = False,
    flavor: str | None = None,
    dst_path: str | os.PathLike[str] | None = None,
    repo: str | os.PathLike[str] | None = None,
) -> LoadedModel:
    """Load a model, to predict or to work with it in the classes of its library (`.native`).

    Args:
        uri: a directory, `runs:/RUN/PATH`, `models:/NAME/VERSION`, `models:/NAME@ALIAS`,
            `models:/NAME/latest`, or the URL of a directory in an object store.
        trust: whether code that came with the model may run (pickles, loaders, its folder `code`). Models
            that this user made on this machine, and those of `gittrack model trust`, need no such word.
        flavor: which of its flavors; the best known one when None.
        dst_path: where it is downloaded to; a temporary folder that goes with the process when None.
        repo: the repository, a path or a Git URL; as configured when None.

    Raises:
        NotTrusted: code would run, and nobody has agreed.
        MalformedFile: there is no `MLmodel` in it, or it cannot be read.
        MissingLibrary: a library is not installed.
        RunNotFound, ModelNotFound, ArtifactNotFound, StoreError: it cannot be had.
        Changed: it is not what was registered.
    """
    return load_folder(folder_of(uri, dst_path, repo), trust=trust, flavor=flavor)


def folder_of(
    uri: str | os.PathLike[str],
    dst_path: str | os.PathLike[str] | None = None,
    repo: str | os.PathLike[str] | None = None,
) -> Path:
    """The folder of a model on this machine, downloaded where it is elsewhere; see :func:`load_model`.

    Raises:
        InvalidValue: it is neither a folder nor a URL.
        RunNotFound, ModelNotFound, ArtifactNotFound, StoreError: it cannot be had.
        Changed: it is not what was registered.
    """
    text = os.fspath(uri)
    if Path(text).is_dir():
        return Path(text)
    if ":/" not in text:
        msg = f"no model at {text}"
        raise InvalidValue(msg, hint="give a folder, runs:/RUN/PATH, models:/NAME/VERSION or a URL")
    from gittrack.launch.projects.download import Downloads
    from gittrack.store.runs import RunStore

    parent = Path(dst_path) if dst_path is not None else _temporary()
    store = RunStore.open(None if repo is None else os.fspath(repo))
    with Downloads(parent, store) as downloads:
        return downloads.fetch(text, 0)


def _temporary() -> Path:
    folder = tempfile.mkdtemp(prefix="gittrack-model-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
