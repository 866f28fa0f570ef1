"""The chain of a model: files, registry, run, code and data, each looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.models.provenance.data import data_links
from gittrack.models.provenance.files import digest_of, files_link, hashed, registry_link
from gittrack.models.provenance.links import Chain
from gittrack.models.provenance.located import locate
from gittrack.models.provenance.origin import code_link, run_link

if TYPE_CHECKING:
    import os

    from gittrack.artifacts.content import Moved


def verify_model(
    uri: str, *, repo: str | os.PathLike[str] | None = None, moved: Moved | None = None
) -> Chain:
    """Read a model again, and follow what it hangs on: run, code and data.

    Nothing is fetched but the model itself. A link is `broken` only where something is there and is not
    what was recorded; what is not here, or was never recorded, is `unknown`.

    Args:
        uri: as `load_model` takes it.
        repo: the repository, a path or a Git URL; as configured when None.
        moved: called with the number of bytes that were read since the last call.

    Raises:
        InvalidValue, NotARepository, ModelNotFound, RunNotFound: see `located.locate`.
        MalformedFile: a folder has no `MLmodel`, or one that cannot be read.
        UnsafeName, OSError: a file cannot be read.
    """
    found = locate(uri, repo)
    members = hashed(found, moved)
    links = [files_link(found, members)]
    if found.version is not None:
        links.append(registry_link(found, members))
    links += [run_link(found), code_link(found), *data_links(found)]
    run_id = found.run.id if found.run is not None else None
    return Chain(uri, digest_of(members) if members else None, run_id, tuple(links))
