"""Files of runs held against their format, wherever they are: on disk, on the runs branch.

`gittrack validate` and the pre-commit hooks ask here.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.store.commit import branch
from gittrack.store.format import layout
from gittrack.store.format.file_checks import Problem, check_file, check_run, kind_of
from gittrack.store.registry.checks import check_models
from gittrack.store.registry.document import ROOT as MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gittrack.store.plumbing.git import Entry, Git
    from gittrack.store.runs import RunStore

_FILE = "100644"


def validate_files(paths: Iterable[Path]) -> Iterator[Problem]:
    """What is wrong with files on disk.

    Args:
        paths: files, and folders of which all files that look like ours are taken.

    Raises:
        GitTrackError: a path cannot be read, or a file that was named is none of ours.
    """
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if name != ".git")
                for name in sorted(names):
                    found = path.__class__(folder, name)
                    if kind_of(_on_branch(found)):
                        yield from _check_on_disk(found)
        elif kind_of(_on_branch(path)) is None:
            msg = f"{path} is no file of a run"
            raise GitTrackError(
                msg, hint="they are run.yaml, metrics.jsonl, environment.yaml and edits/….yaml"
            )
        else:
            yield from _check_on_disk(path)


def validate_branch(git: Git, run_directories: Iterable[str] = ()) -> Iterator[Problem]:
    """What is wrong with the files on the runs branch.

    Args:
        git: the repository.
        run_directories: only of these runs; of all when there is none.
    """
    tip = branch.tip(git)
    if tip is None:
        return
    entries = sorted(git.tree(tip, *run_directories), key=lambda entry: entry.path)
    inside = [entry for entry in entries if entry.path.startswith(f"{layout.ROOT}/")]
    wanted = _worth_reading(inside)
    contents = git.read_many(entry.oid for entry in wanted)
    held = ((entry, data) for entry, (_, data) in zip(wanted, contents, strict=True))
    for entry in inside:
        yield from _check_entry(entry)
    for directory, group in itertools.groupby(held, key=lambda item: _directory(item[0].path)):
        files: dict[str, bytes] = {}
        absent = []
        for entry, data in group:
            if data is None:
                absent.append(entry.path)
            else:
                files[entry.path[len(directory) + 1 :]] = data
        yield from check_run(directory, files) if not absent else _check_partly(directory, files, absent)
    if not list(run_directories):
        yield from check_models(git, tip)


def _check_partly(directory: str, files: Mapping[str, bytes], absent: Iterable[str]) -> Iterator[Problem]:
    for path in absent:
        yield Problem(path, None, "its content is not in this clone", "warning")
    for within, data in files.items():
        yield from check_file(f"{directory}/{within}", data)


def validate_run(store: RunStore, run_id: str) -> list[Problem]:
    """What is wrong with the files of a committed run.

    Raises:
        RunNotFound: there is none of that id on the branch.
    """
    store.index.refresh()
    directory = store.index.path_of(run_id)
    if directory is None:
        msg = f"run {run_id} is not committed yet"
        raise GitTrackError(msg, hint="its files come when it ends")
    return list(validate_branch(store.git, [directory]))


def _on_branch(path: Path) -> str:
    """The path as it would be on the branch; its name alone outside of `.runs` and `.models`."""
    parts = path.absolute().parts
    for root in (layout.ROOT, MODELS):
        if root in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(root) :])
    return "/".join(parts[-2:]) if parts[-2:-1] == ("edits",) else path.name


def _check_on_disk(path: Path) -> Iterator[Problem]:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise GitTrackError(msg) from error
    for problem in check_file(_on_branch(path), data):
        yield Problem(str(path), problem.line, problem.message, problem.severity)


def _check_entry(entry: Entry) -> Iterator[Problem]:
    """What the tree alone tells: of files whose content is not read, the path; of all, the mode."""
    if entry.mode != _FILE:
        yield Problem(
            entry.path, None, f"mode {entry.mode}: a link, submodule or program, left out by every reader"
        )
    elif kind_of(entry.path) is None or _directory(entry.path) == "":
        yield from check_file(entry.path, b"")


def _worth_reading(entries: Iterable[Entry]) -> list[Entry]:
    """Files that a schema is about; of environments, which repeat, each content once."""
    seen: set[str] = set()
    kept = []
    for entry in entries:
        kind = kind_of(entry.path)
        if entry.mode != _FILE or kind is None or not _directory(entry.path):
            continue
        if kind != "environment" or entry.oid not in seen:
            kept.append(entry)
        seen.add(entry.oid)
    return kept


def _directory(path: str) -> str:
    split = layout.split_path(path)
    return split[0] if split else ""


def is_run_file(path: Path) -> bool:
    """Whether a file looks like one that a schema is about."""
    return kind_of(_on_branch(path)) is not None
