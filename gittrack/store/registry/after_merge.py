"""After two registries were merged: numbers are written down, and whoever lost a race is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.store.commit import branch
from gittrack.store.registry.document import ROOT
from gittrack.store.registry.read import in_folder
from gittrack.store.registry.settle import races, renumbered, unclaimed, wanted_numbers
from gittrack.store.registry.write import Stamps, commit, number_files, turn

if TYPE_CHECKING:
    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.records import Model


def changed_models(git: Git, old: str | None, new: str | None) -> list[str]:
    """The folders of the models that differ between two tips of the branch."""
    if new is None or old == new:
        return []
    if old is None:
        words = ["ls-tree", "-r", "--name-only", "-z", "--full-tree", new]
    else:
        words = ["diff-tree", "-r", "--name-only", "-z", "--no-renames", old, new]
    paths = git.run(*words, "--", f"{ROOT}/").out.decode(errors="surrogateescape").split("\0")
    return sorted({path.split("/")[1] for path in paths if path.count("/") > 1})


def settle(git: Git, mine: str | None, published: str | None, side: str = "this clone") -> list[str]:
    """Keep the numbers of published versions, give the others free ones; what is to be said, one line each.

    Args:
        git: the repository, on the branch that now has what both had.
        mine: the commit of one side before the merge; None for nothing.
        published: of the other, whose numbers stay.
        side: what the first is called.

    Raises:
        GitFailed: Git cannot write.
    """
    both = branch.head(git)
    folders = {*changed_models(git, mine, both), *changed_models(git, published, both)}
    lines: list[str] = []
    for folder in sorted(folders):
        lines += _settle_one(git, folder, mine, published, side)
    return lines


def _settle_one(git: Git, folder: str, mine: str | None, published: str | None, side: str) -> list[str]:
    ours, theirs = in_folder(git, folder, mine), in_folder(git, folder, published)
    both = in_folder(git, folder, branch.head(git))
    wanted = wanted_numbers(ours, theirs, both)
    if both.ids - theirs.ids and unclaimed(both, wanted):
        both, wanted = _written(git, folder, ours, theirs)
    return [*renumbered(ours, wanted, side), *races(ours, theirs, both, side)]


def _written(git: Git, folder: str, ours: Model, theirs: Model) -> tuple[Model, dict[str, int]]:
    """Write down who has which number; after all that another process may have written meanwhile."""
    with turn(git):
        both = in_folder(git, folder, branch.head(git))
        wanted = wanted_numbers(ours, theirs, both)
        if files := number_files(both, wanted, Stamps(git, both)):
            commit(git, f"gittrack: numbers of model {both.name}", files)
    return both, wanted
