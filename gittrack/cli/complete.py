"""`gittrack completion`, and what a shell may complete; answers come from the index alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

import click

from gittrack.cli import options
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

_NEWEST = 200
_KINDS: tuple[Literal["metrics", "params", "tags"], ...] = ("metrics", "params", "tags")


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
    found.pop("", None)
    return [CompletionItem(word, help=about) for word, about in found.items() if word.startswith(incomplete)]


def _words(ctx: click.Context, what: str) -> Iterator[tuple[str, str]]:
    index = options.store(ctx, recover=False).index
    index.refresh()
    if what == "experiments":
        yield from ((_safe(name), f"{count} runs") for name, count in index.experiments().items())
    if what in {"metrics", "plot"}:
        yield from ((_safe(key), "metric") for key in index.keys("metrics"))
    if what == "keys":
        for kind in _KINDS:
            yield from ((_safe(f"{kind}.{key}"), f"{count} runs") for key, count in index.keys(kind).items())
    if what in {"runs", "plot"}:
        for run in index.select("NOT r.deleted", limit=_NEWEST):
            yield run.id, line(f"{run.name} {run.experiment} {run.status}".strip())
            yield _safe(run.name), run.id
        yield from (("@last", "the newest run"), ("@best:", "the best by a metric"), ("@worst:", "the worst"))


def _safe(word: str) -> str:
    """A word for the shell; nothing where a shell would read something else into it."""
    return word if all(one.isalnum() or one in "-_./:@+=," for one in word) else ""
