"""Changes that wait for their commit: one file each, whole or not there.

A file is a line of JSON (message, snapshots, path and size of each file) and the contents after it.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from gittrack.core.files import write_atomic
from gittrack.core.ids import random_text
from gittrack.core.text import dump_json, load_json
from gittrack.core.value import dataclass
from gittrack.store.plumbing.git import RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gittrack.store.plumbing.git import Git

_BROKEN = ".broken"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a writer adds to the branch.

    Attributes:
        message: subject of the commit, where these changes are alone in it.
        files: path to content.
        snapshots: commits of code that must stay reachable.
        ref: the branch, a topic or the runs branch; whoever submits sets it.
    """

    message: str
    files: Mapping[str, bytes]
    snapshots: tuple[str, ...] = ()
    ref: str = RUNS


def leave(git: Git, changes: Changes) -> Path:
    """Write changes down for whoever commits next.

    Raises:
        OSError: the repository cannot be written.
    """
    folder = git.directory / "pending"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns()}-{random_text(8)}"
    head = {
        "message": changes.message,
        "snapshots": changes.snapshots,
        "ref": changes.ref,
        "files": [[name, len(content)] for name, content in changes.files.items()],
    }
    write_atomic(path, dump_json(head) + b"\n" + b"".join(changes.files.values()))
    return path


def waiting(git: Git) -> list[Path]:
    """The files of changes that wait, the oldest first."""
    with contextlib.suppress(FileNotFoundError):
        paths = sorted((git.directory / "pending").iterdir())
        return [path for path in paths if not path.name.endswith((".tmp", _BROKEN))]
    return []


def gather(git: Git, own: Path | None, changes: Changes | None) -> Iterator[tuple[Path, Changes]]:
    """All changes that wait; what cannot be read is put aside for `doctor`, out of everybody's way.

    Args:
        git: the repository.
        own: a file that need not be read,
        changes: because this is in it.
    """
    for path in waiting(git):
        if path == own and changes is not None:
            yield path, changes
            continue
        try:
            yield path, _read(path)
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError):
            path.rename(path.with_name(f"{path.name}{_BROKEN}"))


def _read(path: Path) -> Changes:
    head, _, body = path.read_bytes().partition(b"\n")
    fields: Mapping[str, Any] = load_json(head)
    files: dict[str, bytes] = {}
    offset = 0
    for name, size in fields["files"]:
        files[name] = body[offset : offset + size]
        offset += size
    if offset != len(body):
        msg = "cut off"
        raise ValueError(msg)
    return Changes(fields["message"], files, tuple(fields["snapshots"]), fields.get("ref", RUNS))
