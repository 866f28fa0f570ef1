"""A model on its way to other processes: its files by name, loaded once in each."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.models.api import folder_of
from gittrack.models.digest import members_of, model_digest
from gittrack.models.saved import load_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from gittrack.models.loaded import LoadedModel

_LOCK = threading.Lock()
_LOADED: dict[str, LoadedModel] = {}
"""Digest to the model in this process."""


class Shipped:
    """A model that can be pickled, with its files or as the name of a folder that all machines share.

    Args:
        digest: of the model.
        folder: where it is.
        files: name to content; None where the folder is there for everybody.
    """

    def __init__(self, digest: str, folder: str, files: Mapping[str, bytes] | None) -> None:
        self.digest = digest
        self._folder = folder
        self._files = files

    def model(self) -> LoadedModel:
        """The model, loaded once in a process. Whoever packed it has agreed that its code runs."""
        with _LOCK:
            if self.digest not in _LOADED:
                folder = Path(self._folder) if self._files is None else self._unpacked()
                _LOADED[self.digest] = load_folder(folder, trust=True)
            return _LOADED[self.digest]

    def _unpacked(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="gittrack-model-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for name, content in (self._files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder


def pack(
    uri: str | os.PathLike[str],
    *,
    trust: bool = False,
    repo: str | os.PathLike[str] | None = None,
    ship: bool = True,
) -> Shipped:
    """A model ready for other processes. It is loaded here once, so that what is wrong is said here.

    Args:
        uri: see :func:`gittrack.models.api.load_model`.
        trust: whether code that came with the model may run.
        repo: the repository.
        ship: whether its files go along; without, the folder must be there for all processes.

    Raises:
        NotTrusted, MalformedFile, MissingLibrary: it cannot be loaded.
        InvalidValue, RunNotFound, ModelNotFound, ArtifactNotFound, StoreError: it cannot be had.
    """
    folder = folder_of(uri, None, repo)
    digest = model_digest(folder)
    loaded = load_folder(folder, trust=trust)
    with _LOCK:
        _LOADED[digest] = loaded
    files: dict[str, Any] | None = None
    if ship:
        files = {member.path: (folder / member.path).read_bytes() for member in members_of(folder)}
    return Shipped(digest, str(folder.absolute()), files)
