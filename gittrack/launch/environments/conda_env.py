"""`conda.yaml`: the environment file of Conda, and when it is no more than Python and pip packages.

Format: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html. Only
its channels, dependencies and variables count: where an environment goes is not for a file to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.core.text import load
from gittrack.launch.environments.python_env import texts, unknown_keys
from gittrack.launch.environments.versions import normal

_KEYS = ("name", "channels", "dependencies", "variables", "prefix", "platforms", "category")
_SPEC = re.compile(
    r"(?:(?P<channel>[A-Za-z0-9][\w./-]*)::)?(?P<name>[A-Za-z0-9_][\w.-]*)"
    r"(?P<version>\s*(?:[=<>!~]=?=?|\s)[^\[\]]*)?(?P<brackets>\[[^\[\]]*\])?"
)
_CHANNEL = re.compile(r"(?:https?|file)://\S+|/\S+|[A-Za-z0-9_][\w.+/@-]*")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLAIN = re.compile(r"(?P<name>[\w.-]+)\s*(?P<operator>[=<>!~]=?=?)?\s*(?P<rest>[\d.*,<>=!]*)", re.ASCII)
_ALSO_ON_PYPI = frozenset({"pip", "setuptools", "wheel"})


@dataclass(frozen=True)
class CondaEnv:
    """What the file asks for.

    Attributes:
        channels: in the order of preference.
        dependencies: match specs, sorted.
        pip: requirement lines for pip.
        variables: environment variables that are set in it.
        notes: what was not understood.
    """

    channels: tuple[str, ...]
    dependencies: tuple[str, ...]
    pip: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def parse(data: bytes, *, where: str) -> CondaEnv:
    """The content of such a file.

    Raises:
        MalformedFile: it is no YAML, or something in it cannot be a channel, a match spec or a variable.
    """
    document = load(data, where=where)
    specs: list[str] = []
    pip: list[str] = []
    for item in document.get("dependencies") or []:
        if isinstance(item, str):
            specs.append(_spec(item, where))
        elif isinstance(item, dict) and set(item) == {"pip"}:
            pip += texts(item["pip"], "pip", where)
        else:
            raise MalformedFile(
                where, f"no dependency: {str(item)[:60]}", hint="write `- name=version`, or `- pip:` once"
            )
    channels = texts(document.get("channels"), "channels", where)
    for channel in channels:
        if not _CHANNEL.fullmatch(channel):
            raise MalformedFile(
                where, f"no channel: {channel[:60]!r}", hint="a name like conda-forge, or a URL"
            )
    variables = _variables(document.get("variables"), where)
    notes = unknown_keys(document, _KEYS, where)
    return CondaEnv(channels, tuple(sorted(set(specs))), tuple(pip), variables, notes)


def python_of(env: CondaEnv) -> str | None:
    """The match spec's wish for a Python version, as :func:`versions.normal` gives it, if it is one."""
    for spec in env.dependencies:
        match = _PLAIN.fullmatch(spec)
        if match and match["name"] == "python" and match["rest"]:
            try:
                return normal(_pep440(match["operator"] or "=", match["rest"]), where="conda.yaml")
            except InvalidValue:
                return None
    return None


def as_pip(env: CondaEnv) -> tuple[str, ...] | None:
    """The versions of pip, setuptools and wheel, when the rest is Python and pip packages; else None.

    Such an environment needs no Conda: what the channels have of these is the same as what PyPI has.
    """
    lines = []
    for spec in env.dependencies:
        match = _PLAIN.fullmatch(spec)
        if match is None:
            return None
        if match["name"] == "python":
            if match["rest"] and python_of(env) is None:
                return None
        elif match["name"] in _ALSO_ON_PYPI:
            version = _pep440(match["operator"] or "=", match["rest"]) if match["rest"] else ""
            lines.append(match["name"] + (f"=={version}.*" if version[:1].isdigit() else version))
        else:
            return None
    return tuple(lines)


def _pep440(operator: str, rest: str) -> str:
    """A version of a match spec (`=3.8`, `>=3.8,<4`) as PEP 440 says it; `=3.8` stays a bare `3.8`."""
    if operator == "=":
        return rest.removesuffix("*").rstrip(".")
    return operator + rest


def _spec(text: str, where: str) -> str:
    text = " ".join(text.split())
    match = _SPEC.fullmatch(text)
    if match is None or len(text) > 200:  # noqa: PLR2004  no spec is that long
        raise MalformedFile(
            where, f"no match spec: {text[:60]!r}", hint="write it like numpy, numpy=1.26 or numpy>=1.26,<2"
        )
    return text


def _variables(value: Any, where: str) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  from a file
    if value is None:
        return ()
    good = isinstance(value, dict) and all(
        _VARIABLE.fullmatch(name) and isinstance(item, (str, int, float)) and "\0" not in str(item)
        for name, item in value.items()
    )
    if not good:
        raise MalformedFile(where, "variables are not names with values")
    return tuple(sorted((name, str(item)) for name, item in value.items()))
