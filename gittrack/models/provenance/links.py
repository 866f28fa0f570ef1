"""The links of the chain that a model hangs on; values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

Mark = Literal["ok", "broken", "unknown"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    Attributes:
        name: `files`, `registry`, `run`, `code`, or `data NAME`.
        mark: `ok`; `broken` where it is not what was recorded; `unknown` where that cannot be told here.
        what: what was found, one line.
    """

    name: str
    mark: Mark
    what: str

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "mark": self.mark, "what": self.what}


@dataclass(frozen=True, slots=True)
class Chain:
    """What a model hangs on.

    Attributes:
        uri: of the model, as it was asked for.
        digest: of its files as they are; None where they cannot be had.
        run_id: that made it; None where it is not known.
        links: from the files back to the data.
    """

    uri: str
    digest: str | None
    run_id: str | None
    links: tuple[Link, ...]

    @property
    def broken(self) -> Sequence[Link]:
        """The links that are broken."""
        return [one for one in self.links if one.mark == "broken"]

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "uri": self.uri,
            "digest": self.digest,
            "run_id": self.run_id,
            "verified": all(one.mark == "ok" for one in self.links),
            "links": [one.to_record() for one in self.links],
        }
