"""The artifacts of a job that shares no files, where no artifact store is configured: as blobs on the remote.

A commit whose tree has one blob an artifact, named by its digest, at `refs/gittrack/jobs/RUN-files`. The
submitter takes it into the local artifact store and removes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.artifacts import manifest
from gittrack.core.errors import GitTrackError
from gittrack.launch.backends.portable import JOBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Artifact
    from gittrack.store.runs import RunStore

LIMIT = 20_000_000
"""Bytes of artifacts that come back this way; what is beyond needs an artifact store."""
_WHO = {"NAME": "gittrack", "EMAIL": "gittrack@localhost", "DATE": "@946684800 +0000"}
_ENV = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _WHO.items()}


def ref_of(run_id: str) -> str:
    """Where it is on the remote."""
    return f"{JOBS}{run_id}-files"


def send(store: RunStore, run_id: str, remote: str) -> list[str]:
    """Push the artifacts of a run; gives the paths of those that are too much.

    Raises:
        GitFailed: they cannot be pushed.
    """
    entries: dict[str, str] = {}
    left, left_out = LIMIT, []
    for artifact in store.get(run_id).artifacts:
        digests = list(dict.fromkeys(_digests(store, artifact)))
        size = sum(store.objects.size(one) or 0 for one in digests)
        if size > left:
            left_out.append(artifact.path)
            continue
        left -= size
        for digest in digests:
            words = ("hash-object", "-w", "--stdin")
            entries[digest] = store.git.run(*words, stdin=store.objects.read(digest)).text
    if entries:
        lines = "".join(f"100644 blob {oid}\t{digest}\n" for digest, oid in entries.items())
        tree = store.git.run("mktree", stdin=lines.encode()).text
        commit = store.git.run("commit-tree", tree, stdin=b"gittrack artifacts\n", env=_ENV).text
        refspec = f"+{commit}:{ref_of(run_id)}"
        store.git.run("push", "--quiet", "--no-verify", "--end-of-options", remote, refspec)
    return left_out


def take_in(store: RunStore, run_id: str, remote: str) -> None:
    """Put what was sent into the local artifact store; nothing is done where nothing was sent."""
    ref = ref_of(run_id)
    words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options", remote)
    if store.git.run(*words, f"+{ref}:{ref}", check=False).status:
        return
    for entry in store.git.tree(ref):
        content = store.git.read(entry.oid)
        if content is not None:
            store.objects.put_bytes(content)  # under the digest that it has, whatever its name says
    store.git.run("update-ref", "-d", ref)


def _digests(store: RunStore, artifact: Artifact) -> Iterator[str]:
    yield artifact.sha256
    if artifact.kind == "directory":
        try:
            members = manifest.decode(store.objects.read(artifact.sha256), artifact.path)
        except (GitTrackError, OSError):
            return
        for member in members:
            yield member.sha256
