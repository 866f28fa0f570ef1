"""`gittrack artifacts`: a group of verbs, each a file of its own."""

from __future__ import annotations

import click

from gittrack.cli.lazy import LazyGroup


@click.group(
    "artifacts",
    cls=LazyGroup,
    verbs={name: f"artifacts_{name}" for name in ("ls", "get", "put", "verify", "gc")},
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """List, get, send, check and collect artifacts.

    `gittrack config artifacts.url URL` names the store that clones share; `gittrack push` fills it.
    """
