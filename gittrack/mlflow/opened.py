"""The repositories that this process has open: tracking store, artifacts and registry share one each."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from gittrack.core.errors import GitTrackError
from gittrack.mlflow.experiments import Experiments
from gittrack.mlflow.failures import translated
from gittrack.mlflow.uris import artifact_root, repository_of
from gittrack.mlflow.writing import Writing
from gittrack.store.runs import RunStore

_opened: dict[str, Opened] = {}
_lock = threading.Lock()


class Opened:
    """A repository.

    Attributes:
        store: its runs.
        writing: the runs that this process writes to.
        experiments: its experiments.
        root: the address of its artifacts.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.writing = Writing(store)
        self.experiments = Experiments(store)
        place = store.git.place
        self.root = artifact_root(str(Path(place.work_tree or place.git_dir).resolve()))
        with contextlib.suppress(GitTrackError, OSError):
            store.recover()

    def location(self, experiment_id: str, root: str | None = None) -> str:
        """Where the artifacts of an experiment go.

        Args:
            experiment_id: of the experiment.
            root: of all artifacts, where it is not the repository's own.
        """
        from mlflow.utils.uri import append_to_uri_path

        own = self.experiments.location(experiment_id)
        return own or str(append_to_uri_path(root or self.root, experiment_id))

    def close(self) -> None:
        """Let go of everything; the next call opens it again."""
        self.writing.close()
        self.store.index.close()
        with _lock:
            for name in [name for name, one in _opened.items() if one is self]:
                del _opened[name]


def opened(uri: str) -> Opened:
    """The repository of an address (`gittrack:PATH`, or that of an artifact).

    Raises:
        MlflowException: there is none.
    """
    name = repository_of(uri)
    path = name if ":" in name else str(Path(name).expanduser().absolute())
    with _lock, translated():
        if path not in _opened:
            _opened[path] = Opened(RunStore.open(path))
        return _opened[path]
