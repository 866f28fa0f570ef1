"""`gittrack run -- CMD` and `gittrack run URI`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options
from gittrack.cli.uri_or_command import DASHES, UriOrCommand
from gittrack.cli.wrapped import leave, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PROJECT = {
    "entry_point": "--entry-point",
    "params": "-P",
    "version": "--version",
    "env": "--env",
    "storage_dir": "--storage-dir",
    "backend": "--backend",
    "backend_config": "--backend-config",
    "detach": "--detach",
    "docker_args": "--docker-args",
    "build_image": "--build-image",
    "needed": "--needed",
    "dry_run": "--dry-run",
    "as_json": "--json",
}
_COMMAND = {
    "params_files": "--params",
    "metrics_files": "--metrics",
    "inputs": "--input",
    "metrics_from_stdout": "--metrics-from-stdout",
    "patterns": "--metric-pattern",
    "no_snapshot": "--no-snapshot",
}


def _file_option(name: str, text: str) -> Callable[[options.F], options.F]:
    path = click.Path(path_type=Path)
    return click.option(name, f"{name[2:]}_files", type=path, multiple=True, metavar="FILE", help=text)


def _project_options(function: options.F) -> options.F:
    """The options that only a project has, in the words of MLflow where they mean the same."""
    for declare in reversed(
        (
            click.option(
                "-e", "--entry-point", metavar="NAME", help="Of a project: its entry point, or a script."
            ),
            click.option(
                *("-P", "--param-list", "params"),
                multiple=True,
                metavar="KEY=VALUE",
                help="Of a project: a param (may be repeated).",
            ),
            click.option(
                "-v", "--version", metavar="REV", help="Of a project in Git: commit, tag or branch."
            ),
            click.option(
                *("--env", "--env-manager", "env"),
                metavar="MANAGER",
                help="Who makes the environment: uv, conda, …; local takes it as it is.",
            ),
            click.option(
                "--storage-dir",
                type=click.Path(path_type=Path, file_okay=False),
                metavar="DIR",
                help="Where params of type path are downloaded.",
            ),
            click.option(
                *("-A", "--docker-args"),
                multiple=True,
                metavar="NAME[=VALUE]",
                help="Of a project in a container: an argument of `docker run` (may be repeated).",
            ),
            click.option(
                "--build-image/--skip-image-build",
                help="Of the same: put the project into an image, instead of mounting it.",
            ),
            click.option("-b", "--backend", metavar="NAME", help="Where a project runs: local, slurm, …"),
            click.option("-c", "--backend-config", metavar="JSON|FILE", help="What the backend needs."),
            click.option("--detach", is_flag=True, help="Do not wait for the run; print its id."),
            click.option("--needed", is_flag=True, help="Reuse a finished run where nothing has changed."),
            click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing."),
            options.json_option,
        )
    ):
        function = declare(function)
    return function


@options.verb("run", cls=UriOrCommand)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="URI | -- CMD…")
@click.option("-n", "--name", "--run-name", "name", metavar="NAME", help="What to call the run.")
@click.option(
    *("--experiment", "--experiment-name", "experiment"),
    metavar="NAME",
    help="Experiment the run belongs to.",
)
@click.option("-t", "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Set a tag (may be repeated).")
@click.option("--note", metavar="TEXT", help="A note, in Markdown.")
@_project_options
@_file_option("--params", "Params from YAML, JSON or TOML, besides those in CMD.")
@_file_option("--metrics", "Metrics that CMD writes as JSON, JSON lines, YAML, CSV.")
@click.option(
    "-i", "--input", "inputs", multiple=True, metavar="PATH", help="A file, folder or URL that CMD uses."
)
@click.option("--metrics-from-stdout", is_flag=True, help="Metrics from lines like `epoch 3 loss=0.1`.")
@click.option(
    "--metric-pattern",
    "patterns",
    multiple=True,
    metavar="REGEX",
    help="Metrics from lines: (?P<acc>…), or (?P<name>…) and (?P<value>…); (?P<step>…).",
)
@click.option("--seed", type=int, metavar="N", help="Pass a seed on: PYTHONHASHSEED, GITTRACK_SEED, …")
@click.option("--no-snapshot", is_flag=True, help="Do not keep the code as it is.")
@click.option("--no-output", is_flag=True, help="Do not keep the output.")
@click.option(
    "--publish-every",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Push the state of the run so often, for `gittrack watch --remote` elsewhere.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing at the end.")
def command(ctx: click.Context, words: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401  options
    """Run a project, or a command, and record it.

    URI is a folder, a Git URL or an archive with an MLproject file; URI#FOLDER is a folder in it.
    A command stands after `--`: its terminal, signals and exit status are its own, and params come from its
    arguments. For example: gittrack run . -e train -P lr=0.1, gittrack run -- python train.py --lr 0.1
    """
    from gittrack.core.errors import UsageError

    if not words:
        msg = "there is no command to run"
        raise UsageError(msg, hint="put it after `--`: gittrack run -- python train.py")
    given["tags"] = pairs(given["tags"])
    if (every := given.pop("publish_every")) is not None:
        store = options.store(ctx, recover=False)
        store.config = store.config.with_options({"live.publish_every": every})
    if ctx.meta[DASHES]:
        _refuse(given, _PROJECT, "of a project, and after `--` stands a command")
        return _run_command(ctx, words, given)
    _refuse(given, _COMMAND, "of a command, and there is no `--` before one")
    from gittrack.cli.run_project import run_project

    return run_project(ctx, words[0], given)


def _run_command(ctx: click.Context, words: tuple[str, ...], given: dict[str, Any]) -> int:
    from gittrack.tracking import wrap

    wish = wrap.Wish(
        name=given["name"],
        experiment=given["experiment"],
        tags=given["tags"],
        note=given["note"],
        params_files=given["params_files"],
        metrics_files=given["metrics_files"],
        metrics_from_output=given["metrics_from_stdout"],
        patterns=given["patterns"],
        snapshot=not given["no_snapshot"],
        output=not given["no_output"],
        inputs=given["inputs"],
        seed=given["seed"],
    )
    wrapped = wrap.run(words, options.store(ctx, recover=False), wish)
    if wrapped.error is not None:
        raise wrapped.error
    if not given["quiet"]:
        click.echo(summary(wrapped), err=True)
    return leave(wrapped.exit)


def _refuse(given: dict[str, Any], flags: dict[str, str], what: str) -> None:
    from gittrack.core.errors import UsageError

    for name, flag in flags.items():
        if given[name]:
            hint = (
                "--experiment NAME chooses the experiment"
                if name == "entry_point"
                else "see `gittrack run --help`"
            )
            msg = f"{flag} is an option {what}"
            raise UsageError(msg, hint=hint)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE words as a mapping.

    Raises:
        UsageError: one has no `=`, or a key comes twice.
    """
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            msg = f"{word!r} is no KEY=VALUE"
            raise click.UsageError(msg)
        found[key] = value
    return found
