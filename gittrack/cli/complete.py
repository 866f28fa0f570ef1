"""`gittrack completion`, and what a shell may complete; answers come from the index alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from gittrack.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

_NEWEST = 200


@options.verb("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash: eval "$(gittrack completion bash)"
    zsh:  eval "$(gittrack completion zsh)"
    fish: gittrack completion fish | source
    """  # noqa: D301  click wants the backspace character itself
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click knows all three
    root = ctx.find_root().command
    with contextlib.suppress(RuntimeError):  # an old bash: the script says so itself
        click.echo(kind(root, {}, "gittrack", "_GITTRACK_COMPLETE").source())


def suggest(ctx: click.Context, what: str, incomplete: str) -> list[CompletionItem]:
    """What may stand where `incomplete` is; nothing when anything goes wrong.

    Args:
        ctx: click's context.
        what: `runs`, `experiments`, `metrics`, `keys`, or `plot` for metrics and runs.
        incomplete: what is there already.
    """
    from click.shell_completion import CompletionItem

    found: dict[str, str] = {}
    with contextlib.suppress(Exception):
        found = dict(_words(ctx, what))
    return [CompletionItem(word, help=help_) for word, help_ in found.items() if word.startswith(incomplete)]


def _words(ctx: click.Context, what: str) -> Iterator[tuple[str, str]]:
    from gittrack.query.search import search
    from gittrack.terminal.escape import line

    runs = search(options.store(ctx, recover=False), limit=_NEWEST)
    for run in runs:
        about = line(f"{run.name} {run.experiment} {run.status}".strip())
        if what == "experiments":
            yield _safe(run.experiment)
        if what in {"metrics", "plot"}:
            yield from (_safe(key) for key in run.metrics)
        if what in {"runs", "plot"}:
            yield run.id, about
            yield _safe(run.name)
        if what == "keys":
            for group in ("metrics", "params", "tags"):
                yield from (_safe(f"{group}.{key}") for key in getattr(run, group))
    if what in {"runs", "plot"}:
        yield from (("@last", "the newest run"), ("@best:", "the best by a metric"), ("@worst:", "the worst"))


def _safe(word: str) -> tuple[str, str]:
    """A word for the shell; one that a shell would read otherwise is left out."""
    plain = word and all(one.isalnum() or one in "-_./:@+=," for one in word)
    return (word if plain else "", "")
