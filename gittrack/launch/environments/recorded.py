"""From the environment that a run recorded to one with the same packages."""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import InvalidValue
from gittrack.core.text import load_json
from gittrack.launch.environments.failures import without_credentials
from gittrack.launch.environments.plans import Missing, Plan, name_of
from gittrack.launch.environments.requirements import Requirements
from gittrack.launch.environments.versions import normal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*", re.ASCII)
_VCS = re.compile(r"git\+(?:https?|ssh)://[^\s;#]+@[0-9a-f]{7,64}(?:#[\w=&./-]*)?", re.ASCII)
_ARCHIVE = re.compile(r"https?://[^\s;#]+(?:#sha256=[0-9a-f]{64})?", re.ASCII)
_UNAVAILABLE = re.compile(
    r"(?:Because|and|,) (?P<name>[A-Za-z0-9][\w.-]*) was not found in (?:the package registry|the cache|any)"
    r"|there (?:is|are) no versions? of (?P<pinned>[A-Za-z0-9][\w.-]*)(?:\[[\w,-]*\])?=="
    r"|(?P<wheel>[A-Za-z0-9][\w.-]*)==[\w.!+-]+ has no (?:usable wheels|wheels with a matching)"
    r"|Failed to (?:download and build|build|download|fetch|resolve)[^`]*`"
    r"(?P<built>[A-Za-z0-9][\w.-]*?)(?:==| @ |`)"
)


def from_record(document: Mapping[str, Any], *, directory: Path) -> Plan:
    """The plan of an environment with exactly the packages that a run had.

    Args:
        document: `environment.yaml` of the run: `python`, `packages`, `direct_urls`, `platform`.
        directory: the project, for messages; nothing is read from it.

    Returns:
        A plan whose `missing` names what cannot be had from anywhere: packages installed from a folder
        of the machine, in place or not, and from a version control system without a commit.
    """
    packages, urls = _mapping(document, "packages"), _mapping(document, "direct_urls")
    lines: list[str] = []
    missing: list[Missing] = []
    for name in sorted({*packages, *urls}):
        found = _line(name, packages.get(name), urls.get(name))
        if isinstance(found, Missing):
            missing.append(found)
        else:
            lines.append(found)
    python = _python(_mapping(document, "python").get("version"))
    layers = (Requirements(tuple(lines)),)
    notes = tuple(_notes(document))
    return Plan("uv", "record", directory, python, layers, exact=True, missing=tuple(missing), notes=notes)


def unavailable(output: str, plan: Plan) -> tuple[Missing, ...]:
    """The packages of a plan that uv's message says cannot be had."""
    text = " ".join(output.split())
    found = {
        next(filter(None, match.group("name", "pinned", "wheel", "built")))
        for match in _UNAVAILABLE.finditer(text)
    }
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in found}
    asked = {name: line for layer in plan.layers for line in layer.lines if (name := name_of(line)) in names}
    return tuple(
        Missing(name, without_credentials(line), "no index has it for this Python and platform")
        for name, line in sorted(asked.items())
    )


def _line(name: object, version: object, url: object) -> str | Missing:
    """A requirement with one package, or why it cannot be had."""
    shown = without_credentials(str(url or f"{name}=={version}"))[:200]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return Missing(str(name)[:80], shown, "not the name of a package")
    if name == "gittrack" and (url or not isinstance(version, str)):
        own = _own()
        return own or Missing(name, shown, "it was installed from a folder of another machine")
    if url:
        return _from_url(name, str(url), shown)
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        return Missing(name, shown, "its version is not known")
    return f"{name}=={version}"


def _from_url(name: str, url: str, shown: str) -> str | Missing:
    if url.startswith("-e "):
        return Missing(name, shown, "it was used in place, from a folder of the machine of the run")
    if url.startswith("file:"):
        return Missing(name, shown, "it was installed from a folder of the machine of the run")
    if _VCS.fullmatch(url) or ("git+" not in url and _ARCHIVE.fullmatch(url)):
        return f"{name} @ {url}"
    if re.match(r"[a-z]+\+", url):
        return Missing(name, shown, "its commit is not known, or it is not from Git")
    return Missing(name, shown, "not a URL that packages come from")


def _own() -> str | None:
    """A requirement for the gittrack that runs this, where it came from a folder; None where it did not.

    A run that calls gittrack needs one, and the record's is as good as this.
    """
    import importlib.metadata

    try:
        text = importlib.metadata.distribution("gittrack").read_text("direct_url.json")
        url = load_json(text)["url"] if text else None
    except (importlib.metadata.PackageNotFoundError, ValueError, KeyError, TypeError):
        return None
    return f"gittrack @ {url}" if isinstance(url, str) and url.startswith("file:") else None


def _python(version: object) -> str | None:
    try:
        return normal(version, where="the recorded environment")
    except InvalidValue:
        return None


def _notes(document: Mapping[str, Any]) -> list[str]:
    notes = []
    python = _mapping(document, "python")
    if python.get("kind") == "conda":
        notes.append("recorded in a Conda environment: its packages that are not Python's are not known")
    if python.get("implementation") not in {None, "CPython"}:
        notes.append(f"recorded with {str(python['implementation'])[:40]}")
    there, here = _mapping(document, "platform").get("machine"), platform.machine()
    if isinstance(there, str) and there.lower() not in {here.lower(), ""}:
        notes.append(f"recorded on {there[:40]}, this is {here}")
    return notes


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}
