"""What `gittrack doctor` looks at in the repository itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gittrack.store.doctor.finding import Finding, count
from gittrack.store.plumbing import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

_MERGE_TREE = (2, 38)
_LOOSE = 6700  # Git's own limit (gc.auto) before a user's command stops to pack


def version(_store: RunStore) -> Iterator[Finding]:
    """Whether Git is new enough."""
    found = place.version()
    text = ".".join(map(str, found))
    if found < place.MINIMUM:
        needed = ".".join(map(str, place.MINIMUM))
        yield Finding("git", "error", f"Git {text} is too old", f"install Git {needed} or newer")
    elif found < _MERGE_TREE:
        yield Finding("git", "info", f"Git {text}; from 2.38 on, pull merges faster")
    else:
        yield Finding("git", "ok", f"Git {text}")


def kind(store: RunStore) -> Iterator[Finding]:
    """What kind of repository it is."""
    words = _kinds(store.git)
    where = store.git.place.work_tree or store.git.place.git_dir
    yield Finding("repository", "ok", f"{where}{' (' + ', '.join(words) + ')' if words else ''}")
    if store.git.place.shallow:
        hint = "`git fetch --unshallow` brings the rest"
        yield Finding("repository", "info", "history is cut off: code of older runs may be missing", hint)
    if store.code is None:
        yield Finding("repository", "info", "the current folder is in no repository: runs keep no code")
    elif store.code is not store.git:
        yield Finding("repository", "info", f"code is in another repository: {store.code.place.git_dir}")


def _kinds(git: Git) -> list[str]:
    place = git.place
    config = git.config_all()
    partial = any(key.startswith("remote.") and key.endswith(".promisor") for key in config)
    facts = {
        "bare": place.work_tree is None,
        "linked work tree": place.git_dir != place.common_dir,
        "shallow": place.shallow,
        "partial clone": partial or "extensions.partialclone" in config,
        "SHA-256": place.object_format == "sha256",
        "reftable": git.config("extensions.refstorage") == "reftable",
    }
    return [word for word, holds in facts.items() if holds]


def writable(store: RunStore) -> Iterator[Finding]:
    """Whether runs can be recorded here."""
    folder = store.git.directory if store.git.directory.is_dir() else store.git.place.common_dir
    if not os.access(folder, os.W_OK):
        hint = "name another one with --repo or GITTRACK_REPO"
        yield Finding("repository", "warning", f"cannot write to {folder}: nothing can be recorded", hint)


def configuration(store: RunStore) -> Iterator[Finding]:
    """Whether all settings can be read."""
    problems = store.config.problems()
    for problem in problems:
        yield Finding("configuration", "warning", problem, "`gittrack config` shows what holds")
    if not problems:
        yield Finding("configuration", "ok", "all settings can be read")


def objects(store: RunStore) -> Iterator[Finding]:
    """Whether Git is about to stop for packing."""
    fields = dict(line.split(": ", 1) for line in store.git.run("count-objects", "-v").text.splitlines())
    loose, garbage = int(fields["count"]), int(fields.get("garbage", 0))
    if loose > _LOOSE:
        yield Finding("objects", "info", f"{count(loose, 'loose object')}", "`git gc` packs them")
    else:
        yield Finding("objects", "ok", f"{count(loose, 'loose object')}")
    if garbage:
        hint = "`git gc` removes them"
        yield Finding("objects", "info", f"{count(garbage, 'file')} in the object store are garbage", hint)
