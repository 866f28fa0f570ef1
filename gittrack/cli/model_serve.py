"""`gittrack model serve`."""

from __future__ import annotations

import os
from typing import Any

import click

from gittrack.cli import options


@options.verb("serve")
@click.argument("model")
@click.option("--host", "-h", default="127.0.0.1", show_default=True, help="To listen on; 0.0.0.0 for all.")
@click.option("--port", "-p", type=click.IntRange(0, 65535), help="To listen on; 8080 unless said.")
@click.option("--workers", "-w", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Rows predicted together at most.")
@click.option("--body-limit", type=click.IntRange(1), default=64, show_default=True, metavar="MB")
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, metavar="S"
)
@click.option("--trust", is_flag=True, help="Let code that came with the model run.")
def command(ctx: click.Context, model: str, **given: Any) -> None:  # noqa: ANN401  options
    """Answer requests for predictions over HTTP, in the protocol of MLflow.

    POST /invocations; GET /ping, /health, /version, /metrics, /docs. Port and routes are taken from
    AIP_HTTP_PORT, AIP_PREDICT_ROUTE, AIP_HEALTH_ROUTE and PORT where they are set.
    """
    from gittrack.models.api import folder_of
    from gittrack.models.serving.run import serve
    from gittrack.models.serving.settings import Settings, from_environment

    said: dict[str, Any] = from_environment(os.environ)
    if given["port"] is not None:
        said["port"] = given["port"]
    settings = Settings(
        **said,
        host=given["host"],
        workers=given["workers"],
        batch=given["batch"],
        body_limit=given["body_limit"] << 20,
        timeout=given["timeout"],
    )
    folder = folder_of(model, None, options.state(ctx).repo)
    click.echo(f"serving {model} on http://{settings.host}:{settings.port}", err=True)
    serve(folder, settings, trust=given["trust"])
