"""What must not come into a commit: artifacts among the code, and changes of finished runs."""

from __future__ import annotations

import os
import shlex
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.store.format.file_checks import Problem
from gittrack.store.format.layout import ROOT, split_path
from gittrack.store.registry.document import ROOT as MODELS
from gittrack.store.registry.document import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gittrack.store.plumbing.git import Git

LIMIT = 1_000_000
"""Bytes from which on a file counts as large."""
SUFFIXES = (
    *(".pt", ".pth", ".ckpt", ".safetensors", ".gguf", ".ggml", ".onnx", ".tflite", ".pdparams", ".mar"),
    *(".h5", ".hdf5", ".keras", ".caffemodel", ".pkl", ".pickle", ".joblib", ".npy", ".npz"),
    *(".tfrecord", ".parquet", ".feather", ".arrow", ".orc", ".avro"),
)
"""Names of files that hold models and data whatever their size."""
_INSTEAD = "log it with the run that makes it, gittrack.log_artifact({name!r}), and take it out of the commit"


def check_artifacts(
    git: Git, paths: Iterable[Path], *, limit: int = LIMIT, allow: Sequence[str] = (), every: bool = False
) -> Iterator[Problem]:
    """Files that belong to a run, not into the history of the code.

    Files of runs, files that Git LFS keeps, and files that HEAD has already are let through.

    Args:
        git: the repository.
        paths: the files.
        limit: bytes from which on a file is large.
        allow: globs of paths from the top of the work tree that may come in.
        every: also look at what HEAD has already.
    """
    top = git.place.work_tree
    found = {}
    for path in paths:
        name = _name(path, top)
        reason = _reason(path, limit)
        if reason and split_path(name) is None and not any(fnmatchcase(name, glob) for glob in allow):
            found[name] = reason
    for name in _kept_outside(git, found) | (set() if every else _in_head(git, found)):
        del found[name]
    for name, reason in sorted(found.items()):
        yield Problem(name, None, f"{reason}: {_hint(name)}")


def check_finished(git: Git, old: str | None = None, new: str | None = None) -> Iterator[Problem]:
    """Files of runs and models that a commit would rewrite or remove; what is written is final.

    Args:
        git: the repository.
        old: a commit to compare with, HEAD when None.
        new: a commit to look at; what is staged when None.

    Raises:
        GitTrackError: one of the two is no commit.
    """
    if old is None and git.resolve("HEAD") is None:
        return  # nothing was committed yet
    base = _commit(git, old or "HEAD")
    ends = ["--cached", base] if new is None else [base, _commit(git, new)]
    words = ["diff", "--no-ext-diff", "--no-renames", "--name-status", "-z", "--diff-filter=MDT"]
    out = git.run(*words, *ends, "--", f"{ROOT}/", f"{MODELS}/", env=_index()).out.decode(
        errors="surrogateescape"
    )
    fields = out.split("\0")[:-1]
    for state, path in zip(fields[::2], fields[1::2], strict=True):
        final = _FINAL if split_path(path) is not None else _FINAL_OF_MODELS
        if final is _FINAL or place_of(path) is not None:
            yield Problem(_shown(path), None, f"{_STATES.get(state, 'changes')} {final}")


_STATES = {"D": "is removed:", "M": "is rewritten:"}
_FINAL = (
    "what a run has recorded is final; `gittrack tag`, `note`, `rename` and `rm` record changes beside it, "
    "and `git checkout HEAD -- PATH` brings it back"
)
_FINAL_OF_MODELS = (
    "what is registered is final; `gittrack model promote`, `demote`, `tag` and `note` record changes beside "
    "it, and `git checkout HEAD -- PATH` brings it back"
)


def _hint(name: str) -> str:
    return f"{_INSTEAD.format(name=name)}: git rm --cached -- {shlex.quote(name)}"


def _index() -> dict[str, str]:
    """`git commit FILE` makes an index of its own, which is the one that is being committed."""
    chosen = os.environ.get("GIT_INDEX_FILE")
    return {"GIT_INDEX_FILE": os.path.abspath(chosen)} if chosen else {}  # noqa: PTH100  what Git means


def _commit(git: Git, name: str | None) -> str:
    found = git.resolve(f"{name}^{{commit}}")
    if found is None:
        msg = f"no such commit: {str(name)[:80]}"
        raise GitTrackError(msg, hint="a shallow clone may have to fetch it")
    return found


def _reason(path: Path, limit: int) -> str | None:
    try:
        size = path.stat().st_size if not path.is_symlink() else 0
    except OSError:
        return None  # removed meanwhile
    if size > limit:
        return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"  # noqa: PLR2004  two digits
    if path.suffix.lower() in SUFFIXES or path.name.startswith("events.out.tfevents."):
        return "a model or data file"
    return None


def _name(path: Path, top: Path | None) -> str:
    absolute = os.path.abspath(path)  # noqa: PTH100  links are not followed
    relative = os.path.relpath(absolute, top) if top else str(path)
    return Path(relative).as_posix()


def _kept_outside(git: Git, names: Iterable[str]) -> set[str]:
    """Those that Git LFS keeps: what is committed is a pointer."""
    asked = "".join(f"{name}\0" for name in names)
    if not asked:
        return set()
    out = git.run("check-attr", "-z", "--stdin", "filter", stdin=asked.encode(), env=_index()).out
    fields = out.decode(errors="surrogateescape").split("\0")[:-1]
    return {path for path, value in zip(fields[::3], fields[2::3], strict=True) if value == "lfs"}


def _in_head(git: Git, names: Iterable[str]) -> set[str]:
    wanted = list(names)
    if not wanted or git.resolve("HEAD") is None:
        return set()
    return {entry.path for entry in git.tree("HEAD", *wanted)} & set(wanted)


def _shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)[1:-1]
