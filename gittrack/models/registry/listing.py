"""What the registry answers: models as they are listed, and what became of an alias."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gittrack.core.value import dataclass
from gittrack.store.registry import read
from gittrack.store.registry.gto import gto_versions
from gittrack.store.registry.records import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class AliasChange:
    """What became of an alias.

    Attributes:
        name: of the model.
        alias: which.
        version: the number that it names now; None where it is gone.
        was: the number that it named before; None where there was none.
        changed: False where it was so already.
        branch: where the change waits for a review; None where it is done.
        tag: that was made; None for none.
        next_steps: commands, or the address of a form.
    """

    name: str
    alias: str
    version: int | None
    was: int | None
    changed: bool
    branch: str | None = None
    tag: str | None = None
    next_steps: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "alias": self.alias,
            "version": self.version,
            "was": self.was,
            "changed": self.changed,
            "branch": self.branch,
            "tag": self.tag,
            "next_steps": list(self.next_steps),
        }


def find_models(store: RunStore, names: Sequence[str] = ()) -> list[Model]:
    """Registered models by name, those of GTO's tags too.

    Args:
        store: of the runs.
        names: only these; `*` and `?` stand for any characters. All when there is none.
    """
    found = {one.name: one for one in read.all_models(store.git) if one.versions or one.problems}
    for name, tagged in groupby(gto_versions(store.code or store.git), key=lambda one: one.name):
        found[name] = replace(found.get(name) or Model(name), gto=tuple(tagged))
    chosen = (name for name in sorted(found) if not names or any(fnmatchcase(name, text) for text in names))
    return [found[name] for name in chosen]
