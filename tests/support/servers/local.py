"""A folder, as a network file system shows it, and the memory of this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.support.servers.base import Access

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NO_LOGIN = "there is no login"
_NO_NETWORK = "there is no network"


class Folder:
    """A store is a folder. There is no server: NFS and the like are mounted by the system."""

    name = "file"
    cannot: Mapping[str, str] = {
        **dict.fromkeys(("wrong", "unknown", "anonymous"), _NO_LOGIN),
        **dict.fromkeys(("unreachable", "proxy"), _NO_NETWORK),
        **({"read-only": "root may write everywhere"} if os.geteuid() == 0 else {}),
    }
    many = 300
    port = 0

    def missing(self) -> str | None:
        """A folder is always there."""
        return None

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._folder = folder

    def stop(self) -> None:
        """There is nothing to end."""

    def make(self, place: str) -> None:
        """As in `Server`."""
        (self._folder / place).mkdir(parents=True)

    def folder(self, place: str) -> Path:
        """As in `Server`."""
        return self._folder / place

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:  # noqa: ARG002
        """As in `Server`."""
        path = self._folder / ("nowhere" if case == "no-store" else place)
        if path.is_dir():
            path.chmod(0o555 if case == "read-only" else 0o755)
        return Access(path.as_uri())


class Memory:
    """What fsspec keeps in this process."""

    name = "memory"
    cannot: Mapping[str, str] = {
        **dict.fromkeys(("wrong", "unknown", "anonymous", "read-only"), _NO_LOGIN),
        **dict.fromkeys(("unreachable", "proxy"), _NO_NETWORK),
        "no-store": "memory is always there",
        "processes": "memory belongs to one process",
    }
    many = 300
    port = 0

    def missing(self) -> str | None:
        """Memory is always there."""
        return None

    def start(self, folder: Path) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to end."""

    def make(self, place: str) -> None:
        """Nothing has to be made."""

    def folder(self, place: str) -> None:
        """Nothing that could be looked into."""

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:  # noqa: ARG002
        """As in `Server`."""
        return Access(f"memory://{place}")
