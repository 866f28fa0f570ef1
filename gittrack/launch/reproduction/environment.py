"""Which environment a run is repeated in: the one that is there where it is the same, else a restored one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gittrack.core.errors import UsageError
from gittrack.query.fingerprint import TOOLS
from gittrack.tracking import interpreter, packages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.redact import Redactor
    from gittrack.launch.environments import Plan

CHOICES = ("local", "recorded")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?", re.ASCII)
_SHOWN = 3


class Choice(NamedTuple):
    """The environment for a repetition.

    Attributes:
        kind: `local` for what is there, `recorded` for a restored one.
        reason: why, in one sentence.
        plan: how to restore it, None for `local`.
        path: folders that go in front of PATH.
        differs: packages of the local environment that are not as recorded, one line each.
        as_asked: whether the caller wants the environment as it is, variables included.
        container: what the record has of the container, None where there was none or it is not wanted.
    """

    kind: Literal["local", "recorded"]
    reason: str
    plan: Plan | None = None
    path: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    as_asked: bool = False
    container: Mapping[str, Any] | None = None


def choose(
    document: Mapping[str, Any],
    words: Sequence[str],
    asked: str | None,
    *,
    directory: Path,
    redactor: Redactor,
) -> Choice:
    """The environment to take.

    Args:
        document: `environment.yaml` of the original.
        words: the command.
        asked: `local`, `recorded`, or None: local where it has the recorded packages, else restored.
        directory: where the command runs.
        redactor: hides secrets in URLs of packages.

    Raises:
        UsageError: there is no such choice.
    """
    if asked not in {None, *CHOICES}:
        msg = f"no such environment: {asked!r:.60}"
        raise UsageError(msg, hint=f"there are: {', '.join(CHOICES)}; without --env the better one is taken")
    container = _mapping(document, "container")
    if container and asked != "local":
        return Choice(
            "recorded", f"the container of the run, image {container.get('image')}", container=container
        )
    if not document.get("packages") and not document.get("python"):
        return Choice("local", "no environment was recorded", as_asked=asked == "local")
    candidates = list(_candidates(words))
    found = [(path, _differences(document, where, redactor)) for where, path in candidates]
    same = next((path for path, differs in found if not differs), None)
    if asked == "local":
        differs = found[0][1]
        what = "it is as recorded" if not differs else f"it differs in {_few(differs)}"
        return Choice("local", f"as asked for; {what}", differs=differs, as_asked=True)
    if same is not None and asked is None:
        return Choice("local", "it has the recorded packages", path=same)
    from gittrack.launch.environments import from_record

    plan = from_record(document, directory=directory)
    why = "as asked for" if asked else f"the local one differs in {_few(found[0][1])}"
    return Choice("recorded", why, plan, differs=found[0][1])


def notes(choice: Choice) -> list[str]:
    """What a person should know of it."""
    given = choice.container.get("arguments") if choice.container is not None else None
    if not isinstance(given, list) or not given:
        return []
    return [f"the run had {' '.join(map(str, given))}: set `containers.run_options` for the same"]


def _candidates(words: Sequence[str]) -> list[tuple[interpreter.Interpreter, tuple[str, ...]]]:
    """The interpreter that the command finds on PATH, and the one that runs this, with how to find it."""
    name = words[0] if words and _PYTHON.fullmatch(os.path.basename(words[0])) else "python"  # noqa: PTH119  text
    path = shutil.which(name) or shutil.which("python3")
    mine = (interpreter.own(), (str(Path(sys.executable).parent),))
    if path is None:
        return [mine]
    if interpreter.is_own(Path(path)):
        return [(interpreter.own(), ())]
    return [(interpreter.other(Path(path)), ()), mine]


def _differences(
    document: Mapping[str, Any], now: interpreter.Interpreter, redactor: Redactor
) -> tuple[str, ...]:
    """What is otherwise than recorded, one line each."""
    installed = packages.installed(now.paths, redactor)
    recorded = _mapping(document, "python").get("version")
    lines = [] if recorded in {None, now.version} else [f"Python {recorded} → {now.version}"]
    for part, there in (("packages", installed.versions), ("direct_urls", installed.urls)):
        before = {str(name): str(value) for name, value in _mapping(document, part).items()}
        names = sorted(
            {*before, *there} - TOOLS, key=lambda name: (name not in before, name not in there, name)
        )
        lines += [
            f"{name} {before.get(name, 'absent')} → {there.get(name, 'absent')}"
            for name in names
            if before.get(name) != there.get(name)
        ]
    return tuple(lines)


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _few(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return ", ".join(lines[:_SHOWN]) + more
