"""A command with the params of a trial in it; pure.

`{name}` stands for the param of that name, anywhere in a word; `{{name}}` for itself. A param that no
word names is appended as `--name value`. Braces around anything else, and `${name}`, are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.core.text import dump_json
from gittrack.launch.projects.project_values import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

VARIABLE = "GITTRACK_PARAM_"
"""What the variable of a param begins with; its name follows in capitals."""

_PLACE = re.compile(r"\{\{([^{}]+)\}\}|(?<!\$)\{([^{}]+)\}")


def text(value: Any) -> str:  # noqa: ANN401  JSON
    """A value as a program finds it: text and numbers as they are, others as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return dump_json(value).decode()


def named(words: Sequence[str], names: Collection[str]) -> set[str]:
    """The params that a command has a place for."""
    return {match[2] for word in words for match in _PLACE.finditer(word) if match[2] in names}


def unknown(words: Sequence[str], names: Collection[str]) -> list[str]:
    """What looks like a place for a param, but for a letter or two. Other braces are the program's own."""
    found = [match[2] for word in words for match in _PLACE.finditer(word) if match[2]]
    return [name for name in found if name not in names and nearest(name, names) is not None]


def fill(words: Sequence[str], params: Mapping[str, Any]) -> list[str]:
    """The words of one trial.

    Args:
        words: of the command.
        params: name to value.
    """

    def put(match: re.Match[str]) -> str:
        if match[1] in params:
            return "{" + match[1] + "}"
        return text(params[match[2]]) if match[2] in params else match[0]

    there = named(words, params)
    rest = [part for name in params if name not in there for part in (f"--{name}", text(params[name]))]
    return [_PLACE.sub(put, word) for word in words] + rest


def variables(params: Mapping[str, Any]) -> dict[str, str]:
    """The environment variables of a trial: `GITTRACK_PARAM_LR=0.1`."""
    return {f"{VARIABLE}{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}": text(params[name]) for name in params}
