"""`gittrack validate`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gittrack.store.format.file_checks import Problem


@options.verb("validate")
@click.argument("what", nargs=-1, metavar="[PATH|RUN]…")
@click.option("--branch", "whole", is_flag=True, help="The whole runs branch, as without PATH and RUN.")
@options.json_option
def command(ctx: click.Context, what: tuple[str, ...], *, whole: bool, as_json: bool) -> int:
    """Hold run files against their schemas.

    PATH is a file or folder on disk, RUN a committed run. Exit status 1 when there is an error.
    """
    errors = warnings = 0
    found = []
    for problem in _problems(ctx, what, whole=whole):
        errors += problem.severity == "error"
        warnings += problem.severity == "warning"
        if as_json:
            found.append(dataclasses.asdict(problem))
        else:
            place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
            click.echo(f"{line(place)}: {problem.severity}: {line(problem.message)}")
    if as_json:
        output.emit_json_list(found)
    else:
        click.echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}", err=True)
    return 1 if errors else 0


def _problems(ctx: click.Context, what: Iterable[str], *, whole: bool) -> Iterator[Problem]:
    from gittrack.checks import run_files as checks

    words = list(what)
    if whole or not words:
        yield from checks.validate_branch(options.store(ctx).git)
    for word in words:
        path = Path(word)
        if path.exists():
            yield from checks.validate_files([path])
        else:
            yield from checks.validate_run(options.store(ctx), options.resolve(ctx, word).id)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
