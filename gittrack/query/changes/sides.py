"""What a diff is between: runs by their words, or the newest finished runs of commits and branches.

::

    RUN            as everywhere
    main..topic    the newest finished run of each; of a commit without runs, of its nearest ancestor
    main..         the same, the right side is HEAD
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import RunNotFound
from gittrack.query.filter.nodes import And, Compare, Field
from gittrack.query.search import find
from gittrack.query.select import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

_ANCESTORS = 1000
_AT_ONCE = 400
_FINISHED = Compare(Field("attributes", "status"), "=", "finished")


class Side(NamedTuple):
    """One side of a diff.

    Attributes:
        run: which run.
        note: how it was found where a commit or branch was given, empty for a RUN.
    """

    run: Run
    note: str = ""


def sides(store: RunStore, words: Iterable[str]) -> list[Side]:
    """The runs that some words name, in their order.

    Args:
        store: where to look; commits and branches are those of its code repository.
        words: RUNs, and ranges `A..B` of commits, branches or RUNs.

    Raises:
        RunNotFound, AmbiguousRun: a word names no run, or several.
    """
    found: list[Side] = []
    for word in words:
        left, dots, right = word.partition("..")
        if not dots:
            found.append(_side(store, word))
        else:
            found += [_end(store, left or "HEAD"), _end(store, right.lstrip(".") or "HEAD")]
    return found


def _side(store: RunStore, word: str) -> Side:
    """A RUN, else the newest finished run of a commit or branch."""
    try:
        return Side(resolve(store, word))
    except RunNotFound:
        found = _of_revision(store, word)
        if found is None:
            raise
        return found


def _end(store: RunStore, word: str) -> Side:
    """One end of a range: a commit or branch, else a RUN."""
    return _of_revision(store, word) or Side(resolve(store, word))


def _of_revision(store: RunStore, word: str) -> Side | None:
    git = store.code or store.git
    commit = None if word.startswith("@") else git.resolve(f"{word}^{{commit}}")
    return None if commit is None else _of_commit(store, git, word, commit)


def _of_commit(store: RunStore, git: Git, word: str, commit: str) -> Side:
    words = ("rev-list", f"--max-count={_ANCESTORS}", "--topo-order", "--end-of-options", commit, "--")
    commits = git.run(*words).text.splitlines()
    for start in range(0, len(commits), _AT_ONCE):
        among = commits[start : start + _AT_ONCE]
        node = And((Compare(Field("attributes", "commit"), "IN", tuple(among)), _FINISHED))
        newest: dict[str, Run] = {}
        for run in find(store, node):  # the newest first
            newest.setdefault(str(run.source.commit), run)
        chosen = next((one for one in among if one in newest), None)
        if chosen is not None:
            behind = commits.index(chosen)
            far = "" if not behind else f", {behind} commit{'' if behind == 1 else 's'} before {word}"
            return Side(newest[chosen], f"newest finished run of {chosen[:10]}{far}")
    msg = f"no finished run of {word[:80]} or of a commit before it"
    raise RunNotFound(msg, hint="`gittrack run` at that commit, or `gittrack pull` the runs of others")
