"""The face of the store: runs in one repository."""

from __future__ import annotations

import contextlib
import dataclasses
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.artifacts.objects import Objects
from gittrack.core.errors import AmbiguousRun, GitTrackError, InvalidValue, MalformedFile, RunNotFound
from gittrack.core.events import Deleted, Started, TagsSet
from gittrack.core.files import write_atomic
from gittrack.core.ids import check_run_id, is_run_id, new_run_id
from gittrack.core.redact import Redactor
from gittrack.core.times import now_ms
from gittrack.store.commit import branch, topic
from gittrack.store.commit.pending import Changes
from gittrack.store.committed import Committed, no_run
from gittrack.store.finish import TOPIC, Finisher, topic_of
from gittrack.store.format import layout
from gittrack.store.format.assemble import Assembled, join_series, next_stamp, resume
from gittrack.store.journal.gate import gate
from gittrack.store.journal.live import is_alive, read_live
from gittrack.store.journal.writer import Journal
from gittrack.store.locate import Located, locate
from gittrack.store.plumbing.git import Git
from gittrack.store.sync.setup import remember_writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gittrack.core.config import Config
    from gittrack.core.events import Edit
    from gittrack.core.records import Run
    from gittrack.core.series import Series
    from gittrack.store.index.reader import Index

_SHORTEST = 3  # characters that can name a run


