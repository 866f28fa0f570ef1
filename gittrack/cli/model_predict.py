"""`gittrack model predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import model_environment, options
from gittrack.cli.progress import ProgressLine

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMATS = click.Choice(["csv", "jsonl", "json", "parquet"])


@options.verb("predict")
@click.argument("model")
@click.argument("source", metavar="INPUT", default="-")
@click.option("-o", "--output", "target", metavar="FILE", default="-", help="Where predictions go.")
@click.option("--format", "form", type=_FORMATS, help="Of INPUT, where its name does not say it.")
@click.option("--output-format", "out", type=_FORMATS, help="Of the predictions; that of INPUT unless said.")
@click.option("-P", "params", multiple=True, metavar="KEY=VALUE", help="A param of predict, as JSON or text.")
@click.option(
    "-j", "--workers", type=click.IntRange(1, 256), metavar="N", help="Processes; as many as cores."
)
@click.option("--trust", is_flag=True, help="Let code that came with the model run.")
@model_environment.OPTION
def command(ctx: click.Context, model: str, source: str, **given: Any) -> None:  # noqa: ANN401  options
    """Predict for every row of a file: csv, jsonl, json or parquet, of any length but for json.

    For example: gittrack model predict runs:/@last/model input.csv -o out.csv
    """
    if given["env"] != "local":
        from gittrack.models.api import folder_of

        model_environment.run_there(ctx, "predict", folder_of(model, None, options.state(ctx).repo))
    from gittrack.models.scoring.api import score_file

    with ProgressLine() as line:
        done = score_file(
            model,
            source,
            given["target"],
            format=given["form"],
            out_format=given["out"],
            params=_params(given["params"]),
            workers=given["workers"],
            trust=given["trust"],
            repo=options.state(ctx).repo,
            progress=_counted(line, source),
        )
    click.echo(f"{done.rows:,} predictions", err=True)


def _params(words: tuple[str, ...]) -> dict[str, object]:
    from gittrack.cli.run import pairs
    from gittrack.core.text import load_json

    found: dict[str, object] = {}
    for name, text in pairs(words).items():
        try:
            found[name] = load_json(text)
        except ValueError:
            found[name] = text
    return found


def _counted(line: ProgressLine | None, source: str) -> Callable[[int], None] | None:
    """Tells the line how many bytes of the input are done."""
    if line is None:
        return None
    path = Path(source)
    total = path.stat().st_size if path.is_file() else None
    done = 0

    def more(size: int) -> None:
        nonlocal done
        done += size
        line("predicting", min(done, total) if total else done, total)

    return more
