"""The params of one run of an entry point: what was given, defaults, and what is missing or wrong.

Pure but for asking which local paths exist.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.project_values import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.launch.projects.project_values import EntryPoint, Param

    Fetch = Callable[[str, int], Path]
    """Downloads a URL for the param at a position, and says where the file or folder is now; an empty
    text is an empty folder, as in MLflow."""

_INTEGERS = {"int", "integer"}
_ARTICLES = {"float": "a number", "int": "a whole number", "integer": "a whole number"}


class WrongParam(GitTrackError):
    """A param is missing, or its value does not fit."""


@dataclass(frozen=True, slots=True)
class Given:
    """The params of one run.

    Attributes:
        declared: those of the entry point: name to value as it was given or declared.
        extra: those that it does not declare: name to value.
        paths: the names of `path` params.
        defaults: the names of those that were not given.
        notes: what a person should know.
    """

    declared: Mapping[str, Any]
    extra: Mapping[str, Any]
    paths: tuple[str, ...] = ()
    defaults: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def all(self) -> dict[str, Any]:
        """Declared ones, then the others."""
        return {**self.declared, **self.extra}


def choose(entry: EntryPoint, given: Mapping[str, Any]) -> Given:
    """What each param is.

    Args:
        entry: the entry point.
        given: name to value, text where it comes from a command line.

    Raises:
        WrongParam: one is missing, no number where one is wanted, or no URI.
    """
    missing = [name for name, param in entry.params.items() if name not in given and param.default is None]
    if missing:
        words = ", ".join(missing)
        one = missing[0]
        msg = f"entry point {entry.name!r} needs the param{'s' * (len(missing) > 1)} {words}"
        raise WrongParam(msg, hint=f"give it with -P {one}=…, or a default in MLproject")
    declared = {}
    for name, param in entry.params.items():
        value = given.get(name, param.default)
        _check(param, value, was_given=name in given)
        declared[name] = value
    extra = {name: value for name, value in given.items() if name not in declared}
    return Given(
        declared,
        extra,
        tuple(name for name, param in entry.params.items() if param.type == "path"),
        frozenset(name for name in declared if name not in given),
        tuple(_typos(entry, extra)),
    )


def _typos(entry: EntryPoint, extra: Mapping[str, Any]) -> list[str]:
    found = []
    for name in extra:
        near = nearest(name, entry.params)
        if near:
            found.append(f"param {name!r} is not declared and is passed on as --{name}: {near}")
    return found


def _check(param: Param, value: Any, *, was_given: bool) -> None:  # noqa: ANN401  YAML or what a caller gives
    if param.type == "uri" and not urlsplit(str(value)).scheme:
        msg = f"param {param.name!r} is a URI, not {str(value)[:80]!r}"
        raise WrongParam(msg, hint="write it with its scheme: s3://…, file:///…")
    if was_given and param.type in _ARTICLES and not _is_number(param.type, value):
        msg = f"param {param.name!r} is {_ARTICLES[param.type]}, not {str(value)[:80]!r}"
        raise WrongParam(msg, hint=f"-P {param.name}=1, or another type in MLproject")


def _is_number(kind: str, value: Any) -> bool:  # noqa: ANN401  the same
    try:
        number = float(value)
        return kind not in _INTEGERS or (number.is_integer() and not isinstance(value, bool))
    except (TypeError, ValueError):
        return False


def resolve(given: Given, fetch: Fetch, *, here: Path, project: Path) -> dict[str, str]:
    """The `path` params as paths on this machine: name to an absolute path.

    A relative path starts at the current folder as in MLflow; a default may start at the project
    besides.

    Args:
        given: from :func:`choose`.
        fetch: called for each URL.
        here: the current folder.
        project: the folder of the project.

    Raises:
        WrongParam: there is no such file or folder.
    """
    found: dict[str, str] = {}
    names = list(given.declared)
    for name in given.paths:
        text = str(given.declared[name])
        local = local_path(text)
        if local is None or not text:
            found[name] = str(fetch(text, names.index(name)))
            continue
        bases = [here, project] if name in given.defaults else [here]
        candidates = [os.path.abspath(base / one) for base in bases for one in local]  # noqa: PTH100  MLflow keeps links
        there = next((one for one in candidates if os.path.exists(one)), None)  # noqa: PTH110  MLflow's rule
        if there is None:
            msg = f"param {name!r} names no file or folder: {text[:200]!r}"
            raise WrongParam(msg, hint=f"it was looked for in {' and '.join(map(str, bases))}")
        found[name] = there
    return found


def path_in(url_path: str) -> str:
    """The path on this machine that the path of a `file:` URL means."""
    if os.name != "nt":
        return unquote(url_path)  # what url2pathname does, whose module loads half of the network
    from urllib.request import url2pathname

    return url2pathname(url_path)


def local_path(text: str) -> tuple[str, ...] | None:
    """What a path or `file:` URI may name on this machine, None for another URI.

    As in MLflow, `%20` and the like in a path are decoded; the path as it stands comes second.
    """
    parts = urlsplit(text)
    if parts.scheme == "file" and not parts.netloc:
        return (path_in(parts.path),)
    if parts.scheme and not (os.name == "nt" and len(parts.scheme) == 1):
        return None
    return tuple(dict.fromkeys((unquote(text), text)))
