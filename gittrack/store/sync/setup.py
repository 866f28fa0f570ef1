"""`gittrack init`: what makes plain Git commands bring runs. Everything works without it."""

from __future__ import annotations

import contextlib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gittrack.core.files import write_atomic
from gittrack.core.ids import is_writer, new_writer
from gittrack.store.commit import branch
from gittrack.store.plumbing.git import CODE, HEADS, INBOX, RUNS
from gittrack.store.sync.live_refs import LIVE

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git


def initialise(git: Git) -> list[str]:
    """Prepare a repository; may be called again at any time.

    The runs branch is made, plain `git fetch` is told to bring runs, inboxes and code snapshots of
    each remote, and the clone gets its name among writers.

    Returns:
        What was written, a sentence each; nothing when all was there.

    Raises:
        GitFailed: the repository cannot be written.
    """
    said = []
    if git.resolve(RUNS) is None:
        branch.start(git.on(RUNS))
        said.append(f"Created the branch {RUNS.removeprefix('refs/heads/')} for runs.")
    for remote in git.run("remote").text.splitlines():
        added = _missing(git, remote)
        for spec in added:
            git.run("config", "--add", f"remote.{remote}.fetch", spec)
        if added:
            said.append(f"Told `git fetch {remote}` to bring runs: {', '.join(added)}.")
    if writer_name(git) is None:
        name = remember_writer(git)
        said.append(f"Named this clone {name} among those that write runs.")
    return said


def deinitialise(git: Git) -> list[str]:
    """Take back what :func:`initialise` wrote into Git's configuration. Runs stay.

    Returns:
        What was removed or kept, a sentence each.
    """
    said = []
    for remote in git.run("remote").text.splitlines():
        ours = set(_refspecs(remote)) & set(_configured(git, remote))
        for spec in sorted(ours):
            git.run("config", "--fixed-value", "--unset-all", f"remote.{remote}.fetch", spec)
        if ours:
            said.append(f"Told `git fetch {remote}` to leave runs alone.")
        kept = git.refs(f"refs/gittrack/remotes/{remote}/")
        if kept:
            git.run("update-ref", "--stdin", stdin="".join(f"delete {ref}\n" for ref in kept).encode())
            said.append(f"Removed what was fetched of the code snapshots of {remote}.")
    if git.resolve(RUNS) is not None:
        said.append("Kept the runs: `git branch -D gittrack/runs` would remove them from this clone.")
    return said


def writer_name(git: Git) -> str | None:
    """The name of this clone among those that write, None while it has none."""
    with contextlib.suppress(OSError, ValueError):
        text = (git.directory / "writer").read_text().strip()
        return text if is_writer(text) else None
    return None


def remember_writer(git: Git) -> str:
    """The name of this clone among those that write, given now when it has none.

    Where the repository cannot be written, it is a new one each time.
    """
    known = writer_name(git)
    if known is not None:
        return known
    name = new_writer()
    with contextlib.suppress(OSError):
        git.directory.mkdir(parents=True, exist_ok=True)
        write_atomic(git.directory / "writer", name.encode())
    return name


def _refspecs(remote: str) -> tuple[str, ...]:
    """With globs: `git fetch` fails on a plain name that is missing on the remote."""
    hidden = f"refs/gittrack/remotes/{remote}/"
    return (
        f"+{HEADS}*:refs/remotes/{remote}/gittrack/*",
        f"+{CODE}*:{hidden}code*",
        f"+{INBOX}*:{hidden}inbox/*",
        f"+{LIVE}*:{hidden}live/*",
    )


def _missing(git: Git, remote: str) -> list[str]:
    known = [spec.lstrip("+").partition(":")[0] for spec in _configured(git, remote)]
    wanted = dict(zip((RUNS, CODE, f"{INBOX}x/runs", f"{LIVE}x/y"), _refspecs(remote), strict=True))
    if git.place.shallow:  # snapshots of others would bring back the history that was left out
        del wanted[CODE]
    return [spec for ref, spec in wanted.items() if not any(fnmatchcase(ref, glob) for glob in known)]


def _configured(git: Git, remote: str) -> list[str]:
    return git.run("config", "--get-all", f"remote.{remote}.fetch", check=False).text.splitlines()
