"""Stating where a model comes from, for something else to sign."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gittrack.core.errors import GitTrackError
from gittrack.models.provenance.files import files_link, hashed, registry_link
from gittrack.models.provenance.located import locate
from gittrack.models.provenance.statement import statement

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from gittrack.artifacts.content import Moved
    from gittrack.core.records import Run
    from gittrack.models.provenance.located import Located


class CannotAttest(GitTrackError):
    """Nothing can be said of where a model comes from, or it would not be true."""


def attest_model(
    uri: str,
    *,
    builder: str | None = None,
    environ: Mapping[str, str] | None = None,
    repo: str | os.PathLike[str] | None = None,
    moved: Moved | None = None,
) -> dict[str, Any]:
    """An in-toto statement with SLSA provenance: these files were made by that run.

    The files are read again; a model that is not what its run recorded is not attested.

    Args:
        uri: as `load_model` takes it.
        builder: URI of who vouches for the run; from the job of CI that `environ` describes, else of the
            user and host that the run recorded.
        environ: environment variables.
        repo: the repository, a path or a Git URL; as configured when None.
        moved: called with the number of bytes that were read since the last call.

    Raises:
        CannotAttest: no run is known, or the model is not what it or the registry recorded.
        InvalidValue, NotARepository, ModelNotFound, RunNotFound: see `located.locate`.
        UnsafeName, OSError: a file cannot be read.
    """
    found = locate(uri, repo)
    if found.run is None or found.store is None:
        msg = f"it is not known which run made the model: {found.no_run}"
        raise CannotAttest(msg, hint="name it as runs:/RUN/PATH or models:/NAME/VERSION, in its repository")
    members = hashed(found, moved)
    _check(found, members)
    environment = found.store.environment(found.run.id)
    own = builder or _builder(environ or {}, found.run)
    return statement(found.run, members, environment, builder=own, version=version("gittrack"))


def _check(found: Located, members: tuple[Any, ...]) -> None:
    links = [files_link(found, members)]
    if found.version is not None:
        links.append(registry_link(found, members))
    for link in links:
        if link.mark != "ok":
            msg = f"the model cannot be attested: {link.what}"
            raise CannotAttest(msg, hint="`gittrack model verify` shows what is wrong")


def _builder(environ: Mapping[str, str], run: Run) -> str:
    """GitHub and GitLab name a job by a URL (docs.github.com, docs.gitlab.com: predefined variables)."""
    server, repository, job = (environ.get(f"GITHUB_{key}") for key in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and job:
        return f"{server}/{repository}/actions/runs/{job}"
    if gitlab := environ.get("CI_JOB_URL"):
        return gitlab
    return (
        f"urn:gittrack:local:{quote(run.user or 'unknown', safe='')}:{quote(run.host or 'unknown', safe='')}"
    )
