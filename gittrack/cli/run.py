"""`gittrack run -- CMD`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options
from gittrack.cli.wrapped import leave, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DASHES = "gittrack.dashes"


class _AfterDashes(click.Command):
    """A command that knows whether `--` stood before its words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual; options end at the first word."""
        given = list(args)
        ctx.allow_interspersed_args = False
        rest = super().parse_args(ctx, args)
        first = len(given) - len(ctx.params.get("words") or ())
        ctx.meta[_DASHES] = given[first - 1 : first] == ["--"]
        return rest


def _file_option(name: str, text: str) -> Callable[[options.F], options.F]:
    path = click.Path(path_type=Path)
    return click.option(name, f"{name[2:]}_files", type=path, multiple=True, metavar="FILE", help=text)


@options.verb("run", cls=_AfterDashes)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- CMD…")
@click.option("-n", "--name", metavar="NAME", help="What to call the run.")
@click.option("-e", "--experiment", metavar="NAME", help="Experiment the run belongs to.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Set a tag (may be repeated).")
@click.option("--note", metavar="TEXT", help="A note, in Markdown.")
@_file_option("--params", "Params from YAML, JSON or TOML, besides those in CMD.")
@_file_option("--metrics", "Metrics that CMD writes as JSON, JSON lines, YAML, CSV.")
@click.option(
    "-i", "--input", "inputs", multiple=True, metavar="PATH", help="A file, folder or URL that CMD uses."
)
@click.option("--metrics-from-stdout", is_flag=True, help="Metrics from lines like `epoch 3 loss=0.1`.")
@click.option(
    "--metric-pattern",
    "patterns",
    multiple=True,
    metavar="REGEX",
    help="Metrics from lines: (?P<acc>…), or (?P<name>…) and (?P<value>…); (?P<step>…).",
)
@click.option("--no-snapshot", is_flag=True, help="Do not keep the code as it is.")
@click.option("--no-output", is_flag=True, help="Do not keep the output.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing at the end.")
def command(ctx: click.Context, words: tuple[str, ...], tags: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401  options
    """Run a command and record it, in whatever language it is.

    Its terminal, signals and exit status are its own. Params come from its arguments (--lr 0.1, lr=0.1).
    For example: gittrack run --name base --metrics-from-stdout -- python train.py --lr 0.1
    """
    from gittrack.tracking import wrap

    _check(ctx, words)
    wish = wrap.Wish(
        name=given["name"],
        experiment=given["experiment"],
        tags=_tags(tags),
        note=given["note"],
        params_files=given["params_files"],
        metrics_files=given["metrics_files"],
        metrics_from_output=given["metrics_from_stdout"],
        patterns=given["patterns"],
        snapshot=not given["no_snapshot"],
        output=not given["no_output"],
        inputs=given["inputs"],
    )
    wrapped = wrap.run(words, options.store(ctx, recover=False), wish)
    if wrapped.error is not None:
        raise wrapped.error
    if not given["quiet"]:
        click.echo(summary(wrapped), err=True)
    return leave(wrapped.exit)


def _check(ctx: click.Context, words: Sequence[str]) -> None:
    from gittrack.core.errors import UsageError

    if not words:
        msg = "there is no command to run"
        raise UsageError(msg, hint="put it after `--`: gittrack run -- python train.py")
    if not ctx.meta[_DASHES]:
        msg = f"`--` must stand before the command: {words[0]}"
        raise UsageError(msg, hint=f"gittrack run … -- {shlex.join(words)}")


def _tags(words: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            msg = f"{word!r} is no KEY=VALUE"
            raise click.UsageError(msg)
        tags[key] = value
    return tags
