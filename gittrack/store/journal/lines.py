"""The lines of one journal file, ours or another language's, as events and points."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.events import Event, ParamsLogged, Started, TagsSet, decode
from gittrack.core.ids import is_key
from gittrack.core.series import Series
from gittrack.core.text import load_json, number_in
from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MS = 1_000_000
_LATEST = 2**63 // _MS - 1


class FileToLog(NamedTuple):
    """A file that a program asks to keep as an artifact.

    Attributes:
        file: where it is: absolute, or relative to where the program ran.
        path: what the run shall call it, None for the file's own name.
    """

    file: str
    path: str | None


class InputToLog(NamedTuple):
    """A file, folder or URL that a program says it uses.

    Attributes:
        file: where it is: a URL, absolute, or relative to where the program ran.
        name: what the run shall call it, None for its own name.
        context: what it is used for, None where that is not said.
        keep: whether its bytes shall be kept.
    """

    file: str
    name: str | None
    context: str | None
    keep: bool


@dataclass(slots=True)
class JournalLines:
    """What the lines of one file say.

    Attributes:
        name: of the file, for problems.
        time: of the line read last, ms since the epoch; before the first, when the file was written.
        alive: whether more lines may come.
        rank: of the writer.
        begins: whether a run starts in it.
        events: with their times, in the order of the file.
        keys: number to name of the metrics in the points files of this writer.
        series: points of `metric` lines by name and rank; their times in ns.
        files: see :class:`FileToLog`.
        inputs: see :class:`InputToLog`.
        folder: where the command of the run was started, None where that is not said.
        problems: lines that say nothing understandable.
    """

    name: str
    time: int
    alive: bool
    rank: int = 0
    begins: bool = False
    events: list[tuple[int, Event]] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)
    series: dict[tuple[str, int], Series] = field(default_factory=dict)
    files: list[FileToLog] = field(default_factory=list)
    inputs: list[InputToLog] = field(default_factory=list)
    folder: str | None = None
    problems: list[str] = field(default_factory=list)

    def read(self, data: bytes) -> None:
        """Take in the content of the file."""
        lines = data.split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                self._line(_parse(line))
            except (ValueError, TypeError, KeyError) as error:
                if number < len(lines):
                    self.problems.append(f"{self.name}:{number}: {error}")
                elif not self.alive:  # else the rest of it is on its way
                    self.problems.append(f"{self.name}:{number}: the line is cut off")

    def _line(self, body: Any) -> None:  # noqa: ANN401  any JSON value
        if not isinstance(body, dict):
            msg = "not a JSON object"
            raise TypeError(msg)
        time = body.get("time")
        if isinstance(time, (int, float)) and 0 < time < _LATEST:
            self.time = int(time)
        take = _READERS.get(str(body.get("event")), JournalLines._event)
        take(self, body)

    def _event(self, body: Mapping[str, Any]) -> None:
        event = decode(body)
        self.begins = self.begins or isinstance(event, Started)
        self.events.append((self.time, event))

    def _writer(self, body: Mapping[str, Any]) -> None:
        self.rank = _rank(body.get("rank", 0))

    def _key(self, body: Mapping[str, Any]) -> None:
        self.keys[int(body["n"])] = _checked(body["key"])

    def _param(self, body: Mapping[str, Any]) -> None:
        params = _mapping(body, "params")
        self.events.append((self.time, ParamsLogged(params)))

    def _tag(self, body: Mapping[str, Any]) -> None:
        tags = {key: value if value is None else str(value) for key, value in _mapping(body, "tags").items()}
        self.events.append((self.time, TagsSet(tags)))

    def _metric(self, body: Mapping[str, Any]) -> None:
        metrics = {key: number_in(value) for key, value in _mapping(body, "metrics").items()}
        step, rank = body.get("step"), _rank(body.get("rank", self.rank))
        if step is not None and (not isinstance(step, int) or not -(2**63) <= step < 2**63):
            msg = "step is not a whole number of 64 bits"
            raise ValueError(msg)
        for key, value in metrics.items():
            one = self.series.get((key, rank)) or Series(key, rank)
            self.series[key, rank] = one
            following = min(one.steps[-1] + 1, 2**63 - 1) if len(one) else 0
            one.append(following if step is None else step, value, self.time * _MS)

    def _artifact(self, body: Mapping[str, Any]) -> None:
        if "file" not in body:
            self._event(body)
            return
        file, path = body["file"], body.get("path")
        if not isinstance(file, str) or not isinstance(path, (str, type(None))):
            msg = "file and path are text"
            raise TypeError(msg)
        self.files.append(FileToLog(file, path))

    def _input(self, body: Mapping[str, Any]) -> None:
        if "file" not in body:
            self._event(body)
            return
        file, name, context = body["file"], body.get("name"), body.get("context")
        if not isinstance(file, str) or not all(
            isinstance(one, (str, type(None))) for one in (name, context)
        ):
            msg = "file, name and context are text"
            raise TypeError(msg)
        self.inputs.append(InputToLog(file, name, context, body.get("keep") is True))

    def _folder(self, body: Mapping[str, Any]) -> None:
        self.folder = str(body["folder"])


_READERS: dict[str, Callable[[JournalLines, Mapping[str, Any]], None]] = {
    "writer": JournalLines._writer,  # noqa: SLF001  the class's own table
    "key": JournalLines._key,  # noqa: SLF001  the same
    "metric": JournalLines._metric,  # noqa: SLF001  the same
    "param": JournalLines._param,  # noqa: SLF001  the same
    "tag": JournalLines._tag,  # noqa: SLF001  the same
    "artifact": JournalLines._artifact,  # noqa: SLF001  the same
    "input": JournalLines._input,  # noqa: SLF001  the same
    "folder": JournalLines._folder,  # noqa: SLF001  the same
}


def _parse(line: bytes) -> Any:  # noqa: ANN401  any JSON value
    try:
        return load_json(line)
    except ValueError as error:
        if b"NaN" in line or b"Infinity" in line:  # other languages' JSON writers write them bare
            try:
                return json.loads(line)
            except (ValueError, RecursionError):
                pass
        msg = f"not JSON: {error}"
        raise ValueError(msg) from error


def _mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """`{"params": {...}}`, or one `key` with its `value`."""
    given = body[name] if name in body else {body["key"]: body["value"]}
    if not isinstance(given, dict):
        msg = f"{name} is not an object"
        raise TypeError(msg)
    return {_checked(key): value for key, value in given.items()}


def _checked(key: Any) -> str:  # noqa: ANN401  any JSON value
    if not isinstance(key, str) or not is_key(key):
        msg = f"not a name: {key!r:.80}"
        raise ValueError(msg)
    return key


def _rank(value: Any) -> int:  # noqa: ANN401  any JSON value
    if not isinstance(value, int) or not 0 <= value < 2**31:
        msg = f"not a rank: {value!r:.80}"
        raise ValueError(msg)
    return value
