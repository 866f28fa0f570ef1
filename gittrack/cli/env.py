"""`gittrack env`: a group of verbs, each a file of its own."""

from __future__ import annotations

import click

from gittrack.cli.lazy import LazyGroup


@click.group(
    "env",
    cls=LazyGroup,
    verbs={name: f"env_{name}" for name in ("ls", "rm", "prune")},
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """List and remove the environments of projects that are kept."""
