"""`gittrack model image`."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.models.images.build import Built
    from gittrack.models.images.context import Context

_TARGETS = ("slim", "sagemaker")
_PLATFORMS = ("linux/amd64", "linux/arm64")


@options.verb("image")
@click.argument("model")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write it there; new or empty.",
)
@click.option("--build", is_flag=True, help="Build it: docker, podman or buildah.")
@click.option("--push", is_flag=True, help="Build it and send it to the registry that --tag names.")
@click.option("-t", "--tag", metavar="IMAGE", help="What it is called.")
@click.option(
    "--target", type=click.Choice(_TARGETS), default="slim", show_default=True, help="What it is for."
)
@click.option("--base", metavar="IMAGE", help="What it begins with; python:X.Y-slim of the model's Python.")
@click.option("--uv-image", metavar="IMAGE", help="Where uv comes from while it is built.")
@click.option("--platform", type=click.Choice(_PLATFORMS), help="Of the machines that it runs on.")
@click.option("--no-pin", is_flag=True, help="Ask no registry for digests.")
@click.option("--trust", is_flag=True, help="Let code that came with the model run there.")
@options.json_option
def command(ctx: click.Context, model: str, **given: Any) -> None:  # noqa: ANN401  options
    """Write what a container image of a model is built from: Dockerfile, lock, model. Build it on request.

    The image answers as `gittrack model serve` on port 8080, as a user without rights (`sagemaker`: as root,
    with the command `serve`). The lock has a hash for each package.
    """
    build = given["build"] or given["push"]
    with contextlib.ExitStack() as stack:
        folder = given["folder"]
        if folder is None and build:
            folder = (
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gittrack-image-"))) / "image"
            )
        context = _written(ctx, model, folder or Path("image"), given)
        built = _built(ctx, context, given) if build else None
    if given["as_json"]:
        place = {} if given["folder"] or built is None else {"folder": None}  # it is gone by then
        output.emit_json({**context.to_record(), **place, "image": built.to_record() if built else None})
        return
    for note in context.notes:
        click.echo(f"note: {line(note)}", err=True)
    if built is None:
        click.echo(line(str(context.folder)))
        click.echo(
            f"Then: docker build -t {line(given['tag'] or context.name)} {line(str(context.folder))}",
            err=True,
        )
    else:
        click.echo(line(f"{built.name}@{built.digest}" if built.digest else built.name))


def _written(ctx: click.Context, model: str, folder: Path, given: dict[str, Any]) -> Context:
    from gittrack.models.images.context import Wishes, write_context

    wishes = Wishes(
        given["target"],
        given["base"],
        given["uv_image"],
        given["platform"],
        given["trust"],
        not given["no_pin"],
    )
    return write_context(model, folder, wishes, repo=options.state(ctx).repo, say=_say)


def _built(ctx: click.Context, context: Context, given: dict[str, Any]) -> Built:
    from gittrack.models.images.build import build, engines, push

    engine, built = build(engines(options.state(ctx).repo), context, given["tag"] or context.name, _say)
    return push(engine, built, _say) if given["push"] else built


def _say(text: str) -> None:
    if output.is_terminal(sys.stderr):
        click.echo(line(text), err=True)
