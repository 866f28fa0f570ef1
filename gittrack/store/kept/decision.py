"""Which objects of a store may go; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Stored(NamedTuple):
    """An object as a store lists it.

    Attributes:
        sha256: its digest.
        size: in bytes.
        modified: seconds since the epoch, None where the store does not say.
    """

    sha256: str
    size: int
    modified: float | None


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection removes, or would remove.

    Attributes:
        removed: digests of objects and names of broken uploads, with sizes in bytes.
        named: how many objects some run names.
        young: how many nobody names that are younger than the grace period.
        dry: whether nothing was removed yet.
    """

    removed: Mapping[str, int]
    named: int
    young: int
    dry: bool

    @property
    def size(self) -> int:
        """Bytes of what is removed."""
        return sum(self.removed.values())

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "removed": dict(self.removed),
            "size": self.size,
            "named": self.named,
            "young": self.young,
            "dry_run": self.dry,
        }


def decide(
    found: Iterable[Stored], named: Collection[str], *, now: float, grace: float, dry: bool = True
) -> Collected:
    """Which objects may go; pure.

    Args:
        found: what is in the store.
        named: digests that must stay.
        now: seconds since the epoch, by the clock of the store.
        grace: seconds; an object that was written within them stays, and so does one of unknown age.
        dry: for the answer.
    """
    removed: dict[str, int] = {}
    stay = young = 0
    for one in found:
        if one.sha256 in named:
            stay += 1
        elif one.modified is None or one.modified > now - grace:
            young += 1
        else:
            removed[one.sha256] = one.size
    return Collected(removed, stay, young, dry)
