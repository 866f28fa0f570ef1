"""Environments that are kept: one folder each, named by the digest of what determines it.

::

    <user cache>/gittrack/environments/
      <digest>/environment.json    what was asked and installed; written last: without it, there is none
      <digest>/env/                the environment
      locks/<digest>.lock          held while it is made or removed
      locks/<digest>.<random>.use  held by a process that runs something in it
      making/<digest>-<random>/    being made, or left behind by a process that was killed
      removing/<random>/           on its way out

The time of `environment.json` is when the environment was last used.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.files import is_locked, locked, try_lock, write_atomic
from gittrack.core.ids import random_text
from gittrack.core.text import dump_json, load_json
from gittrack.core.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKER = "environment.json"
_DIGEST = re.compile(r"[0-9a-f]{40}")
_PATIENCE = 6 * 3600.0  # seconds: another process may be building something large


@dataclass(frozen=True)
class Environment:
    """An environment that is there.

    Attributes:
        digest: its name.
        path: its folder, `bin` or `Scripts` in it.
        used: when it was last used, milliseconds since the epoch.
        about: what was asked and installed, as `environment.json` has it.
    """

    digest: str
    path: Path
    used: int
    about: dict[str, Any]

    @property
    def programs(self) -> Path:
        """The folder of its programs."""
        return self.path / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter; a Conda environment may have none."""
        conda = (self.path / "conda-meta").is_dir()
        folder = self.path if conda and sys.platform == "win32" else self.programs
        return folder / ("python.exe" if sys.platform == "win32" else "python")

    def size(self) -> int:
        """Bytes that removing it would free: files that are also in uv's cache or elsewhere count nothing."""
        total = 0
        for folder, _, names in os.walk(self.path.parent):
            for name in names:
                with contextlib.suppress(OSError):
                    status = os.lstat(f"{folder}/{name}")
                    total += status.st_size if status.st_nlink == 1 else 0
        return total


def default_folder(environ: Mapping[str, str]) -> Path:
    """Where environments are kept: in the cache folder that the system gives each user."""
    home = Path(environ.get("HOME") or Path.home())
    if environ.get("XDG_CACHE_HOME"):
        top = Path(environ["XDG_CACHE_HOME"])
    elif sys.platform == "darwin":
        top = home / "Library" / "Caches"
    elif sys.platform == "win32":
        top = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        top = home / ".cache"
    return top / "gittrack" / "environments"


_held: dict[str, int] = {}


def _overflowing(there: list[Environment], most: int) -> list[Environment]:
    """The least recently used ones that have to go for the others to fit."""
    sizes = [one.size() for one in there]
    total, going = sum(sizes), []
    for one, size in zip(there, sizes, strict=True):
        if total <= most:
            break
        going.append(one)
        total -= size
    return going


