"""The history of the runs branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.times import iso
from gittrack.store.plumbing.git import RUNS

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git

_FORMAT = "%H%x00%ct%x00%an%x00%s"


class Commit(NamedTuple):
    """One commit of the runs branch.

    Attributes:
        oid: its id.
        time: milliseconds since the epoch.
        author: name.
        subject: first line of the message.
    """

    oid: str
    time: int
    author: str
    subject: str

    def as_json(self) -> dict[str, Any]:
        """`{commit, time, author, subject}`, time as ISO 8601."""
        return {"commit": self.oid, "time": iso(self.time), "author": self.author, "subject": self.subject}


def commits(git: Git, limit: int) -> list[Commit]:
    """The newest commits of the runs branch, its empty root apart; none while there is no branch.

    Those of the topic that is worked on are among them.
    """
    refs = [ref for ref in dict.fromkeys((git.runs, RUNS)) if git.resolve(ref) is not None]
    if not refs:
        return []
    words = ("log", "-z", "--min-parents=1", f"--max-count={limit}", f"--format=format:{_FORMAT}%x00")
    out = git.run(*words, *refs, "--").out
    fields = out.decode(errors="replace").split("\0")
    # Four fields a commit, an empty one from its own NUL, which `-z` doubles between commits.
    rows = [fields[start : start + 4] for start in range(0, len(fields) - 4, 5)]
    return [Commit(oid, int(time) * 1000, author, subject) for oid, time, author, subject in rows]
