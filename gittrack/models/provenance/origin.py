"""The run that made a model, and the code that ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.launch.reproduction.worktree import code_of
from gittrack.models.provenance.links import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run
    from gittrack.models.provenance.located import Located
    from gittrack.store.plumbing.git import Git

_SHOWN = 12


def run_link(found: Located) -> Link:
    """Whether the run is there, and says that it made this model."""
    if found.run is None:
        return Link("run", "unknown", found.no_run)
    run = found.run
    said = found.described.run_id if found.described is not None else None
    if said is not None and said != run.id:
        return Link("run", "broken", f"run {run.id} has it, and its MLmodel names run {said}")
    if not _has(run, found.path):
        return Link("run", "broken", f"run {run.id} recorded no artifact {found.path!r}")
    if run.status != "finished":
        return Link("run", "ok", f"run {run.id} recorded it; the run is {run.status}")
    return Link("run", "ok", f"run {run.id} recorded it")


def _has(run: Run, path: str) -> bool:
    top = f"{path}/"
    return any(
        one.path == path or one.path.startswith(top) or path.startswith(f"{one.path}/")
        for one in run.artifacts
    )


def code_link(found: Located) -> Link:
    """Whether the code that ran is here, and is what the run and the registry say."""
    if found.run is None or found.store is None:
        return Link("code", "unknown", "no run says which code it was")
    wrong = next(_contradictions(found, found.run), None)
    if wrong is not None:
        return Link("code", "broken", wrong)
    code = code_of(found.store, found.run)
    if code.commit is None:
        return Link("code", "unknown", code.missing or "the code was not captured")
    if not code.here or code.git is None:
        why = code.missing or f"commit {code.commit[:_SHOWN]} is not in this clone; `git fetch` may bring it"
        return Link("code", "unknown", why)
    return _content(code.git, code.commit, found.run)


def _contradictions(found: Located, run: Run) -> Iterator[str]:
    """Where the registry and the run name different code."""
    said = found.version.record.source if found.version is not None else {}
    for key in ("commit", "snapshot"):
        then, now = said.get(key), getattr(run.source, key)
        if then is not None and then != now:
            yield f"the run names {key} {str(now)[:_SHOWN]}, and {then[:_SHOWN]} was registered"


def _content(git: Git, commit: str, run: Run) -> Link:
    """A commit that is here: its bytes have its name, its files are all there, its parent is as said."""
    raw = git.run("cat-file", "commit", commit).out
    named = git.run("hash-object", "-t", "commit", "--stdin", stdin=raw).text.strip()
    if named != commit:
        return Link("code", "broken", f"commit {commit[:_SHOWN]} has changed: its bytes are {named[:_SHOWN]}")
    base = run.source.commit
    dirty = base is not None and commit != base
    if dirty and f"parent {base}\n".encode() not in raw.partition(b"\n\n")[0] + b"\n":
        what = f"snapshot {commit[:_SHOWN]} is not on top of commit {str(base)[:_SHOWN]}, as the run says"
        return Link("code", "broken", what)
    oids = {entry.oid for entry in git.tree(commit) if entry.mode != "160000"}
    lost, changed = _faults(git, oids)
    if changed:
        return Link("code", "broken", f"commit {commit[:_SHOWN]}: {changed} of its files have changed")
    if lost:
        return Link("code", "unknown", f"commit {commit[:_SHOWN]}: {lost} of its files are not in this clone")
    on = f"commit {str(base)[:_SHOWN]} with uncommitted changes, " if dirty else "commit "
    left = f", {len(run.source.left_out)} files left out" if run.source.left_out else ""
    return Link("code", "ok", f"{on}{commit[:_SHOWN]} is here, {len(oids)} contents read{left}")


def _faults(git: Git, oids: set[str]) -> tuple[int, int]:
    """How many contents are missing, and how many have not the digest that names them."""
    import hashlib

    kind = hashlib.sha256 if git.place.object_format == "sha256" else hashlib.sha1
    lost = changed = 0
    for oid, data in git.read_many(sorted(oids)):
        if data is None:
            lost += 1
        elif kind(b"blob %d\0" % len(data) + data).hexdigest() != oid:
            changed += 1
    return lost, changed
