"""Addresses: `gittrack:PATH` names a repository, `gittrack:/PATH/@artifacts/…` what is in one; pure.

`PATH` may be relative, or the URL of a repository. Below `@artifacts/` come the experiment's id, then
`RUN/artifacts/…` or `models/MODEL/artifacts/…`, as in every artifact root of MLflow.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

SCHEME = "gittrack"
_ROOT = "@artifacts"
_RUN = re.compile(r"[^/]+/(?:models/)?([^/]+)/artifacts(?:/(.*))?", re.DOTALL)


class Place(NamedTuple):
    """What an address of artifacts names.

    Attributes:
        repository: a path or URL.
        within: below the root of artifacts; empty for the root itself.
    """

    repository: str
    within: str


def repository_of(uri: str) -> str:
    """The repository of a tracking URI: a path, `.` where none is given, or a URL."""
    return place_of(uri).repository


def place_of(uri: str) -> Place:
    """What an address names; one without `@artifacts` is the root of all artifacts of a repository."""
    path = unquote(uri.partition(":")[2].split("?", 1)[0].split("#", 1)[0])
    if path.startswith("//"):
        path = path[2:] if path.startswith("///") else path.removeprefix("//")
    head, _, within = path.partition(f"/{_ROOT}")
    return Place(head or ("/" if path.startswith(f"/{_ROOT}") else "."), within.strip("/"))


def artifact_root(repository: str) -> str:
    """The address of all artifacts of the repository at an absolute path."""
    return f"{SCHEME}:{quote(repository if repository.startswith('/') else '/' + repository)}/{_ROOT}"


def run_within(path: str) -> tuple[str, str] | None:
    """The run and the path among its artifacts of a path below the root; None where it names no run."""
    match = _RUN.fullmatch(path.strip("/"))
    return None if match is None else (match[1], (match[2] or "").strip("/"))
