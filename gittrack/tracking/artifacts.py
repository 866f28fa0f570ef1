"""What an active run keeps of files and data: artifacts that it made, inputs that it used."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue
from gittrack.core.events import ArtifactLogged, InputLogged
from gittrack.core.records import Artifact
from gittrack.tracking import media
from gittrack.tracking.artifact_paths import artifact_path, place_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from gittrack.core.events import Event
    from gittrack.store.runs import RunStore


class Files:
    """The methods of a run that take files and data.

    Attributes:
        run_id: of the run.
        store: where it is kept.
    """

    run_id: str
    store: RunStore

    def _event(self, event: Event) -> None:
        raise NotImplementedError

    def log_artifact(self, path: str | os.PathLike[str], to: str | None = None) -> None:
        """Keep a file, or a folder as one artifact.

        Args:
            path: the file or folder; read now.
            to: folder within the run's artifacts to put it in.

        Raises:
            InvalidValue: there is no such file, or `to` leaves the run's artifacts.
        """
        source, name = place_of(path, to)
        with self._kept(f"artifact {name}"):
            if source.is_dir():
                stored = self.store.objects.put_directory(source)
                self._event(ArtifactLogged(Artifact(name, *stored, "directory")))
            else:
                self._event(ArtifactLogged(Artifact(name, *self.store.objects.put_file(source))))

    def log_artifacts(self, folder: str | os.PathLike[str], to: str | None = None) -> None:
        """Keep what is in a folder.

        Args:
            folder: the folder.
            to: name of the one artifact that holds all of it; when None, each entry of the folder
                is an artifact by itself.

        Raises:
            InvalidValue: there is no such folder, or `to` leaves the run's artifacts.
        """
        source, _ = place_of(folder, None)
        if not source.is_dir():
            msg = f"not a folder: {source}"
            raise InvalidValue(msg, hint="log_artifact takes a file")
        if to is None:
            for entry in sorted(source.iterdir()):
                self.log_artifact(entry)
            return
        name = artifact_path(to)
        with self._kept(f"artifact {name}"):
            self._event(
                ArtifactLogged(Artifact(name, *self.store.objects.put_directory(source), "directory"))
            )

    def log_text(self, text: str, artifact_file: str) -> None:
        """Keep a text as an artifact (UTF-8)."""
        self._bytes(media.text(text), artifact_file)

    def log_dict(self, dictionary: Any, artifact_file: str) -> None:  # noqa: ANN401  any JSON value
        """Keep a mapping or list as an artifact: YAML where the name ends so, JSON otherwise."""
        self._bytes(media.document(dictionary, artifact_file), artifact_file)

    def log_figure(self, figure: Any, artifact_file: str, **save: Any) -> None:  # noqa: ANN401  of either library
        """Keep a Matplotlib or Plotly figure; the suffix says the format (`.png`, `.svg`, `.html`, …).

        Args:
            figure: the figure.
            artifact_file: where, within the run's artifacts.
            save: options for Matplotlib's `savefig`.
        """
        self._bytes(media.figure(figure, artifact_file, save), artifact_file)

    def log_image(self, image: Any, artifact_file: str) -> None:  # noqa: ANN401  of either library
        """Keep a picture: a PIL image, or an array of shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4).

        Arrays hold integers from 0 to 255 or floats from 0 to 1.
        """
        self._bytes(media.image(image, artifact_file), artifact_file)

    def log_table(self, data: Any, artifact_file: str) -> None:  # noqa: ANN401  a frame or mapping
        """Keep a table: a DataFrame, a mapping of columns, or a list of rows, as `.csv` or `.json`."""
        self._bytes(media.table(data, artifact_file), artifact_file)

    def log_input(
        self,
        data: Any,  # noqa: ANN401  see Args
        name: str | None = None,
        *,
        context: str | None = None,
        source: str | None = None,
        keep: bool = False,
    ) -> None:
        """Record what the run uses, by its digest; nothing is copied unless `keep` says so.

        Args:
            data: a file or folder; a URL (`s3://`, `gs://`, `https://`, ...), which is recorded by its
                ETag or version, without a download; a pandas DataFrame or Series, or what has
                `to_pandas`; a NumPy array, or a tensor; a dataset of Hugging Face's `datasets`, by its
                fingerprint.
            name: what the run calls it. The last one of a name holds. When None: a path as it is
                written, the last part of a URL, kind and digest of a table or an array.
            context: what it is used for: `train`, `test`, ...
            source: where a table or an array came from, a path or a URL.
            keep: keep its bytes like those of an artifact, so that they can be fetched later.

        Raises:
            InvalidValue: there is no such file, or the content of `data` cannot be told.
        """
        from gittrack.tracking.inputs import Wanted, input_of

        with self._kept(f"input {name or type(data).__name__}"):
            self._event(InputLogged(input_of(Wanted(data, name, context, source, keep), self.store)))

    def _bytes(self, content: bytes, artifact_file: str) -> None:
        name = artifact_path(artifact_file)
        with self._kept(f"artifact {name}"):
            self._event(ArtifactLogged(Artifact(name, *self.store.objects.put_bytes(content))))

    @contextlib.contextmanager
    def _kept(self, what: str) -> Iterator[None]:
        """A failure of ours inside is a warning: it must not stop what is being tracked."""
        try:
            yield
        except InvalidValue:
            raise
        except (OSError, GitTrackError) as error:
            reason = error.message if isinstance(error, GitTrackError) else str(error)
            warnings.warn(f"{what} of {self.run_id} is not saved: {reason}", GitTrackWarning, stacklevel=4)
