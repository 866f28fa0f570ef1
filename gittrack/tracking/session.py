"""A run that this process writes to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gittrack.core.events import Ended, Noted, ParamsLogged, Renamed, TagsSet
from gittrack.core.times import now_ms
from gittrack.tracking import active, values
from gittrack.tracking.artifacts import Files

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from types import TracebackType

    from gittrack.core.events import Event
    from gittrack.core.records import Run, Status
    from gittrack.core.redact import Redactor
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore
    from gittrack.tracking.background import Background


class ActiveRun(Files):
    """A run being recorded. Made by :func:`gittrack.start_run`; ends with its `with` block.

    Attributes:
        run_id: its id.
        experiment: what it belongs to.
        store: where it is kept.
        record: the run as it was committed, None before that.
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
        self.record: Run | None = None
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
            self.record = self.store.finish(self.run_id)

    def _event(self, event: Event) -> None:
        self._journal.event(event)
