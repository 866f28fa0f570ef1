"""From the template of a command to the command; pure.

As MLflow computes it: `str.format` with every value quoted for the shell, then `--key value` for each
param that was given without being declared. Because values come quoted, a template that puts `{x}`
between quotes quotes twice.
"""

from __future__ import annotations

import re
import shlex
import shutil
import string
import subprocess
import sys
from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FORMATTER = string.Formatter()
_BEFORE_ATTRIBUTES = re.compile(r"[.\[]")


def fill(template: str, params: Mapping[str, object], extra: Mapping[str, object]) -> str:
    """The command for a shell.

    Args:
        template: with `{name}` for params; literal braces are doubled.
        params: of the entry point: name to value; values become text by `str`.
        extra: params that it does not declare.

    Raises:
        InvalidValue: the template uses a param that is not declared, or is none.
    """
    quoted = {name: quote(str(value)) for name, value in params.items()}
    try:
        filled = template.format(**quoted)
    except KeyError as error:
        name = str(error.args[0])
        msg = f"the command uses {{{name}}}, which is no param of this entry point"
        raise InvalidValue(msg, hint=f"declare it, or write {{{{{name}}}}} for braces") from error
    except (IndexError, ValueError, AttributeError, TypeError) as error:
        msg = f"the command is no template: {error}"
        raise InvalidValue(msg, hint="write {name} for a param, and {{ or }} for a brace") from error
    return " ".join([filled, *(f"--{quote(name)} {quote(str(value))}" for name, value in extra.items())])


def names(template: str) -> list[str]:
    """The params that a template uses, each once, in order; an empty name for a bare `{}`.

    Raises:
        ValueError: it is no template.
    """
    return list(dict.fromkeys(_names(template)))


def _names(template: str) -> Iterator[str]:
    for _, name, spec, _ in _FORMATTER.parse(template):
        if name is not None:
            yield _BEFORE_ATTRIBUTES.split(name, 1)[0]
        if spec:
            yield from _names(spec)


def quoted(template: str) -> list[str]:
    """The params that a template puts between quotes of its own: they would be quoted twice.

    Raises:
        ValueError: it is no template.
    """
    found, mark = [], ""
    for literal, name, _, _ in _FORMATTER.parse(template):
        for character in literal:
            if character in {"'", '"'} and mark in {"", character}:
                mark = "" if mark else character
        if name and mark:
            found.append(_BEFORE_ATTRIBUTES.split(name, 1)[0])
    return list(dict.fromkeys(found))


def quote(text: str) -> str:
    """A word for the shell that commands run in."""
    return subprocess.list2cmdline([text]) if sys.platform == "win32" else shlex.quote(text)


def shell(command: str) -> tuple[str, ...]:
    """The words that run a command in a shell: bash as in MLflow, another one where there is none.

    Raises:
        UsageError: there is no shell.
    """
    if sys.platform == "win32":
        return ("cmd", "/c", command)
    for name in ("bash", "sh"):
        if shutil.which(name):
            return (name, "-c", command)
    msg = "there is no shell to run a command in"
    raise UsageError(msg, hint="install bash, or put it on PATH")