class RunStore:
    """The runs of one repository: committed ones on its runs branch, live ones in journals beside it.

    Use :meth:`open`.

    Attributes:
        git: the repository that holds the runs.
        code: the repository of the current folder, None outside of one.
        config: what is set.
        index: the index of the committed runs.
        objects: the local artifact store.
    """

    def __init__(self, located: Located) -> None:
        self.git: Git = located.runs
        self.code: Git | None = located.code
        self.config: Config = located.config
        self.git.runs = topic.ref_of(self.config.get("topic"))
        self.objects = Objects(self.git.directory / "objects")

    @classmethod
    def open(
        cls, where: str | Path | None = None, *, start: Path | None = None, topic: str | None = None
    ) -> RunStore:
        """The store of a repository.

        Args:
            where: a path or a Git URL; when None, the configured `repo`, else the repository that
                holds the current folder.
            start: the current folder, where it is another than the process's.
            topic: the topic that runs go to and that is read with the runs branch; `runs` for the runs
                branch alone; when None, the configured `topic`.

        Raises:
            NotARepository: there is none.
            RemoteError: a URL cannot be fetched.
            InvalidValue: the topic is no name for one.
        """
        located = locate(where, start or Path.cwd())
        return cls(located._replace(config=located.config.with_options({"topic": topic})))

    @property
    def topic(self) -> str | None:
        """The topic that runs go to, None for the runs branch."""
        return topic.name_of(self.git.runs)

    def on(self, name: str | None) -> RunStore:
        """The store of the same repository on another topic; None is the runs branch."""
        if name == self.topic:
            return self
        git = Git(self.git.place)
        code = git if self.code is self.git else self.code
        return RunStore(Located(git, code, self.config.with_options({"topic": name or topic.MAIN})))

    @cached_property
    def index(self) -> Index:
        """The index, opened when it is first asked."""
        from gittrack.store.index.reader import Index  # SQLite and all: recording a run needs none of it

        return Index(self.git)

    @cached_property
    def redactor(self) -> Redactor:
        """What hides secrets, as configured."""
        return Redactor(keys=self.config.get("redact.keys"), patterns=self.config.get("redact.patterns"))

    @cached_property
    def _committed(self) -> Committed:
        return Committed(self.git, self.index)

    @cached_property
    def writer(self) -> str:
        """The name of this clone among those that write."""
        return remember_writer(self.git)

    # ---- writing

    def create(self, run: Run, *, rank: int = 0) -> Journal:
        """Begin a run: its live directory and the journal of this process.

        Raises:
            InvalidValue: the id is no id, or taken.
            OSError: the repository cannot be written.
        """
        return self._begin(run, rank, {})

    def resume(self, run_id: str, attempt: Run, *, rank: int = 0) -> Journal:
        """Begin another attempt of a committed run.

        Args:
            run_id: of the run.
            attempt: what is known of the new attempt; its id, experiment and number are set here.
            rank: of this process in a distributed run.

        Raises:
            RunNotFound: there is no such run.
            InvalidValue: it is running.
        """
        known = self.committed(run_id)
        numbered = dataclasses.replace(
            attempt,
            id=run_id,
            experiment=known.run.experiment,
            attempt=known.run.attempt + 1,
        )
        last_steps = {key: summary.step for key, summary in known.run.metrics.items()}
        return self._begin(numbered, rank, last_steps if rank == 0 else {})

    def _begin(self, run: Run, rank: int, last_steps: dict[str, int]) -> Journal:
        directory = self.live_directory(run.id)
        directory.parent.mkdir(parents=True, exist_ok=True)
        try:
            directory.mkdir()
        except FileExistsError as error:
            msg = f"run {run.id} is running already"
            raise InvalidValue(msg, hint="join it, or leave the id out") from error
        with gate(directory):  # nobody joins before the run has its start
            if self.topic is not None:  # whoever finishes the run must know
                write_atomic(directory / TOPIC, self.topic.encode())
            journal = Journal(directory, rank=rank, last_steps=last_steps)
            journal.event(Started(run))
        return journal

    def join(self, run_id: str, rank: int = 0) -> Journal:
        """The journal of one more process in a live run.

        Raises:
            RunNotFound: no such run is live here.
        """
        directory = self.live_directory(run_id)
        with gate(directory) as is_open:
            if is_open and any(directory.glob("*.jsonl")):
                return Journal(directory, rank=rank)
        msg = f"run {run_id} is not running here"
        raise RunNotFound(msg)

    def finish(self, run_id: str) -> Run | None:
        """Commit a run that has ended; None while another process still writes to it.

        Raises:
            GitFailed: Git cannot write; the run stays in its journal and a later command commits it.
        """
        home = topic_of(self.live_directory(run_id)) if self.is_live(run_id) else self.topic
        return Finisher(self.on(home)).finish(run_id)

    def recover(self) -> list[Run]:
        """Commit what killed processes left: abandoned runs, pending changes. The runs finished."""
        return Finisher(self).recover()

    def edit(self, run_ids: Sequence[str], edits: Sequence[Edit]) -> None:
        """Record later changes of runs.

        Raises:
            RunNotFound: one of them does not exist; nothing is changed then.
            InvalidValue: a running run cannot be deleted.
        """
        files: dict[str, bytes] = {}
        live: list[str] = []
        for run_id in run_ids:
            if self.is_live(run_id):
                if any(isinstance(edit, Deleted) for edit in edits):
                    msg = f"run {run_id} is still running"
                    raise InvalidValue(msg, hint="stop it first")
                live.append(run_id)
            else:
                path, content = self._edit_file(run_id, edits)
                files[path] = content
        for run_id in live:
            journal = self.join(run_id)
            for edit in edits:
                journal.event(edit)
            journal.close()
            self.finish(run_id)  # it may have ended meanwhile, and waited for us
        if files:
            names = ", ".join(run_ids[:3]) + (", …" if len(run_ids) > 3 else "")  # noqa: PLR2004
            branch.submit(self.git, Changes(f"gittrack: {_verb(edits)} {names}", files))

    # ---- reading

    def get(self, run_id: str) -> Run:
        """A run by its id, live or committed.

        Raises:
            RunNotFound: there is none.
            MalformedFile: its `run.yaml` cannot be read.
        """
        if self.is_live(run_id):
            with contextlib.suppress(MalformedFile, FileNotFoundError):
                return self._live_run(run_id)
        return self.committed(run_id).run

    def committed(self, run_id: str) -> Assembled:
        """A committed run with its history.

        Raises:
            RunNotFound: there is none on the branch.
            MalformedFile: its `run.yaml` cannot be read.
        """
        return self._committed.read(run_id)

    def committed_parts(self, run_id: str) -> list[list[Series]]:
        """The points of each committed attempt of a run, in order.

        Raises:
            RunNotFound: there is none on the branch.
            MalformedFile: a `metrics.jsonl` cannot be read.
        """
        return self._committed.series(run_id)

    def files(self, run_id: str) -> dict[str, bytes]:
        """Path within its directory to content, of all files of a committed run.

        Raises:
            RunNotFound: there is none on the branch.
        """
        return self._committed.files(run_id)

    def live(self) -> list[Run]:
        """The runs that are not committed yet, in the order they started."""
        runs = []
        for directory in self.live_directories():
            with contextlib.suppress(MalformedFile, FileNotFoundError, NotADirectoryError):
                runs.append(self._live_run(directory.name))
        return sorted(runs, key=lambda run: (run.start_time, run.id))

    def series(self, run_id: str) -> list[Series]:
        """All points of a run: committed ones, and live ones where it runs.

        Raises:
            RunNotFound: there is no such run.
            MalformedFile: a `metrics.jsonl` cannot be read.
        """
        parts: list[list[Series]] = []
        live = self.is_live(run_id)
        with contextlib.suppress(*((RunNotFound,) if live else ())):
            parts += self._committed.series(run_id)
        if live:
            with contextlib.suppress(MalformedFile, FileNotFoundError):
                parts.append(read_live(self.live_directory(run_id)).series)
        return join_series(parts)

    def environment(self, run_id: str) -> dict[str, Any]:
        """The document of `environment.yaml` of the last attempt that has one; empty without one.

        Raises:
            RunNotFound: there is no such run.
        """
        if self.is_live(run_id):
            with contextlib.suppress(MalformedFile, FileNotFoundError):
                live = read_live(self.live_directory(run_id))
                return dict(live.environment or {})
        return self._committed.environment(run_id)

    # ---- where things are

    def new_id(self) -> str:
        """An id for a run that starts now."""
        return new_run_id(now_ms())

    def live_directory(self, run_id: str) -> Path:
        """Where a run that is not committed yet keeps its journals."""
        return self.git.directory / "live" / check_run_id(run_id)

    def live_directories(self) -> Iterator[Path]:
        """The directories of all runs that are not committed yet."""
        with contextlib.suppress(FileNotFoundError):
            for path in sorted((self.git.directory / "live").iterdir()):
                if is_run_id(path.name):
                    yield path

    def is_live(self, run_id: str) -> bool:
        """Whether the run is not committed yet."""
        return is_run_id(run_id) and self.live_directory(run_id).is_dir()

    def is_running(self, run_id: str) -> bool:
        """Whether a living process writes to the run."""
        return self.is_live(run_id) and is_alive(self.live_directory(run_id))

    def knows(self, run_id: str) -> bool:
        """Whether the run is committed."""
        return self._committed.path_of(run_id) is not None

    def expand(self, text: str) -> str:
        """The id of the one run that `text` is the id of, or an unambiguous part of it.

        Raises:
            RunNotFound: there is none.
            AmbiguousRun: there are several.
        """
        if self.is_live(text) or self.knows(text):
            return text
        if len(text) < _SHORTEST:
            raise no_run(text)
        live = [path.name for path in self.live_directories() if text in path.name]
        known = [one.run_id for one in self.index.candidates(text) if text in one.run_id]
        found = sorted({*live, *known})
        if len(found) == 1:
            return found[0]
        if not found:
            raise no_run(text)
        msg = f"{text} is a part of {len(found)} ids: {', '.join(found[:3])}{', …' if found[3:] else ''}"
        raise AmbiguousRun(msg, hint="give more of it")

    def _live_run(self, run_id: str) -> Run:
        live = read_live(self.live_directory(run_id))
        if live.run.attempt == 1:
            return live.run
        with contextlib.suppress(GitTrackError):
            return resume(self.committed(run_id).run, live.run)
        return live.run

    def _edit_file(self, run_id: str, edits: Sequence[Edit]) -> tuple[str, bytes]:
        known = self.committed(run_id)
        name, mail = self.git.identity()
        stamp = next_stamp(known, self.writer, now_ms())
        edited = layout.Edited(stamp, now_ms(), f"{name} <{mail}>", tuple(edits))
        return layout.edit_file(self._committed.directory(run_id), run_id, edited)


def _verb(edits: Sequence[Edit]) -> str:
    first = edits[0]
    return "tag" if isinstance(first, TagsSet) else type(first).__name__.lower()
