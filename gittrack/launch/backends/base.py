"""What an engine is asked to do and what it answers: values, and the protocol that every backend keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Protocol

from gittrack.core.errors import GitTrackError

Handle = Mapping[str, Any]
"""What names a job to its engine; JSON, kept beside the run, so that any later process can ask."""

Phase = Literal["queued", "running", "finished", "failed", "cancelled", "lost"]
OVER: frozenset[Phase] = frozenset({"finished", "failed", "cancelled", "lost"})

Kind = Literal["text", "int", "number", "bool", "list", "mapping"]


@dataclass(frozen=True)
class Ticket:
    """A job, all of it: `gittrack exec` needs nothing else. JSON both ways.

    Attributes:
        run_id: of its run, chosen by the submitter.
        work: what to do. `kind` is `project` or `reproduce`; the rest see `launch.backends.work`.
        repository: that of the runs, a path on the machine of the submitter.
        code: that of the code, the same; None where the work says where the code comes from.
        source: the code, as `core.plain` writes a `Source`; the job checks its snapshot out.
        folder: where the job keeps its files, in `repository`: the ticket, its log.
        nonce: what stands in the file `nonce` of that folder: who reads it there shares the file system.
        remote: a Git URL that has the code and takes the run, for a job that does not share it.
        parent_id: the run that this one is nested in.
        python: words that start a Python with gittrack in it, on the machine of the job.
        variables: environment variables for the job.
        name: what the engine shows, short and plain.
        shared: whether the submitter takes the file system for shared.
    """

    run_id: str
    work: Mapping[str, Any]
    repository: str
    folder: str
    nonce: str
    python: tuple[str, ...]
    code: str | None = None
    source: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    remote: str | None = None
    parent_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    name: str = "gittrack"
    shared: bool = True

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: dict(value)
            if isinstance(value, Mapping)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Ticket:
        """The ticket that :meth:`to_json` wrote.

        Raises:
            ValueError: it is none.
        """
        try:
            return cls(**{**document, "python": tuple(document["python"])})
        except (TypeError, KeyError) as error:
            msg = f"not a ticket: {error}"
            raise ValueError(msg) from error


@dataclass(frozen=True)
class State:
    """What an engine says of a job.

    Attributes:
        phase: `lost` is a job that the engine does not know any more, or that it lost with a machine.
        exit_code: of the job's process, None where the engine does not say.
        reason: in a few words where there is one: why it waits, was refused or killed.
    """

    phase: Phase
    exit_code: int | None = None
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.phase in OVER


@dataclass(frozen=True)
class Option:
    """Something that a backend can be told.

    Attributes:
        name: of it.
        kind: of its value.
        help: what it does, in a few words.
        personal: whether only the user may say it: `gittrack.yaml` comes with the code, from anybody.
    """

    name: str
    kind: Kind
    help: str
    personal: bool = False


class EngineError(GitTrackError):
    """An engine is not there, or it does not do what it is asked."""


class EngineUnreachable(EngineError):
    """An engine does not answer: nothing is known of its jobs at the moment."""


class Rejected(EngineError):
    """An engine refuses a job."""


class Backend(Protocol):
    """An engine that runs jobs. Made with options that were checked against `OPTIONS`.

    Every method may raise EngineUnreachable where the engine does not answer, and EngineError where a
    library or a program is missing.

    Attributes:
        NAME: as it is called in `--backend`.
        OPTIONS: what it can be told; everything else is refused.
    """

    NAME: ClassVar[str]
    OPTIONS: ClassVar[tuple[Option, ...]]

    def __init__(self, options: Mapping[str, Any]) -> None: ...

    def shares(self, nonce: str) -> bool:
        """Whether jobs see the submitter's file system.

        Args:
            nonce: path of a file that was just written in the repository.
        """
        ...

    def submit(self, ticket: Ticket) -> Handle:
        """Hand a job over; gives what names it.

        Raises:
            Rejected: the engine refuses it.
        """
        ...

    def status(self, handle: Handle) -> State:
        """What the engine says of a job now."""
        ...

    def cancel(self, handle: Handle) -> None:
        """End a job; nothing where it is over."""
        ...

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the job prints.

        Each item is what came since the last one, empty where there is nothing new. It never waits, and ends
        only where nothing more can come.
        """
        ...

    def preview(self, ticket: Ticket) -> str:
        """The job in the engine's own words: a script, a manifest, a request. Hands nothing over."""
        ...
