"""`gittrack.yaml`: reading it, and changing one value without touching the rest.

Pure: text in, values or text out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.core import text as yaml_text
from gittrack.core.config_keys import KEYS, Key
from gittrack.core.errors import GitTrackError
from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "gittrack.yaml"

_LINE = re.compile(r"( *)(?:\"([\w.]+)\"|'([\w.]+)'|([\w.]+)) *:(?:\s|$)", re.ASCII)
_SCALAR = re.compile(
    r"""[^\s#|>&*!{\["'][^#{}\[\]]*|"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\[\]{}"'#]*\]|\[(?:"[^"\\]*"(?:, *)?)*\]"""
)


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in the file.

    Attributes:
        values: of the settings that are set, by dotted name, as they are written.
        lines: dotted name to line number, 1 for the first; the nearest outer key's where a key
            stands in braces.
        unknown: dotted names that are no settings.
    """

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    unknown: tuple[str, ...]

    def place(self, name: str) -> str:
        """`gittrack.yaml line 3`."""
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return f"{NAME} line {self.lines[name]}" if name else NAME


def read(data: bytes) -> Document:
    """The settings in a `gittrack.yaml`.

    Raises:
        MalformedFile: it is not YAML, or not a mapping.
    """
    values: dict[str, Any] = {}
    unknown: list[str] = []
    _flatten(yaml_text.load(data, where=NAME), "", values, unknown)
    return Document(values, key_lines(data.decode()), tuple(unknown))


def _flatten(mapping: Mapping[str, Any], prefix: str, values: dict[str, Any], unknown: list[str]) -> None:
    for name, value in mapping.items():
        path = f"{prefix}{name}"
        if path in KEYS:
            if value is not None:
                values[path] = value
        elif isinstance(value, dict) and _is_section(path):
            _flatten(value, f"{path}.", values, unknown)
        elif value is not None or not _is_section(path):
            unknown.append(path)


def _is_section(path: str) -> bool:
    return any(name.startswith(f"{path}.") for name in KEYS)


def key_lines(text: str) -> dict[str, int]:
    """Dotted name to line number of the keys that start a line."""
    found: dict[str, int] = {}
    outer: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if not match:
            continue
        indent = len(match.group(1))
        while outer and outer[-1][0] >= indent:
            outer.pop()
        path = (outer[-1][1] + "." if outer else "") + (match.group(2) or match.group(3) or match.group(4))
        outer.append((indent, path))
        found.setdefault(path, number)
    return found


def write(text: str, key: Key, value: Any) -> str:  # noqa: ANN401  a JSON value
    """The text of `gittrack.yaml` with one setting changed; comments and order stay.

    Args:
        text: the file, empty when there is none.
        key: the setting, no mapping.
        value: what it becomes, None to take it out.

    Raises:
        GitTrackError: the value stands there in a form that cannot be changed safely.
    """
    lines = text.splitlines()
    places = key_lines(text)
    changed = (
        _replaced(lines, places, key, value) if key.name in places else _added(lines, places, key, value)
    )
    result = "\n".join(changed) + "\n" if changed else ""
    _check(text, result, key, value)
    return result


def _replaced(lines: list[str], places: Mapping[str, int], key: Key, value: Any) -> list[str]:  # noqa: ANN401
    index = places[key.name] - 1
    head, colon, rest = lines[index].partition(":")
    body = rest.strip()
    match = _SCALAR.match(body)
    comment = body[match.end() :].strip() if match else body
    if (comment and not comment.startswith("#")) or (not match and _has_block(lines, index)):
        raise _by_hand(key, index)
    if value is None:
        return lines[:index] + lines[index + 1 :]
    return [
        *lines[:index],
        f"{head}{colon} {_inline(value)}{'  ' + comment if comment else ''}",
        *lines[index + 1 :],
    ]


def _has_block(lines: list[str], index: int) -> bool:
    indent = len(lines[index]) - len(lines[index].lstrip())
    for line in lines[index + 1 :]:
        if line.strip() and not line.lstrip().startswith("#"):
            inner = len(line) - len(line.lstrip())
            return inner > indent or (inner == indent and line.lstrip().startswith("-"))
    return False


def _added(lines: list[str], places: Mapping[str, int], key: Key, value: Any) -> list[str]:  # noqa: ANN401
    if value is None:
        return lines
    section, _, name = key.name.rpartition(".")
    if section not in places:
        block = [f"{section}:", f"  {name}: {_inline(value)}"] if section else [f"{name}: {_inline(value)}"]
        return [*lines, *block]
    index = places[section] - 1
    if lines[index].partition(":")[2].split("#")[0].strip():
        raise _by_hand(key, index)
    siblings = [line for path, line in places.items() if path.rpartition(".")[0] == section]
    first = lines[min(siblings) - 1] if siblings else "  "
    indent = " " * (len(first) - len(first.lstrip()) or 2)
    return [*lines[: index + 1], f"{indent}{name}: {_inline(value)}", *lines[index + 1 :]]


def _check(before: str, after: str, key: Key, value: Any) -> None:  # noqa: ANN401
    """Read the result again: whatever the lines looked like, only this value may differ."""
    wanted = dict(read(before.encode()).values)
    wanted.pop(key.name, None)
    if value is not None:
        wanted[key.name] = list(value) if isinstance(value, tuple) else value
    try:
        found = dict(read(after.encode()).values)
    except GitTrackError:
        found = {}
    if found != wanted:
        raise _by_hand(key, key_lines(before).get(key.name, 1) - 1)


def _inline(value: Any) -> str:  # noqa: ANN401
    return yaml_text.dump({"value": [value]}).decode().partition("- ")[2].rstrip("\n")


def _by_hand(key: Key, index: int) -> GitTrackError:
    return GitTrackError(
        f"{NAME} line {index + 1}: {key.name} stands there in a form that gittrack does not change",
        hint=f"edit {NAME} by hand",
    )
