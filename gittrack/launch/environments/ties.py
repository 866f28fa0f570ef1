"""What code of this machine an environment depends on: its content, or its place when used in place."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gittrack.launch.environments.requirements import Local

_METADATA = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_SKIPPED = frozenset({"__pycache__", "node_modules", "build", "dist", "venv"})


def of(sources: Iterable[Local]) -> tuple[str, ...]:
    """One text for each source, equal as long as installing it gives the same.

    Code that is used in place counts with its path and the files that say what it needs; the rest
    with the content of all its files, hidden folders, caches and build folders apart.
    """
    return tuple(_place(one.path) if one.editable else _content(one.path) for one in sources)


def _place(path: Path) -> str:
    digest = hashlib.sha256()
    for name in _METADATA:
        digest.update(f"\0{name}\0".encode() + _bytes(path / name))
    return f"{path} {digest.hexdigest()}"


def _content(path: Path) -> str:
    digest = hashlib.sha256()
    if path.is_file():
        digest.update(_bytes(path))
    else:
        for name, file in _files(path):
            digest.update(
                f"\0{name}\0".encode(errors="surrogateescape") + hashlib.sha256(_bytes(file)).digest()
            )
    return f"{path.name} {digest.hexdigest()}"


def _files(top: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not _skipped(name))
        for name in sorted(names):
            file = top.__class__(folder, name)
            if not name.endswith((".pyc", ".pyo")) and file.is_file():
                yield file.relative_to(top).as_posix(), file


def _skipped(name: str) -> bool:
    return name in _SKIPPED or name.startswith(".") or name.endswith(".egg-info")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
