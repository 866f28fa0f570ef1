"""`gittrack tag`."""

from __future__ import annotations

import itertools

import click

from gittrack.cli import changes, options


@options.verb("tag")
@options.run_argument("words", nargs=-1, metavar="RUN… [KEY=VALUE]…")
@click.option("--remove", multiple=True, metavar="KEY", help="Take this tag away (may be repeated).")
@options.json_option
def command(ctx: click.Context, words: tuple[str, ...], remove: tuple[str, ...], *, as_json: bool) -> None:
    """Set or remove tags.

    For example: gittrack tag @last verdict=good team=vision --remove draft
    """
    from gittrack.tracking import edit

    runs, tags = _split(words)
    if not runs:
        error = click.UsageError("no RUN is named", ctx)
        raise error
    if not tags and not remove:
        error = click.UsageError("nothing to set or remove: give KEY=VALUE or --remove KEY", ctx)
        raise error
    run_ids = changes.resolve_all(ctx, runs)
    edit.tag(options.store(ctx), run_ids, tags, remove)
    changes.report(ctx, run_ids, "tagged", as_json=as_json)


def _split(words: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """RUNs up to the first word with `=`, tags from there on."""
    runs = list(itertools.takewhile(lambda word: "=" not in word, words))
    tags: dict[str, str] = {}
    for word in words[len(runs) :]:
        key, equals, value = word.partition("=")
        if not equals:
            msg = f"{word!r} is no KEY=VALUE; RUNs come before tags"
            raise click.UsageError(msg)
        tags[key] = value
    return runs, tags
