"""`gittrack model attest`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line


@options.verb("attest")
@click.argument("model")
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write it there."
)
@click.option(
    "--predicate", is_flag=True, help="The provenance alone, for tools that name the files themselves."
)
@click.option(
    "--builder", metavar="URI", help="Who vouches for the run; else the job of CI, or user and host."
)
def command(
    ctx: click.Context, model: str, *, target: Path | None, predicate: bool, builder: str | None
) -> None:
    """State where a model comes from, as an in-toto statement with SLSA provenance.

    It is JSON, and not signed: cosign, model_signing or actions/attest do that. A model that is not what
    its run recorded is not attested.
    """
    from gittrack.core.files import write_atomic
    from gittrack.core.text import dump_json
    from gittrack.models.provenance.attest import attest_model

    found = attest_model(model, builder=builder, environ=os.environ, repo=options.state(ctx).repo)
    document = found["predicate"] if predicate else found
    if target is None:
        output.emit_json(document)
    else:
        write_atomic(target, dump_json(document) + b"\n")
        run_id = found["predicate"]["runDetails"]["metadata"]["invocationId"]
        click.echo(
            f"{len(found['subject'])} files of run {run_id} are attested in {line(str(target))}", err=True
        )
