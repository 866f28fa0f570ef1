"""The code of a run in a throw-away work tree: nothing of the user's repository is left otherwise.

A linked work tree in a temporary folder, detached at the snapshot. The user's own tree, index, HEAD, stash
and configuration stay as they are, and the entry in `.git/worktrees` goes with the folder; what a killed
process left is removed by the next one.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitFailed, GitTrackError, RemoteError
from gittrack.core.files import is_locked, locked
from gittrack.store.plumbing.git import discover, is_oid
from gittrack.store.sync import transport
from gittrack.store.sync.remote import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run
    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore
    from gittrack.store.sync.remote import Remote

_URL = re.compile(r"https://|ssh://|[\w.-]+@[\w.-]+:", re.ASCII)  # the record may be somebody else's
PREFIX = "gittrack-reproduce-"
_WHOLE = ("-c", "core.sparseCheckout=false")  # the user's own tree may be sparse
_FETCH = (
    *("fetch", "--quiet", "--refmap=", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"),
    "--no-recurse-submodules",
)


class Code(NamedTuple):
    """Where the code of a run is.

    Attributes:
        git: the repository that has it, or could fetch it; None without one.
        commit: its snapshot, None where it was not recorded.
        here: whether it is in the repository.
        missing: why it cannot be had, None where it is here or nobody has looked yet.
    """

    git: Git | None
    commit: str | None
    here: bool = False
    missing: str | None = None


def code_of(store: RunStore, run: Run) -> Code:
    """Where the code of a run is; reaches no network."""
    source = run.source
    commit = source.snapshot or (None if source.dirty else source.commit)
    git = store.code or store.git
    if commit is None:
        why = "; the work tree was dirty" if source.dirty else ""
        return Code(git, None, missing=f"the code was not captured ({source.missing or 'unknown why'}{why})")
    if not is_oid(commit):
        return Code(git, None, missing=f"not a commit: {commit[:80]!r}")
    for one in dict.fromkeys((git, store.git)):
        if has(one, commit):
            return Code(one, commit, here=True)
    return Code(git, commit)


def fetch(code: Code, run: Run, wanted: str | None) -> Code:
    """Get the snapshot of a run from where it may be: the remote of the runs, or that of the code.

    One commit without its history where the repository is shallow; nothing else is changed there, no ref
    and no configuration.

    Args:
        code: from :func:`code_of`.
        run: the run.
        wanted: the setting `runs.remote`.
    """
    if code.here or code.git is None or code.commit is None:
        return code
    git, commit = code.git, code.commit
    said: list[str] = []
    for remote in _remotes(git, wanted, run.source.remote, said):
        depth = ("--depth=1",) if git.place.shallow else ()
        result = git.run(*_FETCH, *depth, "--end-of-options", remote.name, commit, check=False)
        if not result.status and has(git, commit):
            return Code(git, commit, here=True)
        said.append(_told(remote, result.err))
    tried = f": {'; '.join(said)}" if said else ""
    why = f"commit {commit[:12]} of the code is neither here nor on the remote{tried}"
    return code._replace(missing=why)


def has(git: Git, commit: str) -> bool:
    """Whether a commit is in a repository, without asking a promisor remote."""
    env = {"GIT_NO_LAZY_FETCH": "1"}
    return not git.run("cat-file", "-e", f"{commit}^{{commit}}", env=env, check=False).status


def _remotes(git: Git, wanted: str | None, recorded: str | None, said: list[str]) -> Iterator[Remote]:
    seen = set()
    urls = [recorded] if recorded and _URL.match(recorded) else []
    for name in (wanted, None, *urls):
        try:
            remote = resolve(git, name)
        except RemoteError as error:
            said.append(error.message)
            continue
        if remote.url not in seen:
            seen.add(remote.url)
            yield remote


def _told(remote: Remote, stderr: str) -> str:
    if "not our ref" in stderr or "couldn't find remote ref" in stderr:
        return f"{remote.shown} does not have it"
    return transport.failure(remote, stderr).message


@contextlib.contextmanager
def work_tree(git: Git, commit: str) -> Iterator[Path]:
    """A folder with the files of a commit, submodules included; gone with the block.

    Raises:
        GitFailed: it cannot be made.
        RemoteError: a submodule cannot be fetched.
    """
    sweep(git)
    parent = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    tree = parent / parent.name
    try:
        with locked(parent / "lock"):
            git.run(*_WHOLE, "worktree", "add", "--quiet", "--detach", "--force", "--", str(tree), commit)
            _submodules(tree)
            yield tree
    finally:
        _remove(git, tree)


def sweep(git: Git) -> None:
    """Remove what killed processes left."""
    text = git.run("worktree", "list", "--porcelain", check=False).text
    for line in text.splitlines():
        path = Path(line.removeprefix("worktree "))
        ours = line.startswith("worktree ") and path.name.startswith(PREFIX) and path.parent.name == path.name
        if ours and not is_locked(path.parent / "lock"):
            _remove(git, path)


def _remove(git: Git, tree: Path) -> None:
    with contextlib.suppress(GitTrackError, OSError):
        git.run("worktree", "remove", "--force", "--", str(tree), check=False)
    shutil.rmtree(tree.parent, ignore_errors=True)
    with contextlib.suppress(GitTrackError, OSError):
        # Where the folder went first, its entry is still there; `prune` would take those of others along.
        git.run("worktree", "remove", "--force", "--", str(tree), check=False)


def _submodules(tree: Path) -> None:
    """Check submodules out; their settings go into the command, not into the user's configuration."""
    if not (tree / ".gitmodules").is_file():
        return
    inside = discover(tree)
    listed = inside.run("config", "-z", "--file", ".gitmodules", "--list", check=False, cwd=tree)
    pairs = [item.partition("\n") for item in listed.out.decode(errors="replace").split("\0") if item]
    known = inside.config_all()
    words: list[str] = []
    for key, _, value in pairs:
        if key.startswith("submodule.") and key.endswith(".url") and key not in known:
            words += ["-c", f"{key}={value}"]
    try:
        inside.run(*words, "submodule", "--quiet", "update", cwd=tree)
        for key, _, value in pairs:
            if key.endswith(".path") and (tree / value / ".gitmodules").is_file():
                discover(tree / value).run("submodule", "--quiet", "update", "--init", "--recursive")
    except GitFailed as error:
        msg = f"submodules of the code cannot be fetched: {transport.said(error.stderr)}"
        raise RemoteError(msg, hint="check `.gitmodules`, and that you may read them") from error
