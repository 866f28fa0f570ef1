"""`gittrack project`: a group of verbs, each a file of its own."""

from __future__ import annotations

import click

from gittrack.cli.lazy import LazyGroup


@click.group(
    "project",
    cls=LazyGroup,
    verbs={name: f"project_{name}" for name in ("validate", "show")},
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """Look at a project: what it can run, and what is wrong with it."""
