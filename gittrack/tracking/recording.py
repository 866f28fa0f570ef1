"""What is recorded around a command: before it starts, while it runs and when it has ended.

From the moment the command runs, no failure of ours stops it or changes its exit status: it becomes a
warning.
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError, GitTrackWarning
from gittrack.core.events import ArtifactLogged, Ended, EnvironmentCaptured, InputLogged, Unknown
from gittrack.core.records import Artifact
from gittrack.core.redact import OutputRedactor
from gittrack.core.times import now_ms
from gittrack.store.finish import OUTPUT
from gittrack.tracking.outcome import oom_kills, status_of
from gittrack.tracking.output import KeptOutput
from gittrack.tracking.publish import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gittrack.core.records import Run, Status
    from gittrack.core.redact import Redactor
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore
    from gittrack.tracking.inputs_used import InputsUsed
    from gittrack.tracking.metric_sink import Reader
    from gittrack.tracking.outcome import Exit
    from gittrack.tracking.passthrough import Sink
    from gittrack.tracking.publish import Publisher

CHILD_JOURNAL = "child.jsonl"

_PATIENCE = 30.0  # seconds that the end waits for the capture of the environment


class Recording:
    """The recording of one command. Begins the run.

    Args:
        store: where it goes.
        run: what is known at the start.
        redactor: what hides secrets.
        cwd: where the command runs.
        python: the interpreter whose packages are recorded, ours when None.
        keep_output: whether the output is kept.
        asked: what a launcher asked of the environment and installed into it.
        environ: the variables of the command, those of this process when None.
        host: says where a file is that the command names, see `tracking.wrap.Launch`.
        journal: of the run where it has begun, None to begin it.

    Raises:
        OSError: the repository cannot be written.
    """

    def __init__(  # noqa: PLR0913  what is recorded, and how
        self,
        store: RunStore,
        run: Run,
        redactor: Redactor,
        *,
        cwd: Path,
        python: Path | None,
        keep_output: bool,
        asked: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        host: Callable[[str], Path] | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._store = store
        self._run = run
        self._redactor = redactor
        self._python = python
        self._asked = dict(asked or {})
        self._environ = environ
        self._host = host
        self._cwd = cwd
        self._inputs: InputsUsed | None = None
        self._journal = journal or store.create(run)
        if host is None:  # for whoever recovers the run; paths in a container mean nothing to them
            self._journal.event(Unknown({"event": "folder", "folder": str(cwd)}))
        self.directory = store.live_directory(run.id)
        self._limit: int = store.config.get("output.max_size") if keep_output else 0
        self._output = KeptOutput(self.directory / OUTPUT, self._limit, OutputRedactor(redactor))
        self._kills = oom_kills()
        self._monitor: Any = None
        self._publisher: Publisher | None = None
        self._capture = threading.Thread(
            target=self._capture_environment, name="gittrack-capture", daemon=True
        )

    @property
    def child_journal(self) -> Path:
        """Where any process of the command may append JSON lines."""
        return self.directory / CHILD_JOURNAL

    def sees_output(self, readers: Sequence[Reader]) -> bool:
        """Whether the output has to come by here at all."""
        return bool(self._limit or readers)

    def sink(self, readers: Sequence[Reader]) -> Sink:
        """What sees the bytes of one stream of the command."""
        sinks: list[Sink] = [self._output.channel()] if self._limit else []
        if readers:
            from gittrack.tracking.metric_sink import MetricSink

            sinks.append(MetricSink(readers, self._journal.point))
        return _Tee(sinks)

    def uses(self, inputs: Sequence[str]) -> None:
        """The command is about to use these files, folders or URLs."""
        if inputs:
            from gittrack.tracking.inputs_used import InputsUsed

            with _kept("inputs are"):
                self._inputs = InputsUsed(inputs, self._store, self._cwd, self.say)

    def started(self, pid: int) -> None:
        """The command runs."""
        if self._inputs is not None:
            self._inputs.start(self._journal.event)
        with _kept("system metrics are"):
            self._capture.start()
            interval: float = self._store.config.get("monitor.interval")
            if interval > 0:
                from gittrack.tracking.monitor import Monitor

                self._monitor = Monitor(self._journal.point, interval, pid=pid)
                self._monitor.start()
            self._publisher = publishing(self._store, self._journal.directory)

    def say(self, text: str) -> None:
        """Add a line of our own to the output that is kept."""
        if self._limit:
            self._output.add(text.encode(errors="replace") + b"\n")

    def point(self, key: str, value: float, step: int | None) -> None:
        """Log one point of a metric."""
        self._journal.point(key, value, step)

    def end(self, end: Exit) -> Run | None:
        """The command ended: record how, and commit the run.

        Args:
            end: how.

        Returns:
            The run as it is now, None when it could not be committed yet.
        """
        time = now_ms()
        if self._publisher is not None:
            self._publisher.stop()
        if self._monitor is not None:
            with _kept("system metrics are"):
                self._monitor.stop()
        if self._inputs is not None:
            with _kept("inputs are"):
                self._inputs.join()
        with _kept("the output is"):
            self._keep_output()
        with _kept("what the command logged is"):
            self._take_over()
        if self._capture.ident is not None:
            self._capture.join(_PATIENCE)
        self._journal.event(Ended(self._status(end), time, end.code, end.signal_name, end.peak_memory))
        self._journal.close()
        with _kept("the run is", hint="; the next gittrack command saves it"):
            return self._store.finish(self._run.id)
        return None

    def _status(self, end: Exit) -> Status:
        after = oom_kills()
        return status_of(end, out_of_memory=(after or 0) > (self._kills or 0) and self._kills is not None)

    def _keep_output(self) -> None:
        self._output.close()
        if self._output.problem is not None:
            raise self._output.problem
        path = self._output.path
        if path.exists():
            self._journal.event(ArtifactLogged(Artifact(OUTPUT, *self._store.objects.put_file(path))))

    def _take_over(self) -> None:
        """What other languages asked to keep; secrets in what they logged go when the run is committed."""
        if not self.child_journal.exists():
            return
        from gittrack.store.journal.live import read_live

        live = read_live(self.directory)
        for problem in live.problems:
            warnings.warn(f"not understood: {problem}", GitTrackWarning, stacklevel=2)
        for wanted in live.files:
            with _kept(f"artifact {wanted.file} is"):
                place = self._host(wanted.file) if self._host else self._cwd / wanted.file
                self._keep_file(place, wanted.path)
        for used in live.inputs:
            with _kept(f"input {used.file} is"):
                from gittrack.tracking.inputs import Wanted, input_of

                file = str(self._host(used.file)) if self._host and "://" not in used.file else used.file
                asked = Wanted(file, used.name, used.context, keep=used.keep)
                self._journal.event(InputLogged(input_of(asked, self._store, self._cwd)))

    def _keep_file(self, file: Path, name: str | None) -> None:
        from gittrack.tracking.artifact_paths import artifact_path, place_of

        source, own = place_of(file, None)
        path = artifact_path(name) if name else own
        if source.is_dir():
            stored = self._store.objects.put_directory(source)
            self._journal.event(ArtifactLogged(Artifact(path, *stored, "directory")))
        else:
            self._journal.event(ArtifactLogged(Artifact(path, *self._store.objects.put_file(source))))

    def _capture_environment(self) -> None:
        with _kept("the environment is"):
            from gittrack.tracking.environment import capture

            config, boxed = self._store.config, self._host is not None
            document = capture(self._python, config=config, environ=self._environ, contained=boxed)
            self._journal.event(EnvironmentCaptured(document | self._asked))
        with contextlib.suppress(OSError, GitTrackError, ValueError):  # runs of others: theirs to report
            self._store.recover()


class _Tee:
    """Shows bytes to several sinks; one that fails is left out from then on, once warned of."""

    def __init__(self, sinks: list[Sink]) -> None:
        self._sinks = sinks

    def write(self, chunk: bytes) -> None:
        for sink in list(self._sinks):
            self._guarded(sink, partial(sink.write, chunk))

    def close(self) -> None:
        for sink in list(self._sinks):
            self._guarded(sink, sink.close)

    def _guarded(self, sink: Sink, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  whatever it is, the command must go on
            self._sinks.remove(sink)
            warnings.warn(f"output is no longer looked at: {error}", GitTrackWarning, stacklevel=2)


@contextlib.contextmanager
def _kept(what: str, hint: str = "") -> Iterator[None]:
    """A failure of ours inside is a warning."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  whatever it is, the command must not suffer
        reason = error.message if isinstance(error, GitTrackError) else str(error)
        warnings.warn(f"{what} not saved: {reason}{hint}", GitTrackWarning, stacklevel=4)
