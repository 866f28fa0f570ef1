"""`gittrack diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from gittrack.query.diff import RunDiff
    from gittrack.store.runs import RunStore


@options.verb("diff")
@options.run_argument("before", metavar="A")
@options.run_argument("after", metavar="B")
@click.option("--all", "everything", is_flag=True, help="What is the same, too.")
@click.option("--no-code", is_flag=True, help="Without the code.")
@click.option("--stat", is_flag=True, help="Of the code only which files changed, and by how much.")
@options.json_option
def command(
    ctx: click.Context, before: str, after: str, *, everything: bool, no_code: bool, stat: bool, as_json: bool
) -> None:
    """Show what differs between runs A and B: params, metrics, tags, environment, command and code."""
    from gittrack.query.diff import diff

    store = options.store(ctx)
    runs = options.resolve(ctx, before), options.resolve(ctx, after)
    found = diff(
        *runs,
        environments=(store.environment(runs[0].id), store.environment(runs[1].id)),
        rules=store.config.get("metrics"),
    )
    found = found if everything else found.differing()
    if as_json:
        output.emit_json(found.as_json())
        return
    from gittrack.terminal.diff_page import page

    output.emit_page(page(found))
    if not found.sections and not found.code_differs:
        click.echo("\nno difference")
    elif found.code_differs and not no_code:
        _code(store, found, patch=not stat)


def _code(store: RunStore, found: RunDiff, *, patch: bool) -> None:
    from gittrack.cli.captured import harmless
    from gittrack.query.code import code_diff

    colours = output.colours()
    result = code_diff(
        store, found.before, found.after, patch=patch, colours=colours, width=output.width() - 2
    )
    click.echo("")
    if result.missing:
        click.echo(f"code cannot be compared: {result.missing}", err=True)
    else:
        click.echo(harmless(result.text, colours=colours), nl=False, color=colours)
