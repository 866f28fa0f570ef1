"""`gittrack model serve`."""

from __future__ import annotations

import os
from typing import Any

import click

from gittrack.cli import model_environment, options


@options.verb("serve")
@click.argument("model", required=False)
@click.option("--host", "-h", default="127.0.0.1", show_default=True, help="To listen on; 0.0.0.0 for all.")
@click.option("--port", "-p", type=click.IntRange(0, 65535), help="To listen on; 8080 unless said.")
@click.option("--workers", "-w", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Rows predicted together at most.")
@click.option("--body-limit", type=click.IntRange(1), default=64, show_default=True, metavar="MB")
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, metavar="S"
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=25.0,
    show_default=True,
    metavar="S",
    help="For requests at the end.",
)
@click.option(
    "--name", metavar="NAME[/VERSION]", help="Of the model, below /v2; those of the registry unless said."
)
@click.option("--trust", is_flag=True, help="Let code that came with the model run.")
@model_environment.OPTION
def command(ctx: click.Context, model: str | None, **given: Any) -> None:  # noqa: ANN401  options
    """Answer requests for predictions over HTTP, in the protocols of MLflow and of KServe.

    POST /invocations and /v2/models/NAME/infer; GET /ping, /health, /version, /metrics, /docs. Port and
    routes, and MODEL where it is left out, are taken from the variables that clouds set.
    """
    from gittrack.models.api import folder_of
    from gittrack.models.serving.run import serve
    from gittrack.models.serving.settings import Settings, from_environment, model_from_environment, named

    model = model or model_from_environment(os.environ)
    if model is None:
        raise click.MissingParameter(
            ctx=ctx, param=next(one for one in ctx.command.params if one.name == "model")
        )
    said: dict[str, Any] = from_environment(os.environ)
    said["name"], said["version"] = named(model, given["name"])
    if given["port"] is not None:
        said["port"] = given["port"]
    settings = Settings(
        **said,
        **{key: given[key] for key in ("host", "workers", "batch", "timeout", "grace")},
        body_limit=given["body_limit"] << 20,
    )
    folder = folder_of(model, None, options.state(ctx).repo)
    if given["env"] != "local":
        called = "/".join(filter(None, (settings.name, settings.version)))
        model_environment.run_there(ctx, "serve", folder, ["serve"], name=called)
    serve(
        folder,
        settings,
        trust=given["trust"],
        say=lambda url: click.echo(f"serving {model} on {url}", err=True),
    )
