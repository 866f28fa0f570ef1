"""Params in the arguments of a command; pure.

::

    --lr 0.1 --lr=0.1 -lr 0.1     lr: 0.1
    lr=0.1 +model.lr=0.1          lr: 0.1, model.lr: 0.1 (Hydra)
    --use-amp --no-cache          use-amp: true, no-cache: true
    --layers 64 128               layers: [64, 128]
    --seed 1 --seed 2             seed: [1, 2]

Whether a word belongs to the option before it, only the program knows: `--fast data.csv` may be a
flag and a file. It is taken as the value; what was really given is in the command of the run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.tracking.launchers import program_arguments
from gittrack.tracking.scalars import is_number, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY_LIMIT = 250
_VALUE_LIMIT = 10_000  # characters; more is data, not a setting
_OPTION = re.compile(r"--?(?P<key>[A-Za-z_][^=]*)(?:=(?P<value>.*))?", re.DOTALL)
_GLUED = re.compile(r"-(?P<key>[A-Za-z])(?P<value>\d+(?:\.\d+)?)", re.ASCII)
_PAIR = re.compile(r"\+{0,2}(?P<key>[A-Za-z_][\w.@/-]*)=(?P<value>.*)", re.ASCII | re.DOTALL)


def params_of(command: Sequence[str]) -> dict[str, Any]:
    """The params that a command line gives to its program.

    Args:
        command: its words, launchers and interpreters included.

    Returns:
        Name to a JSON value; a repeated option becomes a list.
    """
    words = program_arguments(command)
    if "--" in words:
        words = words[: words.index("--")]
    params: dict[str, Any] = {}
    seen: set[str] = set()
    at = 0
    while at < len(words):
        key, value, width = _read(words, at)
        at += width
        if key is None or len(key) > _KEY_LIMIT or not key.isprintable() or len(str(value)) > _VALUE_LIMIT:
            continue
        params[key] = _both(params[key], value) if key in seen else value
        seen.add(key)
    return params


def _read(words: Sequence[str], at: int) -> tuple[str | None, Any, int]:
    """Key (None where there is no param), value, and how many words they take."""
    word = words[at]
    if match := _GLUED.fullmatch(word) or _PAIR.fullmatch(word):
        return match["key"], typed(match["value"]), 1
    match = None if is_number(word) else _OPTION.fullmatch(word)
    if match is None:
        return None, None, 1
    if match["value"] is not None:
        return match["key"], typed(match["value"]), 1
    values = [typed(value) for value in _values(words[at + 1 :])]
    value = values[0] if len(values) == 1 else values
    return match["key"], value if values else True, 1 + len(values)


def _values(rest: Sequence[str]) -> list[str]:
    """The words that belong to an option: the next one, and further numbers after a number."""
    values: list[str] = []
    for word in rest:
        if word != "-" and not is_number(word) and (word.startswith("-") or _PAIR.fullmatch(word)):
            break
        if values and not (is_number(values[0]) and is_number(word)):
            break
        values.append(word)
    return values


def _both(earlier: Any, later: Any) -> list[Any]:  # noqa: ANN401  JSON values
    return [*(earlier if isinstance(earlier, list) else [earlier]), later]