class Cache:
    """The environments below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, digest: str) -> Environment | None:
        """A whole environment, None when there is none or its Python is gone."""
        marker = self.folder / digest / MARKER
        try:
            about = load_json(marker.read_bytes())
            used = marker.stat().st_mtime_ns // 1_000_000
        except (OSError, ValueError):
            return None
        if not isinstance(about, dict):
            return None
        found = Environment(digest, self.folder / digest / "env", used, about)
        return found if not about.get("python") or found.python.exists() else None

    def touch(self, digest: str) -> None:
        """Note that an environment is used now."""
        with contextlib.suppress(OSError):
            os.utime(self.folder / digest / MARKER)

    def hold(self, digest: str) -> Environment | None:
        """An environment that nobody removes before this process ends; None when there is none."""
        if self.find(digest) is None:
            return None
        with locked(self.lock_of(digest), timeout=_PATIENCE):
            found = self.find(digest)
            key = str(self.folder / digest)
            if found is not None and key not in _held:
                path = self.folder / "locks" / f"{digest}.{random_text(8)}.use"
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                try_lock(descriptor)
                _held[key] = descriptor  # for the whole life of the process
            return found

    def in_use(self, digest: str) -> bool:
        """Whether a process runs something in an environment."""
        used = False
        for path in (self.folder / "locks").glob(f"{digest}.*.use"):
            if is_locked(path):
                used = True
            else:
                path.unlink(missing_ok=True)
        return used

    def lock_of(self, digest: str) -> Path:
        """The lock file of an environment."""
        return self.folder / "locks" / f"{digest}.lock"

    @contextlib.contextmanager
    def alone(self, digest: str, timeout: float = _PATIENCE) -> Iterator[None]:
        """Make or remove an environment while nobody else does; what a killed process left of it goes first.

        Raises:
            TimeoutError: somebody else was at it for the whole time.
        """
        with locked(self.lock_of(digest), timeout=timeout):
            for left in (self.folder / "making").glob(f"{digest}-*"):
                shutil.rmtree(left, ignore_errors=True)
            self.drop_unmarked(digest)
            yield

    def drop_unmarked(self, digest: str) -> None:
        """Remove what bears the name of an environment and is none; only for who is alone with it."""
        if (self.folder / digest).exists() and self.find(digest) is None:
            self._take_out(digest)

    @contextlib.contextmanager
    def beside(self, digest: str) -> Iterator[Path]:
        """A folder to make an environment in, gone at the end unless it was put in place."""
        folder = self.folder / "making" / f"{digest}-{random_text(8)}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, digest: str, folder: Path, about: Mapping[str, Any]) -> Environment:
        """Put an environment in place that was made beside.

        Args:
            digest: its name.
            folder: holds `env`.
            about: what `environment.json` says.
        """
        write_atomic(folder / MARKER, dump_json(about), sync=True)
        folder.replace(self.folder / digest)
        return Environment(digest, self.folder / digest / "env", now_ms(), dict(about))

    def all(self) -> list[Environment]:
        """The environments, the least recently used first."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = [self.find(name) for name in names if _DIGEST.fullmatch(name)]
        return sorted((one for one in found if one is not None), key=lambda one: (one.used, one.digest))

    def remove(self, digest: str) -> bool:
        """Remove an environment; False when there is none, it is just being made, or something runs in it."""
        if not _DIGEST.fullmatch(digest) or not (self.folder / digest).exists():
            return False
        try:
            with locked(self.lock_of(digest), timeout=0.0):
                if self.in_use(digest):
                    return False
                self._take_out(digest)
        except TimeoutError:
            return False
        return True

    def trim(
        self, *, keep: int | None = None, unused_for: float | None = None, max_size: int | None = None
    ) -> list[Environment]:
        """Remove the least recently used environments, and what killed processes left behind.

        Args:
            keep: how many may stay.
            unused_for: seconds after which an unused one goes.
            max_size: bytes that all of them may have, as :meth:`Environment.size` counts.

        Returns:
            Those that were removed.
        """
        there = self.all()
        going = there[: max(0, len(there) - keep)] if keep is not None else []
        if unused_for is not None:
            oldest = now_ms() - unused_for * 1000
            going += [one for one in there if one.used < oldest and one not in going]
        if max_size is not None:
            going += _overflowing([one for one in there if one not in going], max_size)
        self._sweep()
        return [one for one in going if self.remove(one.digest)]

    def _sweep(self) -> None:
        shutil.rmtree(self.folder / "removing", ignore_errors=True)
        for left in (self.folder / "making").glob("*-*"):
            with contextlib.suppress(TimeoutError), locked(self.lock_of(left.name[:40]), timeout=0.0):
                shutil.rmtree(left, ignore_errors=True)

    def _take_out(self, digest: str) -> None:
        """Rename, then remove: a removal that is cut off leaves no half environment."""
        target = self.folder / "removing" / random_text(12)
        target.parent.mkdir(exist_ok=True)
        (self.folder / digest).replace(target)
        shutil.rmtree(target, ignore_errors=True)
