"""Reads models from the runs branch; what other clones wrote is not trusted with sizes or modes."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from gittrack.core.errors import SelectionError
from gittrack.store.commit import branch
from gittrack.store.registry.document import LARGEST_FILE, ROOT, place_of
from gittrack.store.registry.fold import fold
from gittrack.store.registry.names import folder_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.records import Model
    from gittrack.store.runs import RunStore

_PLAIN = "100644"


class ModelNotFound(SelectionError):
    """No model of that name, or no such version or alias of it."""


class _File(NamedTuple):
    path: str
    oid: str


def all_models(git: Git, commit: str | None = None) -> list[Model]:
    """The models of the runs branch, by name.

    Args:
        git: the repository.
        commit: another commit to read.
    """
    files, problems = _listed(git, commit or branch.tip(git), f"{ROOT}/")
    folders: dict[str, list[_File]] = {line.split("/")[1]: [] for line in problems}
    for one in files:
        folders.setdefault(one.path.split("/")[1], []).append(one)
    found = [_read(git, folder, part, problems) for folder, part in folders.items()]
    return sorted(found, key=lambda model: model.name)


def model(git: Git, name: str, commit: str | None = None) -> Model:
    """The model of a name; without any version where there is none.

    Args:
        git: the repository.
        name: of the model.
        commit: another commit to read.
    """
    return in_folder(git, folder_name(name), commit or branch.tip(git))


def in_folder(git: Git, folder: str, commit: str | None) -> Model:
    """The model in a folder below `.models` of a commit."""
    return _read(git, folder, *_listed(git, commit, f"{ROOT}/{folder}/"))


def known(store: RunStore, name: str) -> Model:
    """The model of a name that has a version.

    Raises:
        ModelNotFound: there is none.
    """
    found = model(store.git, name)
    if found.versions:
        return found
    names = [one.name for one in all_models(store.git)]
    near = difflib.get_close_matches(name, names, n=1)
    msg = f"no model {name!r}"
    hint = f"did you mean {near[0]!r}?" if near else "`gittrack model ls` lists them; `gittrack pull` fetches"
    raise ModelNotFound(msg, hint=hint)


def used_by_models(git: Git) -> dict[str, list[str]]:
    """Run id to the versions of models that it made: `churn/3`, or `churn/3 (champion)` with its aliases."""
    found: dict[str, list[str]] = {}
    for one in all_models(git):
        for version in one.versions:
            aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
            found.setdefault(version.run_id, []).append(version.shown + aliases)
    return found


def _listed(git: Git, commit: str | None, folder: str) -> tuple[list[_File], list[str]]:
    """The files below a folder that are ours, and what is wrong with others."""
    if commit is None:
        return [], []
    words = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", folder)
    found, problems = [], []
    for line in git.run(*words).out.decode(errors="surrogateescape").split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, _, oid, size = head.split()
        if place_of(path) is None:
            continue
        if mode != _PLAIN:
            problems.append(f"{path}: not a plain file")
        elif int(size) > LARGEST_FILE:
            problems.append(f"{path}: larger than {LARGEST_FILE:,} bytes")
        else:
            found.append(_File(path, oid))
    return found, problems


def _read(git: Git, folder: str, files: Iterable[_File], problems: Iterable[str]) -> Model:
    wanted = list(files)
    contents = git.read_many(one.oid for one in wanted)
    held = {one.path: data for one, (_, data) in zip(wanted, contents, strict=True) if data is not None}
    name = unquote(folder)
    found = fold(name if folder_name(name) == folder else folder, held)  # no name stands for two folders
    own = tuple(line for line in problems if line.startswith(f"{ROOT}/{folder}/"))
    return replace(found, problems=(*found.problems, *own)) if own else found
