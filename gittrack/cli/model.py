"""`gittrack model`: a group of verbs, each a file of its own."""

from __future__ import annotations

import click

from gittrack.cli.lazy import LazyGroup

_VERBS = (
    "ls",
    "show",
    "predict",
    "serve",
    "image",
    "manifest",
    "verify",
    "attest",
    "register",
    "promote",
    "demote",
    "history",
    "tag",
    "note",
    "trust",
)


@click.group(
    "model",
    cls=LazyGroup,
    verbs={name: f"model_{name}" for name in _VERBS},
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """Show, score, serve, register and promote models.

    MODEL is a directory with an MLmodel file, runs:/RUN/PATH, models:/NAME/VERSION, models:/NAME@ALIAS,
    models:/NAME/latest, or the URL of such a directory.
    """
