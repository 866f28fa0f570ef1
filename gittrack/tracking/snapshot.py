"""What code ran: the commit, and a real commit of the work tree where it differs.

The snapshot holds staged, unstaged and untracked files and lacks deleted ones. It is made through a
copy of the user's index (whose record of file times saves hashing what did not change): index, work
tree, HEAD, stash and hooks of the user are never touched, only objects are added. Its author and date
are fixed by its parent, so the same tree gives the same commit however often it runs.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import GitFailed, GitTrackError
from gittrack.core.records import Source
from gittrack.core.redact import Redactor
from gittrack.tracking import snapshot_status
from gittrack.tracking.snapshot_files import Choice, Limits, choose
from gittrack.tracking.snapshot_filters import Filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.core.config import Config
    from gittrack.store.plumbing.git import Git, Result
    from gittrack.tracking.snapshot_status import Status

MESSAGE = b"gittrack snapshot\n"
_EPOCH = 946_684_800  # the date of a snapshot without parent: 2000-01-01
_OPTIONS = (
    *("-c", "core.splitIndex=false", "-c", "core.fsmonitor=false"),  # nothing beside the copy of the index
    *("-c", "core.safecrlf=false"),  # line endings that would not come back are no reason to keep nothing
    *("-c", "i18n.commitEncoding=UTF-8"),
)
_ATTEMPTS = 20  # files that Git cannot read and filters that fail, before it is given up
_UPDATE = ("update-index", "-z")
_UNREADABLE = re.compile(r"(?:error: (?P<why>.*)\n)?fatal: Unable to process path (?P<path>.*)\s*\Z")
_REFUSED = re.compile(r"fatal: (?P<why>.*'(?P<path>[^'\n]+)'.*)")  # such as a wrong working-tree-encoding


def take(git: Git, config: Config, cwd: Path) -> Source:
    """Record the code in a work tree.

    Args:
        git: the repository of the code.
        config: `snapshot.*` and `redact.*` are read.
        cwd: where the command runs.

    Returns:
        What ran. Nothing that is wrong with the repository is raised: `missing` says why there is no
        snapshot.
    """
    top = git.place.work_tree
    if top is None:
        return Source(missing="bare repository")
    try:
        filters = Filters()
        status = _status(git, filters)
        source = Source(
            commit=status.commit,
            dirty=bool(status.changes or status.untracked),
            branch=status.branch,
            remote=_remote(git, status.branch, config),
            directory=_directory(cwd, top),
        )
    except (GitTrackError, OSError) as error:
        return Source(missing=f"Git cannot read the work tree: {_reason(error)}")
    if not config.get("snapshot.enabled"):
        return replace(source, missing="disabled")
    if not source.dirty:
        return replace(source, snapshot=status.commit, missing=None if status.commit else "no commit yet")
    choice = choose(status, top, Limits.of(config))
    try:
        snapshot = _commit(git, status.commit, choice, filters)
        return replace(source, snapshot=snapshot, left_out=choice.left_out)
    except (GitTrackError, OSError) as error:
        return replace(source, left_out=choice.left_out, missing=f"cannot be written: {_reason(error)}")


def _status(git: Git, filters: Filters) -> Status:
    """The state of the work tree; Git compares changed files through their filters, which may fail."""
    for _ in range(_ATTEMPTS):
        try:
            return snapshot_status.read(git, *filters.options)
        except GitFailed as error:
            if not filters.excuse(error.stderr):
                raise
    return snapshot_status.read(git, *filters.options)


def _commit(git: Git, parent: str | None, choice: Choice, filters: Filters) -> str | None:
    """Write the snapshot; the parent itself when nothing of the changes goes in."""
    if not (choice.add or choice.restore or choice.remove):
        return parent
    import tempfile  # a clean tree needs none

    with tempfile.TemporaryDirectory(prefix="gittrack-") as folder:
        index = Path(folder) / "index"
        _copy_index(git.place.git_dir / "index", index)
        env = {"GIT_INDEX_FILE": str(index)}
        _undo(git, env, choice, filters)
        _add(git, env, choice, filters)
        filters.tell(git, choice)
        # writing an index compares files changed this very moment once more: the filters again
        tree = git.run(*_OPTIONS, *filters.options, "write-tree", "--missing-ok", env=env).text
    return _commit_tree(git, tree, parent)


def _copy_index(index: Path, copy: Path) -> None:
    """Copy with its time: Git compares it with those of the files to tell which may have changed."""
    if index.exists():
        shutil.copy2(index, copy)


def _undo(git: Git, env: dict[str, str], choice: Choice, filters: Filters) -> None:
    """Take deleted files out of the index, and put what is left out back to what HEAD has."""
    absent = b"0 " + b"0" * (64 if git.place.object_format == "sha256" else 40)
    lines = [absent + b"\t" + path for path in choice.remove]
    for change in choice.restore:
        head = change.head_mode + b" " + change.head_oid if change.head_mode else absent
        lines.append(head + b"\t" + change.path)
    if lines:
        words = (*_OPTIONS, *filters.options, *_UPDATE, "--index-info")
        _checked(words, git.run(*words, stdin=_joined(lines), env=env, check=False))


def _add(git: Git, env: dict[str, str], choice: Choice, filters: Filters) -> None:
    """Bring the index to what the work tree has; a file that cannot be read is left out and named."""
    for _ in range(_ATTEMPTS):
        if not choice.add:
            return
        words = (*_OPTIONS, *filters.options, *_UPDATE, "--add", "--remove", "--replace", "--stdin")
        result = git.run(*words, stdin=_joined(choice.add), env=env, check=False)
        if not result.status:
            return
        if filters.excuse(result.err):
            continue
        unreadable = _UNREADABLE.search(result.err) or _REFUSED.search(result.err)
        if unreadable is None or not _drop(choice, unreadable["path"].strip(), unreadable["why"]):
            _checked(words, result)
    msg = "too many files cannot be read"
    raise OSError(msg)


def _drop(choice: Choice, name: str, reason: str | None) -> bool:
    """Leave out the file that Git names in a message; whether there is one."""
    path = next((path for path in choice.add if path.decode(errors="replace") == name), None)
    if path is None:
        return False
    choice.add.remove(path)
    choice.leave_out(path, f"cannot be read: {reason or 'Git gave no reason'}")
    return True


def _commit_tree(git: Git, tree: str, parent: str | None) -> str:
    words, seconds = ["commit-tree", tree], _EPOCH
    if parent is not None:
        words += ["-p", parent]
        seconds = int(git.run("rev-list", "--max-count=1", "--timestamp", parent).text.split(" ", 1)[0])
    who = {"NAME": "gittrack", "EMAIL": "gittrack@localhost", "DATE": f"@{seconds} +0000"}
    env = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    return git.run(*_OPTIONS, *words, stdin=MESSAGE, env=env).text


def _remote(git: Git, branch: str | None, config: Config) -> str | None:
    """URL of the remote that the branch follows, or of `origin`; without credentials."""
    settings = git.config_all()
    names = [*settings.get(f"branch.{branch}.remote", []), "origin"]
    urls = [url for name in names for url in settings.get(f"remote.{name}.url", [])]
    if not urls:
        return None
    return Redactor(config.get("redact.keys"), config.get("redact.patterns")).url(urls[0])


def _directory(cwd: Path, top: Path) -> str | None:
    """Where the command runs, relative to the top; None outside."""
    try:
        return cwd.resolve().relative_to(top.resolve()).as_posix()
    except ValueError:
        return None


def _joined(paths: Sequence[bytes]) -> bytes:
    return b"".join(path + b"\0" for path in paths)


def _checked(words: Sequence[str], result: Result) -> None:
    if result.status:
        raise GitFailed(words[words.index("update-index") :], result.status, result.err)


def _reason(error: Exception) -> str:
    if isinstance(error, GitFailed):
        lines = [line for line in error.stderr.splitlines() if line.startswith(("error:", "fatal:"))]
        return lines[0].partition(": ")[2] if lines else error.message
    return error.message if isinstance(error, GitTrackError) else str(error)
