"""What a backend is told: from the command line and `gittrack.yaml`, held against what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.core.text import load_json
from gittrack.launch.projects.project_values import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.core.config import Config
    from gittrack.launch.backends.base import Kind, Option

_TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "number": (int, float),
    "bool": (bool,),
    "list": (list, tuple),
    "mapping": (dict,),
}
_A = {
    "text": "text",
    "int": "a whole number",
    "number": "a number",
    "bool": "true or false",
    "list": "a list",
}


def parse(text: str) -> dict[str, Any]:
    """What `--backend-config` says.

    Args:
        text: a JSON object, or the path of a file with one.

    Raises:
        UsageError: it is neither.
    """
    is_file = not text.lstrip().startswith(("{", "["))
    try:
        found = load_json(Path(text).read_text(encoding="utf-8") if is_file else text)
    except (OSError, ValueError) as error:
        msg = f"--backend-config cannot be read: {error}"
        raise UsageError(msg, hint='give a JSON file, or JSON: \'{"key": "value"}\'') from error
    if not isinstance(found, dict):
        msg = "--backend-config is not a JSON object"
        raise UsageError(msg, hint='such as \'{"key": "value"}\'')
    return found


def given(config: Config, name: str, known: tuple[Option, ...], more: Mapping[str, Any]) -> dict[str, Any]:
    """What a backend is told: `backends.NAME` in `gittrack.yaml`, and more that wins over it.

    Raises:
        UsageError: `backends.NAME` is no mapping, or says what only the user may say.
    """
    configured = config.get("backends").get(name) or {}
    if not isinstance(configured, dict):
        msg = f"backends.{name} is not a mapping"
        raise UsageError(msg, hint="write its options below it, one a line, indented")
    personal = next((one.name for one in known if one.personal and one.name in configured), None)
    if personal is not None:
        msg = f"option {personal} of backend {name} is not for gittrack.yaml, which comes with the code"
        raise UsageError(msg, hint="give it with --backend-config")
    return {**configured, **more}


def checked(name: str, known: tuple[Option, ...], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, each known and of its kind.

    Raises:
        UsageError: one is not; the hint has the nearest name.
    """
    kinds = {option.name: option.kind for option in known}
    for key, value in options.items():
        if key not in kinds:
            msg = f"backend {name} has no option {str(key)[:60]!r}"
            near = nearest(str(key), kinds)
            raise UsageError(msg, hint=near or (f"it has: {', '.join(kinds)}" if kinds else "it has none"))
        if not _fits(value, kinds[key]):
            wanted = _A.get(kinds[key], f"a {kinds[key]}")
            msg = f"option {key} of backend {name} is not {wanted}: {value!r:.60}"
            raise UsageError(msg, hint=next(one.help for one in known if one.name == key))
    return {key: value for key, value in options.items() if value is not None}


def _fits(value: object, kind: Kind) -> bool:
    if value is None:
        return True
    if isinstance(value, bool):
        return kind == "bool"
    if kind == "text":  # it becomes a line of a script; YAML makes a number of `4`
        return isinstance(value, int) or (isinstance(value, str) and value.isprintable())
    return isinstance(value, _TYPES[kind])
