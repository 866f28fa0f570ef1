"""The README of the runs branch: a leaderboard for the page that hosts show of a branch.

It is the one file of the branch that is not of a run. It is written on the runs branch alone, never on a
topic, and only when somebody asks; so a pull request never has it and cannot conflict. Two clones that wrote
it apart are joined like everything else: one of the two stays, and asking again writes it anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import GitTrackError
from gittrack.query.search import search
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes
from gittrack.store.plumbing.git import RUNS
from gittrack.terminal import listing
from gittrack.terminal.escape import markdown
from gittrack.terminal.table import as_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

PATH = "README.md"
_ORDER = {"max": "DESC", "min": "ASC"}
_PLAIN = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)  # a name that needs no quotes in a key
_MARK = "<!-- written by `gittrack readme`, which writes it anew -->"


def leaderboard(
    store: RunStore,
    text: str | None = None,
    *,
    experiments: Sequence[str] | None = None,
    order_by: Sequence[str] = (),
    columns: Sequence[str] = (),
    limit: int = 20,
    now: int,
) -> str:
    """The README as Markdown.

    Args:
        store: whose runs; those of a topic are left out.
        text: a FILTER.
        experiments: only runs of these.
        order_by: keys to sort by, such as `metrics.acc DESC`; when there is none, the first metric that
            has a goal in gittrack.yaml; else the newest first.
        columns: what to show, as of `gittrack ls`.
        limit: how many runs.
        now: the time that ages are told from, milliseconds since the epoch.

    Raises:
        FilterError: the filter does not parse.
    """
    main = store.on(None)
    rules = main.config.get("metrics")
    order_by = order_by or _by_goal(rules)
    runs = search(main, text, experiments=experiments, order_by=order_by, limit=limit)
    table = listing.table(runs, now=now, rules=rules, columns=columns)
    total = len(search(main, None, experiments=experiments)) if text or len(runs) == limit else len(runs)
    lines = [_MARK, "# Runs", "", _told(runs, total, text, order_by), "", *as_markdown(table), ""]
    return "\n".join([*lines, *_help(), ""])


def publish(store: RunStore, text: str, *, force: bool = False) -> bool:
    """Commit the README to the runs branch of this clone; a push takes it along.

    Args:
        store: whose branch.
        text: from :func:`leaderboard`.
        force: overwrite one that somebody wrote by hand.

    Returns:
        Whether it changed.

    Raises:
        GitTrackError: somebody wrote one by hand.
        GitFailed: Git cannot write.
    """
    git = store.git.on(RUNS)
    there = git.read(f"{branch.start(git)}:{PATH}")
    if there == text.encode():
        return False
    if there is not None and not there.startswith(_MARK.encode()) and not force:
        msg = f"the runs branch has a {PATH} that was written by hand"
        raise GitTrackError(msg, hint="--print shows what would be written, --force overwrites it")
    branch.submit(git, Changes("gittrack: leaderboard", {PATH: text.encode()}))
    return True


def _by_goal(rules: Mapping[str, Any]) -> list[str]:
    for name, rule in rules.items():
        goal = rule.get("goal") if isinstance(rule, dict) else rule
        if goal in _ORDER and _PLAIN.fullmatch(name):
            return [f"metrics.{name} {_ORDER[goal]}"]
    return []


def _told(runs: Sequence[Run], total: int, text: str | None, order_by: Sequence[str]) -> str:
    order = f"by {markdown(', '.join(order_by))}" if order_by else "the newest first"
    match = f" that match {markdown(text)}" if text else ""
    return f"{len(runs):,} of {total:,} runs{match}, {order}."


def _help() -> list[str]:
    return [
        "Each run is a directory below [`.runs`](.runs): `run.yaml` says what was run and what came of it.",
        "In a clone, `gittrack pull` fetches them, `gittrack ls` lists them, `gittrack show RUN` shows one.",
    ]
