"""What the registry knows: frozen values, nothing that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.core.times import iso
from gittrack.core.value import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.store.registry.gto import GtoVersion


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a model. What was registered never changes; tags, note and aliases may.

    Attributes:
        name: of the model.
        number: 1, 2, 3 …, one of its own for each version of a model.
        id: names the file, and stays where the number had to change; see `fold`.
        time: when it was registered, milliseconds since the epoch.
        author: who did: `Name <mail>`.
        run_id: the run that made the model.
        path: of the model among the artifacts of that run.
        digest: SHA-256 of the manifest of its directory, see `gittrack.models.digest`.
        size: bytes of its files.
        flavors: names of them.
        signature: as `MLmodel` has it: `inputs`, `outputs`, `params`, each as JSON text; None without.
        source: commit, snapshot, dirty and remote of the code that ran.
        inputs: name, uri and sha256 of the data that was used.
        tags: name to value, as they are now.
        note: Markdown, empty without one, as it is now.
        aliases: those that name it now.
    """

    name: str
    number: int
    id: str
    time: int
    author: str
    run_id: str
    path: str
    digest: str
    size: int | None = None
    flavors: tuple[str, ...] = ()
    signature: Mapping[str, Any] | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Mapping[str, Any], ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """`churn/3`."""
        return f"{self.name}/{self.number}"

    @property
    def uri(self) -> str:
        """`models:/churn/3`."""
        return f"models:/{self.name}/{self.number}"

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "version": self.number,
            "uri": self.uri,
            "aliases": list(self.aliases),
            "run_id": self.run_id,
            "path": self.path,
            "digest": self.digest,
            "size": self.size,
            "flavors": list(self.flavors),
            "signature": None if self.signature is None else dict(self.signature),
            "source": dict(self.source),
            "inputs": [dict(one) for one in self.inputs],
            "time": iso(self.time),
            "author": self.author,
            "tags": dict(self.tags),
            "note": self.note,
            "id": self.id,
        }


@dataclass(frozen=True, slots=True)
class Moved:
    """An alias got another version, or was taken away.

    Attributes:
        id: its place in the order of everything that happened to the model.
        alias: which.
        target: id of the version, None where the alias was taken away.
        after: id of what was known to be the last move of this alias; empty for none.
        time: by the clock of its author's machine.
        author: `Name <mail>`.
        message: why.
    """

    id: str
    alias: str
    target: str | None
    after: str
    time: int
    author: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """A later change of a model or of one version of it.

    Attributes:
        id: its place in the order.
        target: id of the version; empty for the model itself.
        time: by the clock of its author's machine.
        author: `Name <mail>`.
        number: the number that the version has from now on; None for no change.
        tags: name to value, None to take one away.
        note: the new note; None for no change.
    """

    id: str
    target: str
    time: int
    author: str
    number: int | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model by name: the fold of its files.

    Attributes:
        name: of the model.
        versions: by number.
        aliases: alias to the number of the version that it names.
        moves: of aliases, in order.
        edits: later changes, in order.
        tags, note: of the model itself.
        problems: files that could not be read and were left out, as `path: reason`.
        claims: id of each version to the number that it claims, which another may claim, too.
        gto: versions that tags of GTO's register, where they were asked for.
    """

    name: str
    versions: tuple[Version, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    moves: tuple[Moved, ...] = ()
    edits: tuple[Edited, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    problems: tuple[str, ...] = ()
    claims: Mapping[str, int] = field(default_factory=dict)
    gto: tuple[GtoVersion, ...] = ()

    @property
    def ids(self) -> set[str]:
        """The ids of all that happened to it."""
        versions, moves, edits = self.versions, self.moves, self.edits
        return {one.id for one in versions} | {one.id for one in moves} | {one.id for one in edits}

    def version(self, number: int) -> Version | None:
        """The version of a number, None without one."""
        return next((one for one in self.versions if one.number == number), None)

    def by_id(self, version_id: str | None) -> Version | None:
        """The version of an id, None without one."""
        return next((one for one in self.versions if one.id == version_id), None)

    def last_move(self, alias: str) -> Moved | None:
        """The move of an alias that counts, None where it was never set."""
        return next((one for one in reversed(self.moves) if one.alias == alias), None)

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "versions": [one.to_record() for one in self.versions],
            "aliases": dict(self.aliases),
            "tags": dict(self.tags),
            "note": self.note,
            "gto": [one.to_record() for one in self.gto],
            "problems": list(self.problems),
        }
