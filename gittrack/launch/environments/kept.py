"""The environments that are kept: which there are, and removing them."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.core.times import iso
from gittrack.launch.environments.cache import Cache, default_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gittrack.launch.environments.cache import Environment

_FEWEST = 4  # digits that name an environment


class NoSuchEnvironment(GitTrackError):
    """No environment, or several, bear a name."""


class EnvironmentInUse(GitTrackError):
    """An environment cannot be removed now."""


@dataclass(frozen=True)
class Kept:
    """An environment that is kept.

    Attributes:
        digest: its name.
        manager: who made it.
        source: the file that asked for it.
        wants: what that asked for, a requirement each.
        python: its version, None for one without.
        packages: how many it has.
        size: bytes that removing it frees.
        created: when it was made, ISO 8601, empty where that is not known.
        used: when it was last used, the same.
        used_ms: the same in milliseconds since the epoch.
        in_use: whether something runs in it now.
        path: its folder.
    """

    digest: str
    manager: str
    source: str
    wants: tuple[str, ...]
    python: str | None
    packages: int
    size: int
    created: str
    used: str
    used_ms: int
    in_use: bool
    path: str

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        found = asdict(self)
        del found["used_ms"]
        return found | {"wants": list(self.wants)}


def kept(folder: Path | None = None) -> list[Kept]:
    """The environments, the most recently used first.

    Args:
        folder: where they are kept, `cache.default_folder` when None.
    """
    cache = _cache(folder)
    return [_describe(cache, one) for one in reversed(cache.all())]


def remove(names: Sequence[str], folder: Path | None = None) -> list[Kept]:
    """Remove environments; gives those that were there.

    Args:
        names: digests, or their first digits.
        folder: where they are kept.

    Raises:
        NoSuchEnvironment: a name means none, or several; nothing is removed then.
        EnvironmentInUse: one is being made, or something runs in it.
    """
    cache = _cache(folder)
    there = {one.digest: one for one in kept(cache.folder)}
    meant = dict.fromkeys(_meant(name, list(there)) for name in names)
    going = [there[digest] for digest in meant]
    for one in going:
        if not cache.remove(one.digest):
            msg = f"environment {one.digest[:12]} is in use"
            raise EnvironmentInUse(
                msg, hint="wait for the run to end; `gittrack env ls` says which are in use"
            )
    return going


def prune(
    *,
    unused_for: float | None = None,
    max_size: int | None = None,
    keep: int | None = None,
    folder: Path | None = None,
) -> list[Kept]:
    """Remove the least recently used environments that nothing runs in, and what killed processes left.

    Args:
        unused_for: seconds after which an unused one goes.
        max_size: bytes that all of them may have.
        keep: how many may stay.
        folder: where they are kept.

    Returns:
        Those that were removed.
    """
    cache = _cache(folder)
    there = {one.digest: one for one in kept(cache.folder)}
    gone = cache.trim(keep=keep, unused_for=unused_for, max_size=max_size)
    return [there[one.digest] for one in gone if one.digest in there]


def _cache(folder: Path | None) -> Cache:
    return Cache(folder or default_folder(os.environ))


def _meant(name: str, digests: Sequence[str]) -> str:
    found = [one for one in digests if one.startswith(name)] if len(name) >= _FEWEST else []
    if len(found) != 1:
        msg = f"{'several environments begin' if found else 'no environment begins'} with {name[:40]!r}"
        raise NoSuchEnvironment(msg, hint="`gittrack env ls` has their names")
    return found[0]


def _describe(cache: Cache, one: Environment) -> Kept:
    asked, installed = _mapping(one.about, "asked"), _mapping(one.about, "installed")
    wants = asked.get("requirements") or asked.get("dependencies") or []
    conda = _mapping(asked, "conda").get("dependencies") or []
    lines = [text for text in (*conda, *wants) if isinstance(text, str)]
    return Kept(
        one.digest,
        str(one.about.get("tool", "")),
        str(asked.get("source", "")),
        tuple(lines),
        installed.get("python"),
        len({**_mapping(installed, "packages"), **_mapping(installed, "conda")}),
        one.size(),
        str(one.about.get("created", "")),
        iso(one.used),
        one.used,
        cache.in_use(one.digest),
        str(one.path),
    )


def _mapping(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}
