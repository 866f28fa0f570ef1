"""Artifacts of runs, for programs; opens the store of the current folder."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    import os

    from gittrack.store.kept.listing import Listed

__all__ = ["download_artifacts", "list_artifacts"]


def download_artifacts(
    run_id: str,
    artifact_path: str | None = None,
    dst_path: str | os.PathLike[str] | None = None,
    *,
    force: bool = False,
    repo: str | os.PathLike[str] | None = None,
) -> str:
    """Fetch artifacts of a run: what is not in this clone comes from the artifact store, verified.

    Args:
        run_id: an id, an unambiguous part of one, a name, `@last`, `@best:METRIC` and so on.
        artifact_path: an artifact, a file or folder in a directory artifact, or a glob; the whole run
            when None.
        dst_path: the folder to write below, made when it is missing; a new temporary one when None.
        force: write over other files that are in the way.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        The path of what was asked for: `dst_path/artifact_path`; `dst_path` for a glob or a whole run.

    Raises:
        RunNotFound, AmbiguousRun: no run matches, or several do.
        ArtifactNotFound: the run has none of that path.
        NotHere: it is neither in this clone nor in the store.
        InTheWay: another file is where one should be written.
        StoreError: the store refuses or cannot be reached.
    """
    from gittrack.query.select import resolve
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.writing import get

    store = RunStore.open(repo if repo is None else str(repo))
    run = resolve(store, run_id)
    folder = Path(tempfile.mkdtemp(prefix="gittrack-")) if dst_path is None else Path(dst_path)
    written = get(Kept(store), run, [] if artifact_path is None else [artifact_path], folder, force=force)
    if artifact_path is not None:
        asked = artifact_path.rstrip("/")
        if all(one.path == asked or one.path.startswith(f"{asked}/") for one in written):
            return str(folder / asked)
    return str(folder)


def list_artifacts(
    run_id: str, artifact_path: str | None = None, *, repo: str | os.PathLike[str] | None = None
) -> list[Listed]:
    """The artifacts of a run, sorted by path, and where each is.

    Args:
        run_id: as for :func:`download_artifacts`.
        artifact_path: a directory artifact, a folder in one, or a glob, to list the files there.
        repo: the repository, a path or a Git URL; as configured when None.

    Returns:
        One for each, with `path`, `kind` (`file` or `directory`), `is_dir`, `size` in bytes, `sha256`
        and `where` (`here`, `cache`, `branch`, `store`, `partly`, `elsewhere`, `damaged`).

    Raises:
        RunNotFound, AmbiguousRun: no run matches, or several do.
        ArtifactNotFound: the run has none of that path.
        NotHere: what is in a directory cannot be known here.
    """
    from gittrack.query.select import resolve
    from gittrack.store.kept.listing import listing
    from gittrack.store.kept.places import Kept

    store = RunStore.open(repo if repo is None else str(repo))
    return listing(Kept(store), resolve(store, run_id), artifact_path)
