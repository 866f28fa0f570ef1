"""MLflow's artifact repository over the artifacts of runs: `gittrack:///PATH/@artifacts/…`."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repo import ArtifactRepository, verify_artifact_path

from gittrack.artifacts.manifest import is_safe
from gittrack.core.events import ArtifactLogged
from gittrack.core.records import Artifact
from gittrack.mlflow.failures import MlflowException, invalid, missing, translated
from gittrack.mlflow.marks import is_model_id
from gittrack.mlflow.opened import opened
from gittrack.mlflow.reading import need
from gittrack.mlflow.registry_view import MODEL_FOLDER
from gittrack.mlflow.uris import place_of, run_within
from gittrack.store.kept.choosing import chosen
from gittrack.store.kept.places import Kept
from gittrack.store.kept.writing import stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.store.kept.choosing import File


class GitTrackArtifacts(ArtifactRepository):  # type: ignore[misc]  # MLflow has no types here
    """The artifacts of a run, of a logged model, or of all runs of a repository.

    Args:
        artifact_uri: the address.
        args, kwargs: what MLflow's versions pass besides.
    """

    def __init__(self, artifact_uri: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  see above
        super().__init__(artifact_uri, *args, **kwargs)
        self._within = place_of(artifact_uri).within
        self._opened = opened(artifact_uri)

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """Keep a file."""
        verify_artifact_path(artifact_path)
        self._keep([(Path(local_file), artifact_path or "")])

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """Keep the files of a folder."""
        verify_artifact_path(artifact_path)
        root = Path(local_dir)
        files = sorted(path for path in root.rglob("*") if path.is_file())
        folder = artifact_path or ""
        self._keep(
            [(path, posixpath.join(folder, path.parent.relative_to(root).as_posix())) for path in files]
        )

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        """What is in a folder; nothing for a file."""
        where = self._where(path or "")
        if where is None:
            return []
        run_id, folder = where
        head = f"{folder}/" if folder else ""
        shown: dict[str, FileInfo] = {}
        for one in self._files(run_id):
            if one.path.startswith(head):
                name, deeper, _ = one.path[len(head) :].partition("/")
                whole = posixpath.join(path or "", name)
                shown[name] = FileInfo(whole, is_dir=bool(deeper), file_size=None if deeper else one.size)
        return [shown[name] for name in sorted(shown)]

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        where = self._where(remote_file_path)
        if where is None or not where[1]:
            raise _no_artifact(remote_file_path)
        if where[1] not in {one.path for one in self._files(where[0])}:
            raise _no_artifact(remote_file_path)  # before a file is made: MLflow may want a folder there
        run = need(self._opened.store, where[0]).run
        with translated(), Path(local_path).open("wb") as out:
            stream(Kept(self._opened.store), run, where[1], out)

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        """What a run made stays with it."""
        msg = f"gittrack keeps what runs made: {artifact_path or self.artifact_uri} is not deleted"
        raise invalid(msg)

    # ---- inside

    def _where(self, path: str) -> tuple[str, str] | None:
        within = run_within(posixpath.normpath(posixpath.join(self._within, path)))
        if within is not None and within[1] and not is_safe(within[1]):
            msg = f"Invalid artifact path: {path!r}"
            raise invalid(msg)
        if within is not None and is_model_id(within[0]):
            return within[0], posixpath.join(MODEL_FOLDER, within[1]).rstrip("/")
        return within

    def _keep(self, files: Sequence[tuple[Path, str]]) -> None:
        for path, folder in files:
            where = self._where(posixpath.join(folder, path.name))
            if where is None or not where[1]:
                msg = f"{self.artifact_uri} names no run: {folder}"
                raise invalid(msg)
            with translated():
                stored = self._opened.store.objects.put_file(path)
                self._opened.writing.open(where[0]).event(ArtifactLogged(Artifact(where[1], *stored)))

    def _files(self, run_id: str) -> Iterator[File]:
        with translated():
            store = self._opened.store
            run = need(store, run_id).run
            yield from chosen(Kept(store), run) if run.artifacts else ()


def _no_artifact(path: str) -> MlflowException:
    return missing(f"No such artifact: '{path}'")
