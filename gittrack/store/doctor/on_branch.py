"""What `gittrack doctor` looks at on the runs branch and in the refs beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gittrack.store.commit import branch
from gittrack.store.doctor.finding import Finding, count, first
from gittrack.store.format import layout
from gittrack.store.format.file_checks import check_path
from gittrack.store.plumbing.git import CODE, HEADS, INBOX, RUNS
from gittrack.store.registry.document import ROOT as MODELS
from gittrack.store.registry.read import all_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.store.plumbing.git import Git
    from gittrack.store.runs import RunStore

STALE = 3.0
"""Seconds after which the lock file of a ref is left over."""
_HISTORY = 5000  # commits that are looked at for rewritten files
_FILE = "100644"
_ROOMS = (f"{layout.ROOT}/", f"{MODELS}/")


def root(store: RunStore) -> Iterator[Finding]:
    """Whether the branch is one of ours."""
    git = store.git
    tip = branch.tip(git)
    if tip is None:
        yield Finding("branch", "ok", "no run was recorded yet")
        return
    runs = git.run("ls-tree", "-r", "--name-only", tip, "--", f"{layout.ROOT}/").text.count("/run.yaml")
    yield Finding("branch", "ok", f"gittrack/runs has {count(runs, 'recorded run')}")
    roots = git.run("rev-list", "--max-parents=0", tip).text.split()
    if not git.place.shallow and any(not _is_ours(git, oid) for oid in roots):
        hint = "rename it if it is somebody else's; other branches do not belong into it"
        yield Finding("branch", "error", "gittrack/runs has a start that is not gittrack's", hint)


def _is_ours(git: Git, oid: str) -> bool:
    return git.run("log", "-1", "--format=%an <%ae> %at", oid).text == "gittrack <gittrack@localhost> 0"


def paths(store: RunStore) -> Iterator[Finding]:
    """Paths that are not safe, files that are no files."""
    tip = branch.tip(store.git)
    if tip is None:
        return
    bad: list[str] = []
    for entry in store.git.tree(tip, *_ROOMS):
        if entry.mode != _FILE:
            bad.append(f"{entry.path} (mode {entry.mode})")
        elif any(problem.severity == "error" for problem in check_path(entry.path)):
            bad.append(entry.path)
    if bad:
        hint = "readers leave them out; `git log gittrack/runs -- PATH` says who put them there"
        yield Finding("branch", "error", f"{count(len(bad), 'path')} out of place: {first(bad)}", hint)


def files(store: RunStore) -> Iterator[Finding]:
    """Files that cannot be read."""
    problems = store.index.refresh()
    if problems:
        what = f"{count(len(problems), 'file')} cannot be read: {first(problems, 2)}"
        yield Finding("files", "warning", what, "`gittrack validate` says what is wrong with each")
    else:
        yield Finding("files", "ok", "all files of runs can be read")


def models(store: RunStore) -> Iterator[Finding]:
    """Registered models whose files cannot be read, or whose runs are not here."""
    found = all_models(store.git)
    if not found:
        return
    problems = [line for model in found for line in model.problems]
    if problems:
        what = f"{count(len(problems), 'file')} of models cannot be read: {first(problems, 2)}"
        yield Finding("models", "warning", what, "`gittrack validate` says what is wrong with each")
    lost = [one.shown for model in found for one in model.versions if not store.knows(one.run_id)]
    if lost:
        what = f"{count(len(lost), 'version')} of models whose run is not here: {first(lost)}"
        yield Finding("models", "warning", what, "`gittrack pull` fetches the runs of others")
    if not (problems or lost):
        yield Finding("models", "ok", f"{count(len(found), 'registered model')}, all versions have their run")


def versions(store: RunStore) -> Iterator[Finding]:
    """Files of a newer gittrack."""
    tip = branch.tip(store.git)
    if tip is None:
        return
    pattern = r"^schema: \"gittrack\.[a-z]*/([2-9]|[1-9][0-9]+)\""
    words = ("grep", "-l", "-E", "-e", pattern.replace('\\"', '"'), tip, "--", *_ROOMS)
    found = store.git.run(*words, check=False).text.splitlines()
    if found:
        what = f"{count(len(found), 'file')} of a newer gittrack, shown as far as they are understood"
        yield Finding("files", "info", what, "update gittrack: pip install -U gittrack")


def rewritten(store: RunStore) -> Iterator[Finding]:
    """Files that somebody changed or removed after they were written."""
    tip = branch.tip(store.git)
    if tip is None:
        return
    words = (
        "log",
        "-n",
        str(_HISTORY),
        "--no-renames",
        "--diff-filter=MDT",
        "--name-only",
        "--format=",
        "-z",
    )
    out = store.git.run(*words, tip, "--", *_ROOMS).text
    changed = sorted({name.strip("\n") for name in out.split("\0")} - {""})
    if changed:
        what = f"{count(len(changed), 'file')} changed after they were written: {first(changed)}"
        yield Finding("branch", "warning", what, "`git log -p gittrack/runs -- PATH` shows the original")


def locks(store: RunStore) -> Iterator[Finding]:
    """Lock files that killed processes left."""
    for path in stale_locks(store.git):
        what = f"{path} is left over from a killed process"
        yield Finding("locks", "warning", what, "no run can be recorded while it is there", "locks")


def stale_locks(git: Git) -> list[Path]:
    """Lock files of our refs that nobody has touched for some seconds."""
    found = []
    for ref in dict.fromkeys((RUNS, git.runs, CODE)):
        path = git.place.common_dir / f"{ref}.lock"
        try:
            if time.time() - path.stat().st_mtime > STALE:
                found.append(path)
        except OSError:
            continue
    return found


def inboxes(store: RunStore) -> Iterator[Finding]:
    """Runs that came by an inbox and are not on the branch yet."""
    tip = branch.tip(store.git)
    places = (INBOX, f"{HEADS}inbox/", "refs/gittrack/remotes/*/inbox/", "refs/remotes/*/gittrack/inbox/")
    merged = () if tip is None else (f"--no-merged={tip}",)
    refs = store.git.run("for-each-ref", *merged, "--format=%(refname)", *places).text.split()
    if refs:
        what = f"{count(len(refs), 'inbox ref')} not folded into the branch"
        yield Finding("inbox", "info", what, "`gittrack pull` folds them in")


def unpushed(store: RunStore) -> Iterator[Finding]:
    """Commits that no remote has, as far as is known here."""
    tip = branch.tip(store.git)
    known = store.git.refs("refs/remotes/*/gittrack/runs")
    if tip is None or not known:
        return
    fewest = min(
        int(store.git.run("rev-list", "--count", tip, f"^{oid}").text) for oid in set(known.values())
    )
    if fewest:
        yield Finding(
            "share", "info", f"{count(fewest, 'commit')} of runs not pushed", "`gittrack push` sends them"
        )
    else:
        yield Finding("share", "ok", "all runs are pushed")
