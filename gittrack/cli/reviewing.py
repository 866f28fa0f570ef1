"""What `check` and `report` share: which runs, against what, and where the branch of a pull request is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gittrack.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.query.review.review import Review

F = TypeVar("F", bound="Callable[..., Any]")


def review_options(function: F) -> F:
    """RUNs or a range, `--group`, `--base`, `-e`, `--target` and `--require`."""
    given: list[Callable[[F], F]] = [
        options.run_argument("words", nargs=-1, metavar="[BASE..HEAD|RUN…]", required=False),
        click.option("--group", metavar="FILTER", help="All finished runs that match, instead."),
        click.option(
            "--base", multiple=True, metavar="RUN|FILTER|REV", help="Baseline (may be repeated for runs)."
        ),
        click.option(
            "--require",
            multiple=True,
            metavar="EXPR",
            help="What must hold, such as 'val_acc >= baseline - 0.002' (may be repeated).",
        ),
        options.experiment_option,
        click.option(
            "--target",
            metavar="BRANCH",
            help="Branch that changes go to; that of the pull request in CI, else the default branch.",
        ),
    ]
    for declare in reversed(given):
        function = declare(function)
    return function


def reviewed(ctx: click.Context, asked: dict[str, Any]) -> Review:
    """The review that the options ask for; `asked` are the arguments of `review_options`."""
    from gittrack.query.review.api import review_runs

    store = options.store(ctx)
    return review_runs(
        store,
        asked["words"],
        group=asked["group"],
        base=asked["base"],
        require=asked["require"],
        experiments=asked["experiments"] or None,
        target=asked["target"] or _pull_request(ctx),
    )


def _pull_request(ctx: click.Context) -> str | None:
    """The branch that the pull request of this CI job goes to, where this clone has it."""
    from gittrack.query.review.commits import code_git, commit_of

    name = os.environ.get("GITHUB_BASE_REF") or os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    if not name:
        return None
    git = code_git(options.store(ctx))
    return next((one for one in (f"origin/{name}", name) if commit_of(git, one) is not None), None)


def annotate(review: Review) -> None:
    """Where GitHub runs the job, say what failed in the way that it shows."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from gittrack.report.annotations import annotations_of

        for text in annotations_of(review):
            click.echo(text, err=True)
