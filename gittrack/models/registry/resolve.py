"""Which model a `models:/…` URI means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.store.registry import read
from gittrack.store.registry.resolve import version_of

if TYPE_CHECKING:
    from gittrack.store.registry.records import Version
    from gittrack.store.runs import RunStore


class ModelVersion(NamedTuple):
    """A version of a registered model, enough to load and verify it.

    Attributes:
        name: of the model.
        version: its number.
        run_id: the run that made it.
        path: where it is among the artifacts of that run.
        digest: SHA-256 of the manifest of its directory.
        record: all that is known of it.
    """

    name: str
    version: int
    run_id: str
    path: str
    digest: str
    record: Version

    @property
    def uri(self) -> str:
        """`runs:/RUN/PATH`."""
        return f"runs:/{self.run_id}/{self.path}"


def resolve(uri: str, store: RunStore) -> ModelVersion:
    """The version that a URI names.

    Args:
        uri: `models:/NAME/VERSION`, `models:/NAME@ALIAS` or `models:/NAME/latest`.
        store: of the runs.

    Raises:
        InvalidValue: it is no such URI.
        ModelNotFound: there is no such model, version or alias.
    """
    return _as_version(version_of(store, uri))


def versions(store: RunStore, name: str) -> list[ModelVersion]:
    """The versions of a model, by number; empty where there is no such model."""
    return [_as_version(one) for one in read.model(store.git, name).versions]


def aliases(store: RunStore, name: str) -> dict[str, int]:
    """Alias to the number of the version that it names; empty where there is no such model."""
    return dict(read.model(store.git, name).aliases)


def _as_version(one: Version) -> ModelVersion:
    return ModelVersion(one.name, one.number, one.run_id, one.path, one.digest, one)
