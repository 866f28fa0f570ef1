"""`gittrack model`: a group of verbs, each a file of its own."""

from __future__ import annotations

import click

from gittrack.cli.lazy import LazyGroup


@click.group(
    "model",
    cls=LazyGroup,
    verbs={name: f"model_{name}" for name in ("show", "predict", "serve", "trust")},
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="VERB …",
    options_metavar="",
)
def command() -> None:
    """Show, score, serve and trust models.

    MODEL is a directory with an MLmodel file, runs:/RUN/PATH, or the URL of such a directory.
    """
