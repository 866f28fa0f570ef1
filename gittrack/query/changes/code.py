"""The difference between the code of two runs, by `git diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.query.changes.diff import code_of
from gittrack.store.plumbing.git import is_oid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

_SAFE = ("--no-ext-diff", "--no-textconv", "--end-of-options")


class CodeDiff(NamedTuple):
    """What `git diff` says, or why it cannot.

    Attributes:
        text: its output, with escape sequences for colours where asked for.
        missing: what is not here, None when all is.
    """

    text: str = ""
    missing: str | None = None


class ChangedFile(NamedTuple):
    """A file of the code that differs.

    Attributes:
        path: in the second run; in the first where the second has none.
        added: lines, None for a binary file.
        removed: the same.
        before: its path in the first run where it was renamed, None otherwise.
    """

    path: str
    added: int | None
    removed: int | None
    before: str | None = None

    def as_json(self) -> dict[str, Any]:
        """All fields; `before` as `renamed_from`."""
        return {
            "path": self.path,
            "added": self.added,
            "removed": self.removed,
            "renamed_from": self.before,
        }


def code_diff(
    store: RunStore, before: Run, after: Run, *, patch: bool = True, colours: bool = False, width: int = 80
) -> CodeDiff:
    """Compare the snapshots of two runs, as summary and patch.

    Args:
        store: whose code repository, or else its own, has the snapshots.
        before: the first run.
        after: the second.
        patch: the changes line by line, not only the summary.
        colours: as for a terminal.
        width: columns of the summary.
    """
    words = ["--stat", *(["--patch"] if patch else [])]
    words += [f"--stat-width={width}", f"--color={'always' if colours else 'never'}"]
    found = _git_diff(store, before, after, words)
    return CodeDiff(found.decode(errors="replace")) if isinstance(found, bytes) else CodeDiff(missing=found)


def changed_files(store: RunStore, before: Run, after: Run) -> list[ChangedFile] | None:
    """The files in which the code of two runs differs, None where that cannot be told.

    Args:
        store: whose code repository, or else its own, has the snapshots.
        before: the first run.
        after: the second.
    """
    if code_of(before) is not None and code_of(before) == code_of(after):
        return []
    found = _git_diff(store, before, after, ["--numstat", "-z", "--find-renames"])
    if isinstance(found, str):
        return None
    return list(_numbers(found.decode(errors="surrogateescape").split("\0")[:-1]))


def _numbers(fields: list[str]) -> Iterator[ChangedFile]:
    """`added TAB removed TAB path`; of a renamed file the path is empty and both names follow."""
    rest = iter(fields)
    for field in rest:
        added, removed, path = field.split("\t", 2)
        old = None
        if not path:
            old, path = next(rest), next(rest)
        more, less = (None if count == "-" else int(count) for count in (added, removed))
        yield ChangedFile(path, more, less, old)


def _git_diff(store: RunStore, before: Run, after: Run, words: list[str]) -> bytes | str:
    """The output of `git diff`; or what is missing, as text."""
    oids = []
    for run in (before, after):
        oid = code_of(run)
        if oid is None or not is_oid(oid):
            return f"the code of {run.id} was not recorded"
        oids.append(oid)
    places = list(dict.fromkeys(one for one in (store.code, store.git) if one is not None))
    for git in places:
        done = git.run("diff", *words, *_SAFE, *(f"{oid}^{{commit}}" for oid in oids), "--", check=False)
        if not done.status:
            return done.out
    absent = next((oid for oid in oids if not any(one.resolve(f"{oid}^{{commit}}") for one in places)), None)
    if absent is None:
        return "the commits are not in one repository"
    return f"commit {absent[:10]} is not in this clone, `gittrack pull` may fetch it"
