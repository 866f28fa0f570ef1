"""Options of verbs that list runs."""

from __future__ import annotations

import click

from gittrack.cli import options

sort_option = click.option(
    "--sort",
    multiple=True,
    metavar="KEY [DESC]",
    help="For example 'metrics.acc DESC'; may be repeated.",
    shell_complete=options.key_completion,
)
columns_option = click.option(
    "--columns", metavar="A,B,…", help="Columns to show.", shell_complete=options.key_completion
)
