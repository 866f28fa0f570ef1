"""What a run is: frozen values, nothing that acts.

Times are milliseconds since the epoch, sizes are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["queued", "running", "finished", "failed", "killed", "oom", "interrupted", "lost"]
STATUSES: tuple[Status, ...] = get_args(Status)

Value = Any
"""A param or tag value: text, int, float, bool, None, or a list or mapping of them (JSON)."""


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """What one metric came to, over the points that count (see `core.series`).

    Attributes:
        last: value of the last point.
        step: its step.
        time: its time.
        min: smallest value that is a number, NaN when there is none.
        max: largest value that is a number, NaN when there is none.
        count: number of points.
    """

    last: float
    step: int
    time: int
    min: float
    max: float
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """The code that ran.

    Attributes:
        commit: HEAD at the start, None without any commit.
        dirty: whether the work tree differed from it.
        snapshot: commit that holds the tree as it was, uncommitted and untracked files included;
            equal to `commit` when clean, None when it was not taken.
        branch: name of the branch, None when HEAD was detached.
        remote: URL of the remote, without credentials.
        directory: where the command ran, relative to the top of the work tree (`.` at the top).
        left_out: files that the snapshot leaves out, each with its reason.
        missing: why there is no snapshot (`no repository`, `disabled`, ...), None otherwise.
    """

    commit: str | None = None
    dirty: bool = False
    snapshot: str | None = None
    branch: str | None = None
    remote: str | None = None
    directory: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a run made.

    Attributes:
        path: its name within the run, with `/`.
        sha256: digest in hexadecimal; of the manifest for a directory.
        size: of the file, or of all files of the directory.
        kind: `file` or `directory`.
    """

    path: str
    sha256: str
    size: int
    kind: Literal["file", "directory"] = "file"


@dataclass(frozen=True, slots=True)
class Input:
    """A dataset or file that a run used.

    Attributes:
        name: what the run calls it.
        uri: where it was.
        sha256: digest in hexadecimal, None where it was not read; of the manifest for a directory.
        size: None where unknown.
        version: ETag, object version or the like, None where there is none.
        kind: `file`, `directory`, `dataframe`, `series`, `array` or `dataset`; None where unknown.
        context: what the run used it for: `train`, `test`, ...
        shape: rows and columns of a table, lengths of an array; empty for what has none.
        columns: name to type of the columns of a table; empty for a very wide one.
        kept: whether its bytes went into the artifact store.
    """

    name: str
    uri: str
    sha256: str | None = None
    size: int | None = None
    version: str | None = None
    kind: str | None = None
    context: str | None = None
    shape: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as the fold of its events.

    Attributes:
        id: see `core.ids`.
        experiment: the group it belongs to.
        name: what people call it, need not be unique.
        status: one of `STATUSES`.
        start_time: milliseconds since the epoch.
        end_time: the same, None while it runs.
        exit_code: of the process, None when unknown or killed by a signal.
        signal: name of the signal that ended it (`SIGKILL`), None otherwise.
        command: the words of the command line.
        user: who ran it.
        host: where.
        parent_id: the run this one is nested in.
        source: the code.
        params: name to value.
        metrics: name to summary.
        tags: name to text.
        note: free text, Markdown.
        inputs: datasets used.
        artifacts: files made.
        peak_memory: largest resident set of the process, bytes.
        attempt: 1, and one more for each time it was resumed; 0 while it waits for an engine.
        deleted: hidden by `gittrack rm`.
        extra: fields of a newer version, kept as they are.
    """

    id: str
    experiment: str = "default"
    name: str = ""
    status: Status = "running"
    start_time: int = 0
    end_time: int | None = None
    exit_code: int | None = None
    signal: str | None = None
    command: tuple[str, ...] = ()
    user: str | None = None
    host: str | None = None
    parent_id: str | None = None
    source: Source = field(default_factory=Source)
    params: Mapping[str, Value] = field(default_factory=dict)
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    inputs: tuple[Input, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    peak_memory: int | None = None
    attempt: int = 1
    deleted: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration_ms(self) -> int | None:
        """Milliseconds from start to end, None while it runs."""
        return None if self.end_time is None else self.end_time - self.start_time
