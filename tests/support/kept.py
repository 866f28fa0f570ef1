"""Runs with artifacts, and stores to put them in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import Member, encode
from gittrack.core.events import ArtifactLogged, Ended, InputLogged
from gittrack.core.records import Artifact, Input, Run
from gittrack.store.runs import RunStore
from tests.support.git import git_run
from tests.support.remotes import START, where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.store.kept.places import Kept

LONG_AGO = 1_600_000_000


def with_bucket(store: RunStore, bucket: Path) -> RunStore:
    """The store of runs, opened anew with an artifact store configured."""
    git_run("config", "gittrack.artifacts.url", bucket.as_uri(), cwd=where(store))
    return RunStore.open(where(store), start=where(store))


def made(
    store: RunStore,
    files: Mapping[str, bytes] | None = None,
    folders: Mapping[str, Mapping[str, bytes]] | None = None,
    *,
    inputs: Mapping[str, bytes] | None = None,
    end: bool = True,
) -> Run:
    """A run that made these files and folders; committed unless told otherwise."""
    run_id = store.new_id()
    journal = store.create(Run(run_id, start_time=START))
    for path, content in (files or {}).items():
        journal.event(ArtifactLogged(Artifact(path, *store.objects.put_bytes(content))))
    for path, inside in (folders or {}).items():
        manifest, size = folder(store, inside)
        journal.event(ArtifactLogged(Artifact(path, manifest, size, "directory")))
    for name, content in (inputs or {}).items():
        journal.event(
            InputLogged(Input(name, f"file:///{name}", *store.objects.put_bytes(content), kept=True))
        )
    if end:
        journal.event(Ended("finished", START + 1))
    journal.close()
    return (store.finish(run_id) if end else None) or store.get(run_id)


def folder(store: RunStore, inside: Mapping[str, bytes]) -> tuple[str, int]:
    """Digest of the manifest and size of a folder in the local store."""
    members = [Member(name, *store.objects.put_bytes(content)) for name, content in inside.items()]
    return store.objects.put_bytes(encode(members)).sha256, sum(one.size for one in members)


def in_bucket(bucket: Path) -> set[str]:
    """Digests of the objects in an artifact store."""
    return {path.name for path in (bucket / "sha256").glob("*/*")}


def age(path: Path, then: float = LONG_AGO) -> None:
    """Make a file old."""
    os.utime(path, (then, then))


def age_all(kept: Kept, bucket: Path | None = None) -> None:
    """Make all objects old, those here and those in an artifact store."""
    for sha256 in list(kept.objects.all()):
        age(kept.objects.path_of(sha256))
    for path in (bucket / "sha256").glob("*/*") if bucket else ():
        age(path)


def damage(path: Path) -> None:
    """Change the content of an object."""
    path.chmod(0o644)
    path.write_bytes(b"!" + path.read_bytes()[1:])
