"""Topics: branches forked from the runs branch, whose runs are reviewed before they are merged.

A topic is `refs/heads/gittrack/<name>`. Whoever works on one reads its runs together with those of the
runs branch, from a commit of this clone alone that joins both and is made again when one of them moved.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gittrack.core.errors import InvalidValue
from gittrack.core.files import write_atomic
from gittrack.core.ids import is_run_id
from gittrack.store.commit.commits import Commits
from gittrack.store.plumbing.git import HEADS, RUNS, is_oid

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.store.plumbing.git import Git

MAIN = "runs"
"""What the runs branch itself is called where a topic may be named."""
VIEWS = "refs/gittrack/views/"
_RESERVED = frozenset({MAIN, "code", "inbox", "live"})
_LONGEST = 200
_PLAIN = "100644"


class _Note(NamedTuple):
    """Which commit joins which two."""

    topic: str
    main: str
    view: str


def is_topic(name: str) -> bool:
    """Whether a text may name a topic: words of letters, digits, `.`, `_` and `-`, joined by `/`."""
    words = name.split("/")
    return words[0] not in _RESERVED and len(name) <= _LONGEST and all(map(is_run_id, words))


def check_topic(name: str) -> str:
    """`name` itself, when it may name a topic.

    Raises:
        InvalidValue: it may not.
    """
    if is_topic(name):
        return name
    msg = f"not a name for a topic: {name[:80]!r}"
    kept = ", ".join(sorted(_RESERVED))
    raise InvalidValue(
        msg, hint=f"use letters, digits, '-', '_' and single dots, parts joined by '/'; not {kept}"
    )


def ref_of(name: str | None) -> str:
    """The ref of a topic; of the runs branch for None and `runs`.

    Raises:
        InvalidValue: it is no name for one.
    """
    return RUNS if name in {None, "", MAIN} else HEADS + check_topic(str(name))


def name_of(ref: str) -> str | None:
    """The topic that a ref is the branch of, None when it is of none."""
    name = ref.removeprefix(HEADS)
    return name if ref.startswith(HEADS) and is_topic(name) else None


def folder(git: Git) -> Path:
    """Where the index is kept, and what else can be made again: one place for each branch."""
    name = name_of(git.runs)
    return git.directory if name is None else git.directory / "topics" / quote(name, safe="")


def view(git: Git) -> str | None:
    """The commit that has the runs of the topic and of the runs branch; None without either.

    Where both changed a file, which only happens by hand, it is the topic's.
    """
    topic, main = git.resolve(git.runs), git.resolve(RUNS)
    if topic is None or main is None or topic == main:
        return topic or main
    known = _noted(git)
    if known is None or known[:2] != (topic, main) or not _is_kept(git, known):
        known = _Note(topic, main, _join(git, topic, main))
        _keep(git, known)
    return known.view


def _join(git: Git, topic: str, main: str) -> str:
    base = git.run("merge-base", topic, main, check=False).text
    if base == main:
        return topic
    if base == topic:
        return main
    commits = Commits(git)
    tree = commits.tree_with(main, _added(git, base, topic))
    return commits.commit(tree, [topic, main], "gittrack: a topic and the runs branch, to read")


def _added(git: Git, base: str, topic: str) -> dict[str, str]:
    """Path to object id of the files that the topic brings; all of it where no common commit is here."""
    if not is_oid(base):
        return {entry.path: entry.oid for entry in git.tree(topic) if entry.mode == _PLAIN}
    words = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM")
    fields = git.run(*words, base, topic).out.decode(errors="surrogateescape").split("\0")
    found = {}
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, oid, _ = head.split(" ")
        if mode == _PLAIN:
            found[path] = oid
    return found


def _noted(git: Git) -> _Note | None:
    with contextlib.suppress(OSError, ValueError):
        words = (folder(git) / "view").read_text().split()
        if len(words) == len(_Note._fields) and all(map(is_oid, words)):
            return _Note(*words)
    return None


def _is_kept(git: Git, known: _Note) -> bool:
    """Whether nothing can have cleared the commit away."""
    return known.view in known[:2] or git.resolve(_view_ref(git)) == known.view


def _keep(git: Git, note: _Note) -> None:
    if note.view not in note[:2]:
        git.run("update-ref", _view_ref(git), note.view, check=False)
    with contextlib.suppress(OSError):  # a repository that cannot be written is read all the same
        folder(git).mkdir(parents=True, exist_ok=True)
        write_atomic(folder(git) / "view", " ".join(note).encode())


def _view_ref(git: Git) -> str:
    return VIEWS + git.runs.removeprefix(HEADS)


def forget(git: Git) -> None:
    """Remove what is kept beside a topic that is gone; all of it can be made again."""
    import shutil

    git.run("update-ref", "-d", _view_ref(git), check=False)
    shutil.rmtree(folder(git), ignore_errors=True)
