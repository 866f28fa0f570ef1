"""`gittrack report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from gittrack.cli import options
from gittrack.cli.reviewing import review_options, reviewed

if TYPE_CHECKING:
    from gittrack.query.review.review import Review

_FORMATS = ("md", "html", "junit", "json", "openmetrics", "benchmark")


@options.verb("report")
@review_options
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="Form; by the suffix of a file, else Markdown."
)
@click.option(
    "-o",
    "--output",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write here (may be repeated, one form each).",
)
@click.option(
    "--budget",
    type=click.Choice(["comment", "summary"]),
    default="summary",
    show_default=True,
    help="How long Markdown may get: 60,000 characters, or a megabyte.",
)
@options.json_option
@click.option("--name", default="default", metavar="NAME", help="Tells reports of one pull request apart.")
def command(
    ctx: click.Context,
    *,
    form: str | None,
    files: tuple[Path, ...],
    budget: Literal["comment", "summary"],
    name: str,
    as_json: bool,
    **asked: Any,  # noqa: ANN401  click's
) -> int:
    """Report the runs of a branch against a baseline, for a pull request.

    Markdown on standard output unless told otherwise; -o report.html -o junit.xml writes several forms at
    once. Exit status: 0; 3 when a baseline was to be found and there is none (the report is written, and says
    so).
    """
    from gittrack.report.api import reports
    from gittrack.report.formats import format_of

    form = "json" if as_json else form
    forms = [form or format_of(str(path)) for path in files] or [form or "md"]
    found = reviewed(ctx, asked)
    texts = reports(options.store(ctx), found, forms, budget=budget, name=name)
    if not files:
        click.echo(texts[0], nl=False)
    for path, text in zip(files, texts, strict=False):
        write(path, text)
    return _status(found, asked)


def _status(found: Review, asked: dict[str, Any]) -> int:
    """3 without a baseline, unless only runs were named: then a report without one is what was asked for."""
    from gittrack.cli import errors
    from gittrack.query.review.commits import is_range
    from gittrack.query.review.review import NO_BASELINE, OK

    named = bool(asked["group"]) or any(not is_range(word) for word in asked["words"])
    if found.base is not None or (named and not asked["base"]):
        return OK
    message, _, hint = found.no_base.partition("; ")
    errors.tell(f"no comparable baseline: {message}", hint or None)
    return NO_BASELINE


def write(path: Path, text: str) -> None:
    """Write a file whole.

    Raises:
        UsageError: it cannot be written.
    """
    from gittrack.core.errors import UsageError
    from gittrack.core.files import write_atomic

    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):  # `/dev/stdout`: nothing to replace
            path.write_text(text, encoding="utf-8")
        else:
            write_atomic(path, text.encode())
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise UsageError(msg, hint="is the folder there?") from error
