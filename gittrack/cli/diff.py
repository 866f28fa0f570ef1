"""`gittrack diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.changes.sides import Side
    from gittrack.query.changes.whole import Differences
    from gittrack.store.runs import RunStore

_HERE = "."


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from gittrack.query.changes.whole import PARTS

    return [part for part in PARTS if part.startswith(incomplete)]


def _check(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    if given:
        from gittrack.query.changes.whole import PARTS

        for part in given:
            click.Choice(PARTS).convert(part, param, ctx)
    return given


@options.verb("diff")
@options.run_argument("words", nargs=-1, metavar="A B [C…] | A..B | RUN .")
@click.option("--work-tree", is_flag=True, help="Against the work tree as it is now, as `.` does.")
@click.option("--all", "everything", is_flag=True, help="What is the same, too.")
@click.option(
    "--only",
    multiple=True,
    metavar="PART",
    help="Only this (may be repeated).",
    callback=_check,
    shell_complete=_complete,
)
@click.option("--no-code", is_flag=True, help="Without the code.")
@click.option("--stat", is_flag=True, help="Of the code only which files changed, and by how much.")
@click.option("--no-pager", is_flag=True, help="Never start a pager.")
@click.option(
    "--html",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write a page that needs nothing else, images side by side.",
)
@options.format_options("json", "md")
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    only: tuple[str, ...],
    shape: str | None,
    file: Path | None,
    **flags: bool,
) -> None:
    """Show what differs between runs: params, metrics, data, code, packages, hardware, output, artifacts.

    A and B are RUNs; A..B are commits or branches, each stands for its newest finished run; `.` is the
    work tree. With more than two, the first is held against each of the others.

    PART is run, command, params, metrics, tags, inputs, artifacts, packages, hardware, environment, code
    or output.
    """
    from gittrack.launch.current import between
    from gittrack.query.changes.sides import sides
    from gittrack.query.changes.whole import PARTS

    store = options.store(ctx)
    named = sides(store, (word for word in words if word != _HERE))
    work_tree = flags["work_tree"] or _HERE in words
    parts = [part for part in (only or PARTS) if part != "code" or not flags["no_code"]]
    asked: Any = parts if only or flags["no_code"] else ()
    found = between(store, [one.run for one in named], work_tree, asked, everything=flags["everything"])
    if file is not None:
        _page(store, named, found, file, patch=not flags["stat"])
    elif shape == "json":
        output.emit_json(found[0].as_json() if len(found) == 1 else [one.as_json() for one in found])
    elif shape == "md":
        _markdown(store, named, found, patch=not flags["stat"])
    else:
        _screen(store, named, found, patch=not flags["stat"], pager=not flags["no_pager"])


def _page(
    store: RunStore, named: Sequence[Side], found: Sequence[Differences], file: Path, *, patch: bool
) -> None:
    from gittrack.core.files import write_atomic
    from gittrack.report.diffs import diff_page
    from gittrack.terminal.escape import line

    write_atomic(file, diff_page(store, found, patch=patch, notes=_notes(named)).encode())
    click.echo(f"wrote {line(file)}", err=True)


def _screen(
    store: RunStore, named: Sequence[Side], found: Sequence[Differences], *, patch: bool, pager: bool
) -> None:
    from gittrack.cli.pager import paged
    from gittrack.terminal.differences_page import page

    with paged(store.code or store.git, wanted=pager):
        if notes := _notes(named):
            output.emit_lines([*notes, ""])
        output.emit_page(page(found))
        if all(one.empty for one in found):
            click.echo("\nno difference")
        for one in found:
            if one.code_differs:
                _code(store, one, patch=patch and len(found) == 1)


def _notes(named: Sequence[Side]) -> list[str]:
    from gittrack.terminal.escape import line

    return [line(f"{one.run.id}: {one.note}") for one in named if one.note]


def _code(store: RunStore, found: Differences, *, patch: bool) -> None:
    from gittrack.cli.captured import harmless
    from gittrack.query.changes.code import code_diff

    colours, width = output.colours(), output.width() - 2
    result = code_diff(store, found.before, found.after, patch=patch, colours=colours, width=width)
    click.echo("")
    if result.missing:
        click.echo(f"code cannot be compared: {result.missing}", err=True)
    else:
        click.echo(harmless(result.text, colours=colours), nl=False, color=colours)


def _markdown(store: RunStore, named: Sequence[Side], found: Sequence[Differences], *, patch: bool) -> None:
    from gittrack.query.changes.code import code_diff
    from gittrack.terminal.differences_page import page
    from gittrack.terminal.escape import block, markdown
    from gittrack.terminal.page import fenced, markdown_page

    output.emit_lines(markdown(note) + "\n" for note in _notes(named))
    output.emit_lines(markdown_page(page(found)))
    if all(one.empty for one in found):
        click.echo("no difference")
    for one in found:
        if one.code_differs:
            text = code_diff(store, one.before, one.after, patch=patch and len(found) == 1).text
            output.emit_lines(fenced(block(text), "diff") if text else ())
