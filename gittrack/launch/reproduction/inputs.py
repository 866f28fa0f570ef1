"""The inputs of a run for its repetition: each where the command looks for it, verified by its digest."""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from gittrack.artifacts.manifest import is_safe
from gittrack.core.errors import GitTrackError
from gittrack.store.kept.fetching import fetch
from gittrack.store.kept.places import Kept
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from gittrack.core.records import Input
    from gittrack.store.runs import RunStore

State = Literal[
    "in the code",
    "here",
    "kept",
    "in place",
    "fetched",
    "to be fetched",
    "checked by the command",
    "not verified",
    "changed",
    "missing",
]
BAD: frozenset[State] = frozenset({"changed", "missing"})
_FILES = frozenset({"file", "directory"})
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://", re.ASCII)
_COPIED = 1_000_000_000
"""Bytes up to which an input is copied into the work tree; a larger one is linked there."""


class Found(NamedTuple):
    """What became of an input.

    Attributes:
        used: the input, as the original recorded it.
        state: where it is, or what is wrong with it.
        place: the path where the command finds it, None for what is no file.
        source: what is put there, None where nothing has to be.
        note: one sentence more, empty without.
    """

    used: Input
    state: State
    place: Path | None = None
    source: Path | None = None
    note: str = ""

    @property
    def reason(self) -> str:
        """Why the run cannot be repeated."""
        what = "has changed" if self.state == "changed" else "is missing"
        return f"input {self.used.name} {what}: {self.note}"


def look(store: RunStore, inputs: tuple[Input, ...], tree: Path) -> list[Found]:
    """Where the inputs of a run are, each verified by its digest; nothing is moved.

    Args:
        store: of the run.
        inputs: what it recorded.
        tree: the work tree with its code.
    """
    kept = Kept(store)
    return [_look(store, kept, one, tree) for one in inputs]


def place(store: RunStore, found: list[Found]) -> None:
    """Put what is not in the code where the command looks for it.

    Raises:
        GitTrackError, OSError: something cannot be fetched or written.
    """
    kept = Kept(store)
    for one in found:
        if one.place is None or (one.source is None and one.state != "kept"):
            continue
        one.place.parent.mkdir(parents=True, exist_ok=True)
        if one.state == "kept":
            _write_kept(kept, one.used, one.place)
        elif one.source is not None and not one.place.exists():
            _copy(one.source, one.place, one.used.size or 0)


def _look(store: RunStore, kept: Kept, used: Input, tree: Path) -> Found:
    if used.kind not in {None, *_FILES}:
        return Found(used, "checked by the command")
    if _URL.match(used.uri) and not used.uri.lower().startswith("file://"):
        return _look_remote(store, used)
    if used.uri.lower().startswith("file://"):
        return _look_outside(store, used)
    if not is_safe(used.uri) or not _stays_below(tree / used.uri, tree):
        return Found(used, "missing", note=f"{used.uri[:200]} is not a path below the code")
    return _look_below(store, kept, used, tree)


def _look_below(store: RunStore, kept: Kept, used: Input, tree: Path) -> Found:
    target = tree / used.uri
    if target.exists():
        return _verified(store, used, target, "in the code")
    mine = _in_user_tree(store, used)
    if mine is not None and mine.exists():
        found = _verified(store, used, mine, "here")
        if found.state in {"here", "not verified"} or not _can_be_had(kept, used):
            return found._replace(place=target, source=mine)
    if _can_be_had(kept, used):
        return Found(used, "kept", target)
    return Found(used, "missing", target, note=f"{used.uri} is neither in the code, here, nor kept")


def _look_outside(store: RunStore, used: Input) -> Found:
    path = Path(unquote(urlsplit(used.uri).path))
    if not path.exists():
        return Found(used, "missing", path, note=f"there is no {path}")
    return _verified(store, used, path, "in place")


def _look_remote(store: RunStore, used: Input) -> Found:
    """What a URL holds now, as far as its server says without sending it."""
    try:
        now = input_of(Wanted(used.uri, name=used.name), store)
    except (GitTrackError, OSError, ImportError) as error:
        return Found(used, "not verified", note=f"{used.uri}: {error}")
    pairs = [(getattr(used, name), getattr(now, name)) for name in ("sha256", "version", "size")]
    known = [(old, new) for old, new in pairs if old is not None and new is not None]
    if any(old != new for old, new in known):
        return Found(used, "changed", note=f"{used.uri} holds something else now")
    return Found(used, "in place" if known else "not verified")


def _verified(store: RunStore, used: Input, path: Path, state: State) -> Found:
    if used.sha256 is None:
        return Found(used, "not verified", path, note="its digest was not recorded")
    try:
        now = input_of(Wanted(str(path), name=used.name), store)
    except (GitTrackError, OSError) as error:
        return Found(used, "missing", path, note=str(error))
    if now.sha256 != used.sha256:
        note = f"{used.uri} has digest {str(now.sha256)[:12]}, recorded is {used.sha256[:12]}"
        return Found(used, "changed", path, note=note)
    return Found(used, state, path)


def _in_user_tree(store: RunStore, used: Input) -> Path | None:
    top = store.code.place.work_tree if store.code is not None else None
    return top / used.uri if top is not None else None


def _can_be_had(kept: Kept, used: Input) -> bool:
    if used.sha256 is None:
        return False
    return kept.find(used.sha256) is not None or (used.kept and kept.url is not None)


def _write_kept(kept: Kept, used: Input, target: Path) -> None:
    """Write an input whose bytes were kept."""
    digest = str(used.sha256)
    if used.kind != "directory":
        shutil.copyfile(_object(kept, digest, used), target)
        return
    fetch(kept, (), (digest,))
    target.mkdir(exist_ok=True)
    for member in kept.manifest(digest) or ():
        file = target / member.path
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_object(kept, member.sha256, used), file)


def _object(kept: Kept, sha256: str, used: Input) -> Path:
    fetch(kept, (sha256,))
    found = kept.find(sha256)
    if found is None:
        msg = f"input {used.name} was kept, and is neither here nor in the artifact store"
        raise GitTrackError(msg, hint="`gittrack push` on the machine that has it sends it")
    return found


def _copy(source: Path, target: Path, size: int) -> None:
    if size > _COPIED:
        with contextlib.suppress(OSError):
            target.symlink_to(source, target_is_directory=source.is_dir())
            return
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def _stays_below(path: Path, tree: Path) -> bool:
    """Whether writing there stays in the work tree, whatever links its code has."""
    return path.parent.resolve().is_relative_to(tree.resolve()) and not path.is_symlink()


def recorded(found: list[Found]) -> tuple[Input, ...]:
    """What the new run says it used: as the original did, where that is verified."""
    return tuple(
        replace(one.used, sha256=None) if one.state == "not verified" else one.used
        for one in found
        if one.state != "checked by the command"
    )
