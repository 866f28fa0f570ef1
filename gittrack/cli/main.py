"""The `gittrack` command: a table of verbs, each loaded when it is used.

A verb is one file of this folder with a click command named `command`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gittrack.cli import errors, output
from gittrack.cli.lazy import LazyGroup
from gittrack.cli.options import State, repo_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem


class Verb(NamedTuple):
    """Where a verb is and what it says of itself in `gittrack --help`."""

    module: str
    help: str
    section: str


VERBS = {
    "init": Verb("init", "Prepare this repository for sharing runs", "Record"),
    "run": Verb("run", "Run a project or a command and record it", "Record"),
    "sweep": Verb("sweep", "Run a project or a command with many params", "Record"),
    "cancel": Verb("cancel", "End a run that an engine has", "Record"),
    "reproduce": Verb("reproduce", "Run a recorded run again and compare", "Record"),
    "project": Verb("project", "Look at a project and check it", "Record"),
    "ls": Verb("ls", "List runs", "Look"),
    "show": Verb("show", "Show one run", "Look"),
    "log": Verb("log", "Show the history of the runs, or of one run", "Look"),
    "diff": Verb("diff", "Show what differs between two runs", "Look"),
    "compare": Verb("compare", "Compare runs side by side", "Look"),
    "plot": Verb("plot", "Draw metrics in the terminal", "Look"),
    "ui": Verb("ui", "Look at runs on the whole screen", "Look"),
    "watch": Verb("watch", "Follow running runs", "Look"),
    "tag": Verb("tag", "Set or remove tags", "Change"),
    "note": Verb("note", "Write a note on a run", "Change"),
    "rename": Verb("rename", "Give a run another name", "Change"),
    "rm": Verb("rm", "Hide runs", "Change"),
    "restore": Verb("restore", "Show hidden runs again", "Change"),
    "push": Verb("push", "Send runs to a remote", "Share"),
    "pull": Verb("pull", "Fetch runs from a remote", "Share"),
    "branch": Verb("branch", "Fork, list, switch and delete topics: runs for review", "Share"),
    "merge": Verb("merge", "Bring the runs of a topic into the runs branch", "Share"),
    "artifacts": Verb("artifacts", "List, get, send, check and collect artifacts", "Share"),
    "report": Verb("report", "Report runs against a baseline, for a pull request", "Review"),
    "check": Verb("check", "Fail when a gate on the results does not hold", "Review"),
    "readme": Verb("readme", "Write a leaderboard as the front page of the runs branch", "Share"),
    "ci": Verb("ci", "Set up reports and checks of pull requests", "Share"),
    "model": Verb("model", "Show, score, serve, register and promote models", "Models"),
    "attest": Verb("model_attest", "State where a model comes from, to be signed", "Models"),
    "config": Verb("config", "Show settings and where they come from", "Care"),
    "env": Verb("env", "List and remove environments of projects", "Care"),
    "doctor": Verb("doctor", "Check the store and repair what is safe", "Care"),
    "hook": Verb("hook", "Check files of a commit, for pre-commit and CI", "Care"),
    "validate": Verb("validate", "Hold run files against their schemas", "Care"),
    "completion": Verb("complete", "Print the completion script of a shell", "Care"),
}
HIDDEN = {"exec": Verb("exec", "Do what a ticket says", "")}
"""Verbs that programs call, not people."""


class VerbGroup(LazyGroup):
    """Lists the verbs by section, without importing any."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The verbs by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, verb in VERBS.items():
            sections.setdefault(verb.section, []).append((name, verb.help))
        width = max(map(len, VERBS))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs with their help lines, without importing any; options when it begins with a dash."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=verb.help)
            for name, verb in VERBS.items()
            if name.startswith(incomplete)
        ]


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's
    if value and not ctx.resilient_parsing:
        from gittrack.cli.versions import own_version

        click.echo(f"gittrack {own_version()}")
        ctx.exit()


def _change_directory(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    try:
        os.chdir(value)
    except OSError as error:
        msg = f"cannot work in {value!r}: {error.strerror}"
        raise click.BadParameter(msg) from error


@click.group(
    cls=VerbGroup,
    verbs={name: verb.module for name, verb in VERBS.items()},
    hidden={name: verb.module for name, verb in HIDDEN.items()},
    context_settings={"help_option_names": ["-h", "--help"], "obj": None},
    subcommand_metavar="VERB …",
    options_metavar="",
)
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    help="Work in this folder.",
    is_eager=True,
    expose_value=False,
    callback=_change_directory,
)
@repo_option
@click.option(
    "--version", is_flag=True, help="Show the version.", is_eager=True, expose_value=False, callback=_version
)
def group() -> None:
    """Experiment tracking that lives in your Git repository.

    RUN is an id or an unambiguous part of one, a name, @last, @best:METRIC, @worst:METRIC or @COMMIT.
    FILTER reads like: metrics.acc > 0.9 and params.lr = 0.1. `gittrack VERB --help` says more.
    """


def invoke(words: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status; what goes wrong is said on standard error.

    Args:
        words: the arguments, those of the process when None.
    """
    state = State()
    output.spell_out()
    settings: dict[str, Any] = {
        "obj": state,
        "prog_name": "gittrack",
        "standalone_mode": False,
        "terminal_width": min(output.width(), 100) - 2,  # given, so that click needs no shutil (5 ms)
    }
    return errors.guard(lambda: group.main(args=words, **settings), state)
