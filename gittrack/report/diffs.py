"""Diffs of runs as one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.query.changes.code import code_diff
from gittrack.query.changes.whole import Here
from gittrack.report.differences import document, names_of
from gittrack.report.html import html_of
from gittrack.report.patches import patches
from gittrack.report.pictures import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.changes.whole import Differences
    from gittrack.report.document import Patch
    from gittrack.store.runs import RunStore


def diff_page(
    store: RunStore, found: Sequence[Differences], *, patch: bool = True, notes: Sequence[str] = ()
) -> str:
    """What differs between runs, as a page: tables, images side by side, the code line by line.

    Nothing is fetched: what is not in this clone is said. Images of up to 2 MB are in the page, 8 MB in all.

    Args:
        store: of the runs.
        found: at least one diff; several share their first run, as `diff_runs` gives them.
        patch: the code line by line; otherwise how many lines of which files.
        notes: how the runs were found, for the head of the page.
    """
    return html_of(
        document(
            found,
            pictures=side_by_side(found, names_of(found), Here(store).read),
            patches=[_patches(store, one) for one in found] if patch else (),
            notes=notes,
        )
    )


def _patches(store: RunStore, one: Differences) -> Sequence[Patch] | str:
    if not one.code_differs:
        return ()
    result = code_diff(store, one.before, one.after)
    return result.missing or patches(result.text)
