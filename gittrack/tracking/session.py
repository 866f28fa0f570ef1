"""A run that this process writes to."""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue
from gittrack.core.events import ArtifactLogged, Ended, Noted, ParamsLogged, Renamed, TagsSet
from gittrack.core.records import Artifact
from gittrack.core.times import now_ms
from gittrack.tracking import active, media, values
from gittrack.tracking.artifact_paths import artifact_path, place_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from gittrack.core.events import Event
    from gittrack.core.records import Status
    from gittrack.core.redact import Redactor
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore
    from gittrack.tracking.background import Background


class ActiveRun:
    """A run being recorded. Made by :func:`gittrack.start_run`; ends with its `with` block.

    Attributes:
        run_id: its id.
        experiment: what it belongs to.
        store: where it is kept.
    """

    def __init__(
        self,
        run_id: str,
        experiment: str,
        store: RunStore,
        journal: Journal,
        redactor: Redactor,
        background: Background | None,
    ) -> None:
        self.run_id = run_id
        self.experiment = experiment
        self.store = store
        self._journal = journal
        self._redactor = redactor
        self._background = background  # None for a process that only joined
        self._pid = os.getpid()
        self._ended = False
        self._point = journal.point

    def __repr__(self) -> str:
        return f"<gittrack.Run {self.run_id}>"

    # ---- logging

    def log_metric(
        self, key: str, value: float, step: int | None = None, timestamp: float | dt.datetime | None = None
    ) -> None:
        """Log one point of a metric.

        Args:
            key: its name, up to 250 printable characters.
            value: a number; NaN and infinities are numbers.
            step: counted on from the last one when None. May go back.
            timestamp: milliseconds since the epoch or a datetime; now when None.

        Raises:
            InvalidValue: the key or value cannot be taken.
        """
        self._point(key, value, step, values.nanoseconds(timestamp))

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: int | None = None,
        timestamp: float | dt.datetime | None = None,
    ) -> None:
        """Log one point of each of several metrics; see :meth:`log_metric`."""
        time_ns = values.nanoseconds(timestamp)
        for key, value in metrics.items():
            self._point(key, value, step, time_ns)

    def log_param(self, key: str, value: object) -> None:
        """Log a param: a setting of the run. The last value of a key holds.

        Raises:
            InvalidValue: the key or value cannot be taken.
        """
        self.log_params({key: value})

    def log_params(self, params: Mapping[str, object]) -> None:
        """Log several params.

        Raises:
            InvalidValue: one of them cannot be taken; none was.
        """
        checked = values.check_params(params)
        self._event(ParamsLogged({key: self._redactor.value(key, item) for key, item in checked.items()}))

    def set_tag(self, key: str, value: object) -> None:
        """Set a tag.

        Raises:
            InvalidValue: the key or value cannot be taken.
        """
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set several tags.

        Raises:
            InvalidValue: one of them cannot be taken; none was.
        """
        checked = values.check_tags(tags)
        self._event(TagsSet({key: str(self._redactor.value(key, item)) for key, item in checked.items()}))

    def delete_tag(self, key: str) -> None:
        """Remove a tag."""
        self._event(TagsSet({values.check_key(key, "tag"): None}))

    def set_note(self, text: str) -> None:
        """Set the note: free text, Markdown."""
        self._event(Noted(self._redactor.text(values.check_note(text))))

    def rename(self, name: str) -> None:
        """Give the run another name."""
        self._event(Renamed(self._redactor.text(values.check_name(name))))

    # ---- artifacts

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

    # ---- the end

    def end(self, status: Status = "finished", exit_code: int | None = None) -> None:
        """End the run and commit it. A second call does nothing.

        A process that joined the run only takes leave; the run ends with the process that began it.

        Args:
            status: how it ended.
            exit_code: of the process, where that is known.
        """
        if self._ended:
            return
        self._ended = True
        active.forget(self)
        if self._background is None or self._pid != os.getpid():
            self._journal.close()
            self._finish()
            return
        peak = self._background.stop()
        self._event(Ended(status, now_ms(), exit_code, None, peak))
        self._journal.close()
        self._finish()

    def __enter__(self) -> ActiveRun:  # noqa: PYI034  `Self` needs Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(*active.outcome_of(error))

    def _finish(self) -> None:
        with self._kept("run"):
            self.store.finish(self.run_id)

    def _event(self, event: Event) -> None:
        self._journal.event(event)

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
