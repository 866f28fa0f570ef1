"""The settings: what there is to set, and how a value (JSON, or text from outside a file) is read."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["text", "choice", "bool", "size", "seconds", "list", "lines", "mapping"]


@dataclass(frozen=True, slots=True)
class Key:
    """One setting.

    Attributes:
        name: dotted, as in `gittrack.yaml`.
        kind: `text`; `choice` (of `choices`); `bool`; `size` (bytes, int); `seconds` (float); `list` (of
            text; where it comes as text, separated by commas or line breaks); `lines` (of text,
            separated by line breaks only); `mapping` (in `gittrack.yaml` only).
        default: the value where nothing is set.
        help: what it does, in one line.
        choices: what a `choice` may be.
        personal: whether it is the user's alone: `gittrack.yaml`, which others write too, cannot set it.
    """

    name: str
    kind: Kind
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    personal: bool = False

    @property
    def variable(self) -> str | None:
        """The environment variable that sets it, None for a mapping."""
        return None if self.kind == "mapping" else "GITTRACK_" + re.sub(r"\W", "_", self.name).upper()

    @property
    def git_name(self) -> str | None:
        """The name in Git's configuration, which knows no underscores; None for a mapping."""
        if self.kind == "mapping":
            return None
        return "gittrack." + re.sub(r"_(\w)", lambda match: match.group(1).upper(), self.name)


_KEYS = (
    Key("experiment", "text", "default", "experiment of runs that name none"),
    Key("repo", "text", None, "another repository to record in: a path or a Git URL"),
    Key("topic", "text", None, "topic that runs go to instead of the runs branch: see `gittrack branch`"),
    Key("runs.remote", "text", None, "remote that push and pull use for runs: a name or a Git URL"),
    Key(
        "code.push",
        "choice",
        "all",
        "which code snapshots push publishes: all, those of committed code only, or none",
        ("all", "committed", "none"),
    ),
    Key(
        "snapshot.enabled",
        "bool",
        True,  # noqa: FBT003  the default
        "whether a run keeps the code as it was, uncommitted changes included",
    ),
    Key("snapshot.max_file_size", "size", 10_000_000, "largest uncommitted file that a snapshot takes"),
    Key("snapshot.max_total_size", "size", 100_000_000, "most that a snapshot takes of uncommitted files"),
    Key("snapshot.allow", "list", (), "files that a snapshot takes although they look like secrets (globs)"),
    Key("output.max_size", "size", 10_000_000, "most that is kept of a command's output"),
    Key("monitor.interval", "seconds", 10.0, "seconds between two readings of system metrics, 0 for none"),
    Key(
        "live.publish_every",
        "seconds",
        0.0,
        "seconds between two pushes of a running run's state, 0 for none",
    ),
    Key("redact.keys", "list", (), "further names whose values are secrets (globs)"),
    Key("redact.patterns", "lines", (), "further shapes of secrets (regular expressions)"),
    Key("environment.variables", "list", (), "further environment variables to record (globs)"),
    Key(
        "containers.engine",
        "text",
        None,
        "command that runs containers: docker, podman, with options",
        personal=True,
    ),
    Key(
        "containers.run_options",
        "text",
        None,
        "further options of `docker run`, as in a shell",
        personal=True,
    ),
    Key("containers.build_options", "text", None, "the same of `docker build`", personal=True),
    Key(
        "containers.volumes",
        "list",
        (),
        "folders that projects from elsewhere may have in their container (globs)",
        personal=True,
    ),
    Key("artifacts.url", "text", None, "where push puts artifacts: any fsspec URL"),
    Key("artifacts.options", "mapping", {}, "options of the store: endpoint_url, region, storage_class, …"),
    Key(
        "artifacts.branch_limit",
        "size",
        1_000_000,
        "largest reviewable artifact that goes onto the runs branch",
    ),
    Key(
        "artifacts.branch_total",
        "size",
        10_000_000,
        "most that one run puts onto the runs branch as artifacts",
    ),
    Key("artifacts.cache_limit", "size", 10_000_000_000, "most that is kept of downloaded artifacts"),
    Key("artifacts.compare", "mapping", {}, "how reproduced artifacts are compared: glob to rule"),
    Key("backends", "mapping", {}, "what engines are told: name of a backend to its options"),
    Key("metrics", "mapping", {}, "goal, tolerances and gate of metrics: glob to {goal, atol, rtol, gate}"),
    Key("gates", "lines", (), "what `gittrack check` requires: `val_acc >= baseline - 0.002` and the like"),
)
KEYS: Mapping[str, Key] = {key.name: key for key in _KEYS}
"""Every setting by its name."""

_UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([kmgt]?i?)b?", re.IGNORECASE)
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def size(text: str) -> int:
    """Bytes: `10MB` → 10,000,000, `1.5 GiB` → 1,610,612,736, `200` → 200.

    Raises:
        ValueError: it is not a size.
    """
    match = _SIZE.fullmatch(text.strip())
    unit = match and _UNITS.get(match.group(2).lower())
    if not match or not unit:
        msg = f"not a size: {text[:80]!r}"
        raise ValueError(msg)
    return round(float(match.group(1)) * unit)


def parse(key: Key, value: Any) -> Any:  # noqa: ANN401  a JSON value in, the type of the key out
    """The value of a setting.

    Args:
        key: the setting.
        value: JSON or text.

    Returns:
        str, bool, int, float, tuple of str or dict, after the kind of the key.

    Raises:
        ValueError: it cannot be one; the message says `not a …: value`.
    """
    try:
        found = _PARSERS[key.kind](value)
    except (ValueError, OverflowError) as error:
        raise _unfit(key, value) from error
    if key.kind == "choice" and found not in key.choices:
        raise _unfit(key, value)
    return found


def _unfit(key: Key, value: object) -> ValueError:
    what = f"one of {', '.join(key.choices)}" if key.choices else _WHAT[key.kind]
    text = repr(value)
    return ValueError(f"not {what}: {text if len(text) <= 80 else text[:77] + '...'}")  # noqa: PLR2004  one line


_WHAT: Mapping[Kind, str] = {
    "text": "one line of text",
    "bool": "true or false",
    "size": "a size",
    "seconds": "a number of seconds",
    "list": "a list of texts",
    "lines": "a list of texts",
    "mapping": "a mapping",
}


def expected(key: Key) -> str:
    """What to write, for a hint."""
    if key.kind == "choice":
        return f"write {', '.join(key.choices[:-1])} or {key.choices[-1]}"
    return _EXPECTED[key.kind]


_EXPECTED: Mapping[Kind, str] = {
    "text": "write one line of text, in quotes where YAML would take it for something else",
    "bool": "write true or false",
    "size": "write a number of bytes, or one with a unit: 500kB, 10MB, 1.5GiB",
    "seconds": "write a number of seconds, 0 for none",
    "list": 'write a list of texts: ["one", "two"]',
    "lines": 'write a list of texts: ["one", "two"]',
    "mapping": "write names and values, one a line, indented",
}


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError
    return value


def _bool(value: object) -> bool:
    found = (
        value
        if isinstance(value, bool)
        else _BOOLEANS.get(value.strip().lower())
        if isinstance(value, str)
        else None
    )
    if found is None:
        raise ValueError
    return found


def _size(value: object) -> int:
    if isinstance(value, str):
        return size(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError
    return round(value)


def _seconds(value: object) -> float:
    if isinstance(value, str):
        text = value.strip().lower()
        value = 0.0 if text == "off" else float(text.removesuffix("s"))
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError
    return float(value)


def _texts(separators: str) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            value = re.split(separators, value)
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise ValueError
        return tuple(item.strip() for item in value if item.strip())

    return read


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError
    return value


_PARSERS: Mapping[Kind, Callable[[Any], Any]] = {
    "text": _text,
    "choice": _text,
    "bool": _bool,
    "size": _size,
    "seconds": _seconds,
    "list": _texts(r"[,\n]"),
    "lines": _texts(r"\n"),
    "mapping": _mapping,
}
