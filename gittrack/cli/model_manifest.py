"""`gittrack model manifest`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

_PLACES = ("kubernetes", "kserve", "sagemaker", "azureml")


@options.verb("manifest")
@click.argument("model")
@click.option("--for", "place", type=click.Choice(_PLACES), required=True, help="Where it is to run.")
@click.option("--image", metavar="IMAGE", help="Of the model; best with its digest: NAME@sha256:…")
@click.option(
    "--replicas", type=click.IntRange(1, 1000), metavar="N", help="How many at a time; 1 unless said."
)
@click.option("--cpu", metavar="CORES", help="For each, on Kubernetes: 250m, 2.")
@click.option("--memory", metavar="SIZE", help="For each, on Kubernetes: 1Gi.")
@click.option("--role", metavar="ARN", help="By which SageMaker acts.")
@click.option("--instance", metavar="TYPE", help="Type of the machines, of SageMaker and Azure ML.")
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Write files there."
)
@options.json_option
def command(ctx: click.Context, model: str, **given: Any) -> None:  # noqa: ANN401  options
    """Print what a cluster or cloud is told to run a model.

    kubernetes: a Deployment and a Service; kserve: an InferenceService; sagemaker: the bodies of CreateModel,
    CreateEndpointConfig and CreateEndpoint; azureml: an online endpoint and its deployment. Nothing is sent.
    """
    from gittrack.models.manifests.describe import describe_model, texts

    folder, as_json = given.pop("folder"), given.pop("as_json")
    found = describe_model(model, given.pop("place"), repo=options.state(ctx).repo, **given)
    if folder is None:
        _print(found, texts(found), as_json=as_json)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in texts(found).items():
        (folder / name).write_bytes(content)
        click.echo(line(str(folder / name)))


def _print(found: dict[str, Any], contents: dict[str, bytes], *, as_json: bool) -> None:
    if as_json or any(name.endswith(".json") for name in contents):
        output.emit_json(found)
        return
    parts = [content.decode().rstrip("\n") for content in contents.values()]
    output.emit_lines(line(text) for text in "\n---\n".join(parts).split("\n"))
