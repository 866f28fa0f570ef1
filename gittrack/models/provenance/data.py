"""The data that the run of a model used: whether it still is what it was."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.artifacts.digests import is_digest
from gittrack.core.errors import GitTrackError
from gittrack.launch.reproduction import inputs as reproduced
from gittrack.launch.reproduction.worktree import code_of, work_tree
from gittrack.models.provenance.links import Link
from gittrack.store.kept.places import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Input, Run
    from gittrack.models.provenance.links import Mark
    from gittrack.models.provenance.located import Located
    from gittrack.store.runs import RunStore

_WHERE = {
    "in the code": "as recorded, in the code",
    "here": "as recorded, in the work tree",
    "in place": "as recorded, where it was",
    "kept": "its bytes are in the artifact store; not fetched",
    "checked by the command": "in memory of the run: only running it again can tell",
}
_OK = frozenset({"in the code", "here", "in place"})


def data_links(found: Located) -> list[Link]:
    """One link for each input of the run, or one that says that there is none."""
    run, store = found.run, found.store
    if run is None or store is None:
        return [Link("data", "unknown", "no run says which data it was")]
    if not run.inputs:
        return [Link("data", "unknown", "the run recorded no inputs")]
    then = _registered(found)
    with _tree(store, run) as tree:
        seen = {one.used.name: one for one in reproduced.look(store, run.inputs, tree)}
        kept = Kept(store)
        return [_link(kept, seen[one.name], then) for one in run.inputs]


def _registered(found: Located) -> dict[str, str]:
    """Name to digest of the inputs, as they were when the model was registered."""
    used = found.version.record.inputs if found.version is not None else ()
    return {str(one.get("name")): str(one["sha256"]) for one in used if one.get("sha256") is not None}


def _link(kept: Kept, one: reproduced.Found, then: dict[str, str]) -> Link:
    used, name = one.used, f"data {one.used.name}"
    registered = then.get(used.name)
    if registered is not None and registered != used.sha256:
        what = f"the run names digest {str(used.sha256)[:12]}, and {registered[:12]} was registered"
        return Link(name, "broken", what)
    if one.state in _OK:
        return Link(name, "ok", f"{used.uri}: {_WHERE[one.state]}")
    if (own := _own_copy(kept, used)) is not None:
        return Link(name, own, f"{used.uri}: kept, {'as recorded' if own == 'ok' else 'and has changed'}")
    what = one.note or f"{used.uri}: {_WHERE.get(one.state, one.state)}"
    return Link(name, "broken" if one.state == "changed" else "unknown", what)


def _own_copy(kept: Kept, used: Input) -> Mark | None:
    """What the copy that is kept on this machine is worth; None without one."""
    if used.sha256 is None or not is_digest(used.sha256):
        return None
    path = kept.find(used.sha256)
    if path is None:
        return None
    if _digest(path) != used.sha256:
        return "broken"
    if used.kind != "directory":
        return "ok"
    members = kept.manifest(used.sha256) or []
    paths = [(one.sha256, kept.find(one.sha256)) for one in members]
    if any(file is None for _, file in paths):
        return None
    return "ok" if all(file and _digest(file) == digest for digest, file in paths) else "broken"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def _tree(store: RunStore, run: Run) -> Iterator[Path]:
    """The code of a run as a folder, an empty one where it cannot be had: inputs may be in it."""
    code = code_of(store, run)
    with contextlib.ExitStack() as stack:
        tree = None
        if code.here and code.git is not None and code.commit is not None:
            with contextlib.suppress(GitTrackError, OSError):
                tree = stack.enter_context(work_tree(code.git, code.commit))
        yield tree or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gittrack-verify-")))
