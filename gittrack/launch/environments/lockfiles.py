"""What lock files pin: `uv.lock`, and `pylock.toml` as PEP 751 has it.

Sources: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile (version 1; no promise about its
inside, so a file that looks otherwise pins nothing), https://packaging.python.org/en/latest/specifications/pylock-toml/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import MalformedFile
from gittrack.launch.environments.toml import load_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SEPARATORS = re.compile(r"[-_.]+")
_LOCAL = re.compile(rb'^source = \{ (editable|directory|virtual|path) = "([^"\n]*)" \}', re.MULTILINE)


class Pin(NamedTuple):
    """One package of a lock.

    Attributes:
        versions: those that may be installed; more than one when the lock forks by platform, none for
            the project itself and other code of this machine, whose version is not pinned.
        certain: whether it has to be there on every platform.
    """

    versions: tuple[str, ...]
    certain: bool


def normalised(name: str) -> str:
    """The name of a package as all spell it: lower case, `-`."""
    return _SEPARATORS.sub("-", name).lower()


def parse_uv(text: str, *, where: str) -> dict[str, Pin]:
    """The pins of a `uv.lock`, sorted by name.

    Raises:
        MalformedFile: it is not TOML.
    """
    packages = [
        one for one in _tables(load_toml(text, where=where), "package") if isinstance(one.get("name"), str)
    ]
    certain = _reachable(packages)
    pins: dict[str, set[str]] = {}
    for one in packages:
        found = pins.setdefault(normalised(one["name"]), set())
        if isinstance(one.get("version"), str) and not _is_local(one.get("source")):
            found.add(one["version"])
    return {
        name: Pin(tuple(sorted(found)), bool(found) and name in certain)
        for name, found in sorted(pins.items())
    }


def parse_pylock(text: str, *, where: str) -> dict[str, Pin]:
    """The pins of a `pylock.toml`, sorted by name.

    Raises:
        MalformedFile: it is not TOML, or of a version that is not 1.
    """
    document = load_toml(text, where=where)
    version = str(document.get("lock-version", ""))
    if version.partition(".")[0] != "1":
        raise MalformedFile(
            where,
            f"lock-version {version or 'missing'}",
            hint="write it again: uv export --format pylock.toml",
        )
    pins: dict[str, list[Mapping[str, Any]]] = {}
    for one in _tables(document, "packages"):
        if isinstance(one.get("name"), str) and isinstance(one.get("version"), str):
            pins.setdefault(normalised(one["name"]), []).append(one)
    return {
        name: Pin(tuple(sorted({one["version"] for one in found})), not any("marker" in one for one in found))
        for name, found in sorted(pins.items())
    }


def local_sources(data: bytes) -> list[tuple[str, str]]:
    """Kind and path of what a `uv.lock` installs from this machine; cheap, for it does not parse."""
    return sorted({(kind.decode(), path.decode(errors="replace")) for kind, path in _LOCAL.findall(data)})


def _reachable(packages: list[dict[str, Any]]) -> set[str]:
    """Names that the local packages need whatever the platform: along edges without a marker."""
    edges: dict[str, set[str]] = {}
    for one in packages:
        needs = {
            item["name"] for item in _tables(one, "dependencies") if "marker" not in item and "name" in item
        }
        edges.setdefault(one["name"], set()).update(needs)
    waiting = [one["name"] for one in packages if _is_local(one.get("source"))]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += edges.get(name, ())
    return {normalised(name) for name in seen}


def _is_local(source: object) -> bool:
    return isinstance(source, dict) and bool(source.keys() & {"editable", "directory", "virtual"})


def _tables(document: Mapping[str, Any], key: str) -> Iterable[dict[str, Any]]:
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
