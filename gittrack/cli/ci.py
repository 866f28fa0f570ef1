"""`gittrack ci`: workflow files, and what their jobs run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from gittrack.cli import errors, options
from gittrack.core.errors import UsageError
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.ci.setup import Written

_STATES = {
    "created": "The report is posted as a comment.",
    "updated": "The comment is brought up to date.",
    "unchanged": "The comment says this already.",
    "outdated": "The pull request is closed or has another head by now: nothing is posted.",
}


@click.group("ci", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Set up reports and checks of pull requests, and run their parts."""


@options.verb("init")
@click.argument("host", type=click.Choice(["github", "gitlab"]), default="github")
@click.option("--runs-branch", is_flag=True, help="The files of the runs branch itself, committed to it.")
@click.option("--owner", "owners", multiple=True, metavar="@NAME", help="For CODEOWNERS (may be repeated).")
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@click.option("--print", "printed", is_flag=True, help="Print the files and write nothing.")
def init(
    ctx: click.Context,
    host: Literal["github", "gitlab"],
    owners: tuple[str, ...],
    *,
    runs_branch: bool,
    force: bool,
    printed: bool,
) -> None:
    """Write workflow files: reports on pull requests, gates, a job that reproduces a run.

    They go into the work tree, for you to read and commit. With --runs-branch they are committed to
    gittrack/runs: a workflow that checks pull requests into it, .gitattributes and CODEOWNERS.
    """
    from gittrack.ci import setup

    if runs_branch and host == "gitlab":
        msg = "GitLab runs no pipeline of its own for the runs branch"
        raise UsageError(msg, hint="the jobs of `gittrack ci init gitlab` are enough")
    if owners and not runs_branch:
        msg = "--owner is for the CODEOWNERS of the runs branch"
        raise UsageError(msg, hint="say --runs-branch, too")
    store = options.store(ctx, recover=False)
    if printed:
        _print(setup.files_for_runs_branch(owners) if runs_branch else setup.files_for(host))
    elif runs_branch:
        _tell(setup.write_to_runs_branch(store, owners, force=force), "committed to gittrack/runs")
        hint = "" if owners else " CODEOWNERS is left out: --owner @org/team names who must approve."
        click.echo(f"`gittrack push` shares them.{hint}", err=True)
    else:
        top = (store.code or store.git).place.work_tree
        if top is None:
            msg = "there is no work tree to write into"
            raise UsageError(msg, hint="--print prints the files")
        _tell(setup.write(top, host, force=force), "written")
        click.echo(_NEXT[host], err=True)


_NEXT = {
    "github": "Read and commit them: the comment works once they are on the default branch.",
    "gitlab": "Read and commit it, and include it from .gitlab-ci.yml as its first lines say.",
}


def _print(files: Mapping[str, str]) -> None:
    for path, text in files.items():
        click.echo(f"==> {path} <==\n{text}")


def _tell(done: Written, how: str) -> None:
    for path in done.paths:
        click.echo(f"{how}: {path}", err=True)
    for path in done.present:
        click.echo(f"there already: {path}", err=True)


@options.verb("fetch")
@click.option("--topic", metavar="NAME", help="Read this topic, too, where the remote has it.")
@click.option("--fork", metavar="URL", help="Read the runs of the fork that the code comes from.")
def fetch(ctx: click.Context, topic: str | None, fork: str | None) -> None:
    """Fetch just what a review reads, into the clone of a CI job.

    The newest commit of the runs branch and of a topic, without large files, and the history of the code
    where the clone is shallow.
    """
    from gittrack.ci import fetching

    found = fetching.fetch_for_review(options.store(ctx, recover=False), topic=topic, fork=fork)
    for problem in found.problems:
        errors.tell(problem, kind="warning: ")
    if not found.runs:
        errors.tell("the remote has no branch gittrack/runs", kind="warning: ")
    read = f" and of the topic {line(found.topic)}" if found.topic else ""
    click.echo(f"Reports read the runs of gittrack/runs{read}.", err=True)


@options.verb("comment")
@click.argument("report", type=click.Path(path_type=Path, exists=True))
@click.option("--pull-request", "number", type=click.IntRange(min=1), metavar="N", help="Which one.")
@click.option("--head", metavar="COMMIT", help="Only while this is its newest commit.")
def comment(ctx: click.Context, report: Path, number: int | None, head: str | None) -> None:
    """Post a report as the comment of a pull request, or bring the one that is there up to date.

    REPORT is a Markdown file, or a folder with comment.md and pull-request, which holds the number. The
    variables of GitHub Actions or GitLab CI say where; the token is GITHUB_TOKEN or GITTRACK_GITLAB_TOKEN.
    """
    del ctx
    from gittrack.ci import comment as comments
    from gittrack.ci.hosts import host_of

    told = comments.read_report(report)
    host = host_of(os.environ, number if number is not None else told.number)
    click.echo(_STATES[comments.post(host, told.text, head=head)], err=True)


command.add_command(init)
command.add_command(fetch)
command.add_command(comment)
