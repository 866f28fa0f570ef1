"""The packages that are actually installed, read from the names of their `.dist-info` folders.

Their metadata is only opened where the name has no version: reading all takes ten times as long.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from gittrack.core.text import load_json
from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gittrack.core.redact import Redactor

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")
_PYTHON = re.compile(r"-py\d[\d.]*$", re.ASCII)


@dataclass(slots=True)
class Packages:
    """What is installed.

    Attributes:
        versions: name (normalised: lower case, `-`) to version, sorted by name.
        urls: where packages that came from no index came from: `git+https://…@commit`,
            `file:///…`, `-e file:///…` (editable), without credentials; sorted by name.
    """

    versions: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)


def installed(paths: Iterable[Path], redactor: Redactor) -> Packages:
    """The packages in some folders; of a name that is there twice, the first counts, as for import."""
    versions: dict[str, str] = {}
    urls: dict[str, str] = {}
    for path in paths:
        for entry in _information(path):
            name, version = _parsed(entry)
            if name and name not in versions:
                versions[name] = version
                url = _direct_url(entry.path)
                if url:
                    urls[name] = _redacted(url, redactor)
    return Packages(dict(sorted(versions.items())), dict(sorted(urls.items())))


def _information(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            found = [entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []  # a zip file, or not there
    return sorted(found, key=lambda entry: entry.name)


def _parsed(entry: os.DirEntry[str]) -> tuple[str, str]:
    """Normalised name and version; an empty name for what is no package."""
    stem, _, _ = entry.name.rpartition(".")
    name, _, version = _PYTHON.sub("", stem).partition("-")
    if not _NAME.fullmatch(name):
        return "", ""  # `~ip-24.0.dist-info`, left behind by pip
    return _SEPARATORS.sub("-", name).lower(), version or _version(entry.path)


def _version(path: str) -> str:
    for name in (f"{path}/METADATA", f"{path}/PKG-INFO", path):
        try:
            with open(name, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  one of many: fast
                for line in file:
                    if line.startswith("Version:"):
                        return line.partition(":")[2].strip()
                    if not line.strip():
                        break
        except OSError:
            continue
    return ""


def _direct_url(path: str) -> str | None:
    try:
        with open(f"{path}/direct_url.json", "rb") as file:  # noqa: PTH123  tried for each package: fast
            document = load_json(file.read())
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return None
    url: str = document["url"]
    vcs = _mapping(document, "vcs_info")
    if vcs:
        url = f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}"
    digest = _digest(_mapping(document, "archive_info"))
    url += f"#{digest}" if digest else ""
    return f"-e {url}" if _mapping(document, "dir_info").get("editable") is True else url


def _mapping(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _digest(archive: dict[str, Any]) -> str:
    hashes = _mapping(archive, "hashes")
    if isinstance(hashes.get("sha256"), str):
        return f"sha256={hashes['sha256']}"
    return archive["hash"] if isinstance(archive.get("hash"), str) else ""


def _redacted(url: str, redactor: Redactor) -> str:
    editable = "-e " if url.startswith("-e ") else ""
    return editable + redactor.url(url.removeprefix("-e "))
