"""Which of the changed and new files go into a snapshot: not the huge ones, not the secret ones."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections import Counter
from typing import TYPE_CHECKING

from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gittrack.core.config import Config
    from gittrack.tracking.snapshot_status import Change, Status

MOST_FILES = 20_000
"""Untracked files that a snapshot takes; beyond, the fullest folders are left out."""
_MOST_NAMED = 1_000
_LOOKED_AT = 64 * 1024  # bytes of a file that are searched for a private key
_SAMPLE = 5_000  # paths that tell which folder is full
_FULL = 0.9  # a folder that holds this much of its parent is named instead of it

_SECRET_NAMES = re.compile(
    r"""id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)? | .*\.(?:pem|key|p12|pfx) | [._]netrc | \.pypirc
    | credentials\.json | \.env | \.env\.(?!.*(?:example|sample|template|dist)$).*""",
    re.VERBOSE | re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{0,400}?[A-Za-z0-9+/=]{32}"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a snapshot takes of changed and new files; what HEAD has is not counted.

    Attributes:
        file_size: bytes of the largest file.
        total_size: bytes of all together.
        allow: globs of files that go in although they look like secrets.
        files: number of untracked files.
    """

    file_size: int = 10_000_000
    total_size: int = 100_000_000
    allow: tuple[str, ...] = ()
    files: int = MOST_FILES

    @classmethod
    def of(cls, config: Config) -> Limits:
        """The configured limits."""
        return cls(
            config.get("snapshot.max_file_size"),
            config.get("snapshot.max_total_size"),
            config.get("snapshot.allow"),
        )


@dataclass(slots=True)
class Choice:
    """What a snapshot does with each path.

    Attributes:
        add: paths whose state in the work tree goes in.
        restore: paths that stay as they are in HEAD, whatever is staged.
        remove: paths that the work tree lacks.
        left_out: path to reason.
    """

    add: list[bytes] = field(default_factory=list)
    restore: list[Change] = field(default_factory=list)
    remove: list[bytes] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def leave_out(self, path: bytes, reason: str) -> None:
        """Name a path that does not go in, or not as it is."""
        if len(self.left_out) < _MOST_NAMED:
            self.left_out[path.decode(errors="replace")] = reason
        else:
            self.left_out["…"] = "more files than are named here"


def choose(status: Status, top: Path, limits: Limits) -> Choice:
    """Decide about every path that differs from HEAD. Reads the beginnings of files, changes nothing."""
    choice = Choice()
    changed = {change.path: change for change in status.changes}
    sizes: dict[bytes, int] = {}
    for path in _present(status, limits, choice):
        reason = _refusal(path, top, limits, sizes)
        if reason is None:
            choice.add.append(path)
        else:
            choice.leave_out(path, reason)
            if path in changed:
                choice.restore.append(changed[path])
    _fit(choice, changed, sizes, limits)
    return choice


def _present(status: Status, limits: Limits, choice: Choice) -> list[bytes]:
    """The paths that the work tree has; the others are taken out."""
    untracked = _thin(status.untracked, limits.files, choice)
    again = set(untracked)  # taken out of the index, but still there
    paths = []
    for change in status.changes:
        if change.dirty_submodule:
            choice.leave_out(change.path, "submodule has uncommitted changes: only its commit is recorded")
        if not change.gone:
            paths.append(change.path)
        elif change.path not in again:
            choice.remove.append(change.path)
    for path in untracked:
        if path.endswith(b"/"):
            choice.leave_out(path, "embedded repository: only its commit is recorded")
    return paths + [path.rstrip(b"/") for path in untracked]


def _refusal(path: bytes, top: Path, limits: Limits, sizes: dict[bytes, int]) -> str | None:
    """Why a file does not go in, None when it does."""
    full = os.path.join(os.fsencode(top), path)  # noqa: PTH118  names of any encoding
    try:
        found = os.lstat(full)
        if stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode):
            return None
        if not stat.S_ISREG(found.st_mode):
            return "not a regular file"
        if found.st_size > limits.file_size:
            return f"larger than snapshot.max_file_size: {found.st_size} bytes"
        sizes[path] = found.st_size
        return None if _allowed(path, limits.allow) else _secret(path, full)
    except FileNotFoundError:
        return None  # gone meanwhile: Git takes it out
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _secret(path: bytes, full: bytes) -> str | None:
    name = path.rpartition(b"/")[2].decode(errors="replace")
    if _SECRET_NAMES.fullmatch(name):
        return "looks like a secret by its name (snapshot.allow lets it in)"
    with open(full, "rb", buffering=0) as file:  # noqa: PTH123  names of any encoding
        data = file.read(_LOOKED_AT)
    if b"PRIVATE KEY" in data and _PRIVATE_KEY.search(data):
        return "holds a private key (snapshot.allow lets it in)"
    if (name == ".npmrc" and b"_auth" in data) or (name.endswith(".json") and b'"service_account"' in data):
        return "holds credentials (snapshot.allow lets it in)"
    return None


def _allowed(path: bytes, globs: Sequence[str]) -> bool:
    text = path.decode(errors="replace")
    name = text.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(text, glob) or fnmatch.fnmatchcase(name, glob) for glob in globs)


def _fit(choice: Choice, changed: dict[bytes, Change], sizes: dict[bytes, int], limits: Limits) -> None:
    """Leave out the largest files until the rest is small enough."""
    total = sum(sizes.get(path, 0) for path in choice.add)
    if total <= limits.total_size:
        return
    out = set()
    for path in sorted(choice.add, key=lambda path: (-sizes.get(path, 0), path)):
        if total <= limits.total_size:
            break
        total -= sizes.get(path, 0)
        out.add(path)
        choice.leave_out(path, f"beyond snapshot.max_total_size: {sizes[path]} bytes")
        if path in changed:
            choice.restore.append(changed[path])
    choice.add = [path for path in choice.add if path not in out]


def _thin(paths: Sequence[bytes], most: int, choice: Choice) -> list[bytes]:
    """Leave out the fullest folders until few enough files are left."""
    left = list(paths)
    while len(left) > most and (folder := _fullest(left)):
        kept = [path for path in left if not path.startswith(folder)]
        choice.leave_out(folder, f"{len(left) - len(kept)} untracked files (a .gitignore may name it)")
        left = kept
    if len(left) > most:
        choice.leave_out(b"./", f"{len(left) - most} of {len(left)} untracked files")
    return left[:most]


def _fullest(paths: Sequence[bytes]) -> bytes:
    """The folder that holds most, as deep as it still holds nearly all of it; empty when none does."""
    inside = list(paths[:: len(paths) // _SAMPLE + 1])
    folder, parent = b"", 0
    while True:
        ends = [path.find(b"/", len(folder)) for path in inside]
        names = [path[: end + 1] for path, end in zip(inside, ends, strict=True) if 0 <= end < len(path) - 1]
        found, count = Counter(names).most_common(1)[0] if names else (b"", 0)
        if not count or count < _FULL * parent:
            return folder
        folder, parent = found, count
        inside = [path for path in inside if path.startswith(folder)]
