"""Reads committed runs from the tip of the runs branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.errors import MalformedFile, RunNotFound
from gittrack.core.series import Series, decode
from gittrack.core.text import load
from gittrack.store.commit import branch
from gittrack.store.format import layout
from gittrack.store.format.assemble import Assembled, assemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.store.index.reader import Index
    from gittrack.store.plumbing.git import Git

_PLAIN = "100644"  # a link or a submodule that somebody pushed as a run file is not followed


class Committed:
    """The runs on the branch.

    Args:
        git: the repository that holds them.
        index: knows where they are.
    """

    def __init__(self, git: Git, index: Index) -> None:
        self._git = git
        self._index = index

    def path_of(self, run_id: str) -> str | None:
        """The directory of a run at the tip, None without one."""
        self._index.refresh()
        return self._index.path_of(run_id)

    def directory(self, run_id: str) -> str:
        """The same.

        Raises:
            RunNotFound: there is no such run.
        """
        path = self.path_of(run_id)
        if path is None:
            raise no_run(run_id)
        return path

    def read(self, run_id: str) -> Assembled:
        """A run with its history.

        Raises:
            RunNotFound: there is no such run.
            MalformedFile: its `run.yaml` cannot be read.
        """
        return assemble(self.directory(run_id), self.files(run_id, layout.is_listed))

    def files(self, run_id: str, wanted: Callable[[str], bool] | None = None) -> dict[str, bytes]:
        """Path within its directory to content, of the files of a run.

        Raises:
            RunNotFound: there is no such run.
        """
        directory = self.directory(run_id)
        tip = branch.tip(self._git)
        if tip is None:
            raise no_run(run_id)
        entries = {
            entry.path[len(directory) + 1 :]: entry.oid
            for entry in self._git.tree(tip, directory)
            if entry.mode == _PLAIN
        }
        paths = [path for path in entries if wanted is None or wanted(path)]
        contents = self._git.read_many(entries[path] for path in paths)
        return {path: data for path, (_, data) in zip(paths, contents, strict=True) if data is not None}

    def series(self, run_id: str) -> list[list[Series]]:
        """The points of each attempt of a run, in order.

        Raises:
            RunNotFound: there is no such run.
            MalformedFile: a `metrics.jsonl` cannot be read.
        """
        directory = self.directory(run_id)
        files = self.files(run_id, lambda path: path.endswith("metrics.jsonl") or layout.is_listed(path))
        attempts = assemble(directory, files).attempts
        paths = ["metrics.jsonl", *(f"attempts/{one.stamp.name}/metrics.jsonl" for one in attempts)]
        return [_points(files.get(path, b""), f"{directory}/{path}") for path in paths]

    def environment(self, run_id: str) -> dict[str, Any]:
        """The document of `environment.yaml` of the last attempt that has one; empty without one.

        Raises:
            RunNotFound: there is no such run.
            MalformedFile: it cannot be read.
        """
        files = self.files(run_id, _is_environment)
        if not files:
            return {}
        path = max(files, key=lambda name: (name.startswith("attempts/"), name))
        return load(files[path], where=f"{self.directory(run_id)}/{path}")


def _is_environment(within: str) -> bool:
    return within.endswith("environment.yaml") and layout.artifact_within(within) is None


def no_run(text: str) -> RunNotFound:
    """The error for a run that is not there."""
    msg = f"no run {text[:80]}"
    return RunNotFound(msg, hint="`gittrack ls` lists them; `gittrack pull` fetches those of others")


def _points(data: bytes, where: str) -> list[Series]:
    try:
        return list(decode(data))
    except ValueError as error:
        raise MalformedFile(where, str(error)) from error
