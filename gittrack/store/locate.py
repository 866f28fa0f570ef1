"""Which repository the runs go to, and which one the code is in."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from gittrack.core.config import Config
from gittrack.core.errors import NotARepository
from gittrack.store.plumbing.git import Git, discover

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|[^/\\:]+@[^/\\:]+:|[a-z]{2,}::", re.ASCII | re.IGNORECASE)


class Located(NamedTuple):
    """Where things are.

    Attributes:
        runs: the repository that holds the runs.
        code: the repository of the current folder, None outside of one.
        config: what is set for the latter (for the former outside of one).
    """

    runs: Git
    code: Git | None
    config: Config


def is_url(text: str) -> bool:
    """Whether the name of a repository is a URL: `https://…`, `file://…`, `git@host:path`."""
    return _URL.match(text) is not None


def locate(where: str | Path | None, start: Path) -> Located:
    """Find the repositories.

    Args:
        where: the repository for the runs, a path or a Git URL; when None, what the configuration
            names as `repo`, else the repository that holds `start`.
        start: the current folder.

    Raises:
        NotARepository: there is none.
        RemoteError: a URL cannot be fetched.
    """
    code, trouble = _around(start)
    config = _config(code)
    name = where if where is not None else config.get("repo")
    if name is None:
        if code is None:
            raise trouble or AssertionError
        return Located(code, code, config)
    runs = _named(str(name), _base(config, where, code, start))
    if code is not None and runs.place.common_dir == code.place.common_dir:
        return Located(code, code, config)
    return Located(runs, code, config if code is not None else _config(runs))


def _around(start: Path) -> tuple[Git | None, NotARepository | None]:
    """The repository that holds a folder, or why there is none."""
    try:
        return discover(start), None
    except NotARepository as error:
        return None, error


def _base(config: Config, where: str | Path | None, code: Git | None, start: Path) -> Path:
    """What a relative path starts from: the top of the code where `gittrack.yaml` says it."""
    in_file = where is None and "gittrack.yaml" in config.origin("repo")
    return code.place.work_tree or start if in_file and code is not None else start


def _named(name: str, base: Path) -> Git:
    if is_url(name):
        from gittrack.store.sync.clones import open_url  # URLs are rare, and this needs more of Git

        return discover(open_url(name, os.environ))
    path = base / Path(name).expanduser()
    if not path.is_dir():
        msg = f"no such repository: {path}"
        raise NotARepository(msg, hint="--repo, GITTRACK_REPO and `repo:` take a folder or a Git URL")
    return discover(path)


def _config(git: Git | None) -> Config:
    if git is None:
        return Config.load(None, os.environ, dict)
    return Config.load(git.place.work_tree, os.environ, git.config_all)
