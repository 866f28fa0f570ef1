"""What `docker_env` asks for, held against what engines may be given; nothing of it can be an option."""

from __future__ import annotations

import fnmatch
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import InvalidValue, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,499}", re.ASCII)
_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_OPTIONS = re.compile(r"[A-Za-z0-9][A-Za-z0-9,=_-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ARGUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)


class Mount(NamedTuple):
    """Something of the machine in a container.

    Attributes:
        source: a path, absolute, or the name of a volume; empty for a new volume.
        target: where in the container, absolute.
        options: `ro` and the like, joined by commas.
    """

    source: str
    target: str
    options: str = ""


def check_image(name: str) -> str:
    """The name of an image.

    Raises:
        InvalidValue: it is none.
    """
    if not _IMAGE.fullmatch(name):
        msg = f"not the name of an image: {name[:80]!r}"
        raise InvalidValue(msg, hint="such as python:3.12-slim, or registry.example.org/team/image@sha256:…")
    return name


def mount(text: str, directory: Path) -> Mount:
    """A volume as docker writes it: `/on/host:/in/container[:ro]`, `NAME:/in/container`, `/in/container`.

    Relative paths start at the project; `~` and `$NAME` are replaced, as the shell of MLflow does.

    Args:
        text: the volume.
        directory: the project.

    Raises:
        InvalidValue: it is none.
    """
    parts = _split(os.path.expandvars(text))
    source, target, options = ("", *parts, "") if len(parts) == 1 else (*parts, "", "")[:3]
    if len(parts) > 3 or not target.startswith("/") or (options and not _OPTIONS.fullmatch(options)):  # noqa: PLR2004
        raise _no_volume(text)
    if not source or _NAMED.fullmatch(source):
        return Mount(source, target, options)
    if not source.startswith(("/", ".", "~")) and not Path(source).is_absolute():
        raise _no_volume(text)
    return Mount(os.path.normpath(directory / Path(source).expanduser()), target, options)


def _split(text: str) -> list[str]:
    """At colons, that of a drive of Windows excepted."""
    drive = text[:2] if os.name == "nt" and re.match(r"[A-Za-z]:[\\/]", text) else ""
    first, *rest = text[len(drive) :].split(":")
    return [drive + first, *rest]


def _no_volume(text: str) -> InvalidValue:
    msg = f"not a volume: {text[:120]!r}"
    return InvalidValue(msg, hint="write /on/this/machine:/in/container, with :ro to only read it")


def check_consent(paths: Iterable[str], inside: Path, allowed: Iterable[str]) -> None:
    """See that a project that was fetched gets no folder of this machine that nobody gave it.

    Args:
        paths: on this machine, absolute.
        inside: the project, whose own files it may have.
        allowed: globs of paths that the user has set in `containers.volumes`.

    Raises:
        UsageError: it asks for one.
    """
    top = inside.resolve()
    globs = [os.path.expanduser(one) for one in allowed]  # noqa: PTH111  may hold wildcards
    for path in paths:
        real = Path(path).resolve()
        if real.is_relative_to(top) or any(fnmatch.fnmatchcase(str(real), glob) for glob in globs):
            continue
        msg = f"this project was fetched, and wants {path[:200]} of this machine in its container"
        hint = (
            f"allow it if you trust the project: git config --add gittrack.containers.volumes '{path[:200]}'"
        )
        raise UsageError(msg, hint=hint)


def check_variable(name: str) -> str:
    """The name of an environment variable.

    Raises:
        InvalidValue: it is none.
    """
    if not _VARIABLE.fullmatch(name):
        msg = f"not the name of an environment variable: {name[:80]!r}"
        raise InvalidValue(msg, hint="letters, digits and _")
    return name


def copied(names: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables to copy from this machine.

    Raises:
        InvalidValue: a name is none.
        UsageError: one is not set, as in MLflow.
    """
    wanted = tuple(check_variable(name) for name in names)
    absent = [name for name in wanted if name not in environ]
    if absent:
        msg = f"the project copies environment variables that are not set: {', '.join(absent)}"
        raise UsageError(msg, hint=f"export {absent[0]}=…")
    return wanted


def arguments(given: Iterable[str]) -> tuple[str, ...]:
    """The words for `docker run` from `-A NAME` and `-A NAME=VALUE`, as MLflow makes them.

    Raises:
        UsageError: one has no name, or a name comes twice.
    """
    words: list[str] = []
    seen: set[str] = set()
    for text in given:
        name, equals, value = text.partition("=")
        if not _ARGUMENT.fullmatch(name):
            msg = f"not an argument of `docker run`: {text[:80]!r}"
            raise UsageError(msg, hint="write -A gpus=all for --gpus all, -A t for -t")
        if name in seen:
            msg = f"argument {name!r} is given twice"
            raise UsageError(msg, hint="what has to be there twice goes into `containers.run_options`")
        seen.add(name)
        words += [f"-{name}" if len(name) == 1 else f"--{name}", *([value] if equals else [])]
    return tuple(words)
