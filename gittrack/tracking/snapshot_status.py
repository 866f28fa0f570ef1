"""What `git status` says about the work tree, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git

_ABSENT = b"000000"
_COMMAND = (
    *("status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--no-renames"),
    *("--untracked-files=all", "--ignore-submodules=none"),
)
_FIELDS = 9  # of an ordinary line, the path being the last
_UNMERGED_FIELDS = 11


@dataclass(frozen=True, slots=True)
class Change:
    """A path of the index that differs from HEAD, in the index or in the work tree.

    Attributes:
        path: relative to the top of the work tree.
        head_mode: its mode in HEAD (`100644`), None where HEAD lacks it.
        head_oid: its object in HEAD; without meaning where HEAD lacks it.
        gone: whether the work tree lacks it.
        dirty_submodule: whether it is a submodule with changes inside that no commit has.
    """

    path: bytes
    head_mode: bytes | None
    head_oid: bytes
    gone: bool
    dirty_submodule: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a work tree.

    Attributes:
        commit: HEAD, None before the first commit.
        branch: None when HEAD is detached.
        changes: what differs from HEAD, untracked files apart.
        untracked: files that the index lacks and nothing ignores; an embedded repository ends in `/`.
    """

    commit: str | None
    branch: str | None
    changes: tuple[Change, ...]
    untracked: tuple[bytes, ...]


def read(git: Git, *options: str) -> Status:
    """Ask Git for the state of the work tree. Leaves the user's index as it is.

    Args:
        git: the repository.
        options: of `git` itself, such as `-c core.x=y`.

    Raises:
        GitFailed: the index or HEAD cannot be read, or a filter failed.
    """
    return parse(git.run(*options, *_COMMAND).out)


def parse(output: bytes) -> Status:
    """The state in the output of `git status --porcelain=v2 -z --branch --no-renames`."""
    heads: dict[bytes, str] = {}
    changes: dict[bytes, Change] = {}
    untracked: list[bytes] = []
    for line in output.split(b"\0"):
        kind = line[:2]
        if kind == b"? ":
            untracked.append(line[2:])
        elif kind in {b"1 ", b"u "}:
            change = _change(line)
            changes[change.path] = change
        elif kind == b"# ":
            name, _, value = line[2:].partition(b" ")
            heads[name] = value.decode(errors="replace")
    commit, branch = heads.get(b"branch.oid"), heads.get(b"branch.head")
    return Status(
        None if commit == "(initial)" else commit,
        None if branch == "(detached)" else branch,
        tuple(changes.values()),
        tuple(untracked),
    )


def _change(line: bytes) -> Change:
    if line.startswith(b"1 "):
        # 1 <XY> <sub> <mode HEAD> <mode index> <mode work tree> <oid HEAD> <oid index> <path>
        _, _, sub, mode, _, here, oid, _, path = line.split(b" ", _FIELDS - 1)
    else:
        # u <XY> <sub> <mode base> <mode ours> <mode theirs> <mode work tree> <oids of the three> <path>
        _, _, sub, _, mode, _, here, _, oid, _, path = line.split(b" ", _UNMERGED_FIELDS - 1)
    inside = sub[:1] == b"S" and (sub[2:3] == b"M" or sub[3:4] == b"U")
    return Change(path, None if mode == _ABSENT else mode, oid, here == _ABSENT, inside)
