"""What can happen to a run, and how each event changes it.

A run is the fold of its events: :func:`apply` is pure, and journals, commits, merges and imports all
move events. Points of metrics are the exception: they come by the million and stay in columns
(`core.series`).

As JSON (journal lines, edit files) an event is a mapping with `event` and the fields below, times in
milliseconds since the epoch. An event this version does not know is kept as :class:`Unknown` and
changes nothing.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from gittrack.core.plain import from_plain, to_plain
from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gittrack.core.records import Artifact, Input, Run, Source, Status


@dataclass(frozen=True, slots=True)
class Started:
    """The first event of a run or of a later attempt; carries what is known at the start.

    Attributes:
        run: the run as it starts. For a resumed run: as it was, with `attempt` one higher.
    """

    run: Run


@dataclass(frozen=True, slots=True)
class ParamsLogged:
    """Params got these values; the last value of a name holds."""

    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TagsSet:
    """Tags got these values; None removes a tag."""

    tags: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Noted:
    """The note became this text."""

    note: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """The run got this name."""

    name: str


@dataclass(frozen=True, slots=True)
class SourceCaptured:
    """The code was captured."""

    source: Source


@dataclass(frozen=True, slots=True)
class EnvironmentCaptured:
    """The environment was captured: the document of `environment.yaml`."""

    environment: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArtifactLogged:
    """A file or directory was logged; the last one of a path holds."""

    artifact: Artifact


@dataclass(frozen=True, slots=True)
class InputLogged:
    """An input was used; the last one of a name holds."""

    input: Input


@dataclass(frozen=True, slots=True)
class Ended:
    """The run came to its end."""

    status: Status
    time: int
    exit_code: int | None = None
    signal: str | None = None
    peak_memory: int | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The run was hidden."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The run was shown again."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Repeats were compared with the run, or it was the repeat: all that was found (`query.verdict.kept`)."""

    verdict: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a newer version."""

    body: Mapping[str, Any] = field(default_factory=dict)


Event = (
    Started
    | ParamsLogged
    | TagsSet
    | Noted
    | Renamed
    | SourceCaptured
    | EnvironmentCaptured
    | ArtifactLogged
    | InputLogged
    | Ended
    | Deleted
    | Restored
    | Judged
    | Unknown
)

Edit = TagsSet | Noted | Renamed | Deleted | Restored | Judged
"""What may happen to a run after it was committed."""


def apply(run: Run, event: Event) -> Run:  # noqa: C901, PLR0911  one case an event
    """The run after the event."""
    match event:
        case Started(run=started):
            return started
        case ParamsLogged(params=params):
            return dataclasses.replace(run, params={**run.params, **params})
        case TagsSet(tags=tags):
            merged = {**run.tags, **tags}
            return dataclasses.replace(run, tags={k: v for k, v in merged.items() if v is not None})
        case Noted(note=note):
            return dataclasses.replace(run, note=note)
        case Renamed(name=name):
            return dataclasses.replace(run, name=name)
        case SourceCaptured(source=source):
            return dataclasses.replace(run, source=source)
        case ArtifactLogged(artifact=artifact):
            kept = tuple(one for one in run.artifacts if one.path != artifact.path)
            return dataclasses.replace(run, artifacts=(*kept, artifact))
        case InputLogged(input=used):
            others = tuple(one for one in run.inputs if one.name != used.name)
            return dataclasses.replace(run, inputs=(*others, used))
        case Ended():
            return dataclasses.replace(
                run,
                status=event.status,
                end_time=event.time,
                exit_code=event.exit_code,
                signal=event.signal,
                peak_memory=max(event.peak_memory or 0, run.peak_memory or 0) or None,
            )
        case Deleted():
            return dataclasses.replace(run, deleted=True)
        case Restored():
            return dataclasses.replace(run, deleted=False)
        case _:
            return run


def fold(run: Run, events: Iterable[Event]) -> Run:
    """The run after all events, in their order."""
    params: dict[str, Any] | None = None  # params in a row are one change: thousands are a line each
    for event in events:
        if isinstance(event, ParamsLogged):
            params = dict(run.params) if params is None else params
            params.update(event.params)
        else:
            if params is not None:
                run, params = dataclasses.replace(run, params=params), None
            run = apply(run, event)
    return run if params is None else dataclasses.replace(run, params=params)


_NAMES: dict[str, type[Any]] = {
    "start": Started,
    "param": ParamsLogged,
    "tag": TagsSet,
    "note": Noted,
    "rename": Renamed,
    "source": SourceCaptured,
    "environment": EnvironmentCaptured,
    "artifact": ArtifactLogged,
    "input": InputLogged,
    "end": Ended,
    "delete": Deleted,
    "restore": Restored,
    "verdict": Judged,
}
_BY_TYPE = {kind: name for name, kind in _NAMES.items()}


def encode(event: Event) -> dict[str, Any]:
    """The event as a JSON mapping."""
    if isinstance(event, Unknown):
        return dict(event.body)
    return {"event": _BY_TYPE[type(event)], **to_plain(event)}


def decode(body: Mapping[str, Any]) -> Event:
    """The event that :func:`encode` wrote.

    Raises:
        ValueError: it has the name of a known event but not its fields, or is no mapping.
    """
    if not isinstance(body, dict):
        msg = "an event is a mapping"
        raise ValueError(msg)  # noqa: TRY004  the value comes from a file
    name = body.get("event")
    kind = _NAMES.get(name) if isinstance(name, str) else None
    if kind is None:
        return Unknown(dict(body))
    try:
        event: Event = from_plain(kind, body)
    except ValueError as error:
        msg = f"not a {name!r} event: {error}"
        raise ValueError(msg) from error
    return event
