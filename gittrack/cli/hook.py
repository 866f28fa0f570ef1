"""`gittrack hook`: what `.pre-commit-hooks.yaml` calls."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gittrack.store.format.file_checks import Problem

_SETTINGS: dict[str, Any] = {"context_settings": {"help_option_names": ["-h", "--help"]}}
_files = click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]…")


@click.group("hook", **_SETTINGS)
def command() -> None:
    """Check files of a commit: for pre-commit, Git's own hooks and CI.

    Exit status 1 when there is an error, or when --fix changed a file.
    """


def _hook(name: str) -> Callable[[options.F], click.Command]:
    def declare(function: options.F) -> click.Command:
        made: click.Command = command.command(name, **_SETTINGS)(
            options.repo_option(click.pass_context(_files(options.json_option(function))))
        )
        return made

    return declare


@_hook("validate")
def validate(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Hold run files against their schemas."""
    del ctx
    from gittrack.checks import run_files

    wanted = [path for path in files if run_files.is_run_file(path)]
    return _report(run_files.validate_files(wanted), as_json=as_json)


@_hook("project")
def project(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check MLproject files: entry points, params, environments."""
    del ctx
    from gittrack.checks import project_files

    return _report(project_files.check_projects(files), as_json=as_json)


@_hook("model")
def model(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check MLmodel files: keys, signature, files."""
    del ctx
    from gittrack.checks import project_files

    return _report(project_files.check_models(files), as_json=as_json)


@_hook("config")
def config(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check gittrack.yaml: keys and values."""
    del ctx
    from gittrack.checks import project_files

    return _report(project_files.check_settings(files), as_json=as_json)


@click.option(
    "--max-size", default="1MB", metavar="SIZE", show_default=True, help="Largest that may come in."
)
@click.option("--allow", multiple=True, metavar="GLOB", help="Files that may come in (may be repeated).")
@click.option("--all", "every", is_flag=True, help="Also those that HEAD has already.")
def _artifacts(
    ctx: click.Context,
    files: tuple[Path, ...],
    max_size: str,
    allow: tuple[str, ...],
    *,
    every: bool,
    as_json: bool,
) -> int:
    """Keep large files, models and data out of commits."""
    from gittrack.checks import committed_files
    from gittrack.core.config_keys import size

    try:
        limit = size(max_size)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    found = committed_files.check_artifacts(_git(ctx), files, limit=limit, allow=allow, every=every)
    return _report(found, as_json=as_json)


artifacts = _hook("artifacts")(_artifacts)


@click.option("--fix", is_flag=True, help="Replace them in the files.")
def _secrets(ctx: click.Context, files: tuple[Path, ...], *, fix: bool, as_json: bool) -> int:
    """Find secrets in files of runs."""
    from gittrack.checks import written_files

    return _report(written_files.check_secrets(files, _redactor(ctx), fix=fix), as_json=as_json)


secrets = _hook("secrets")(_secrets)


@click.option("--from", "old", metavar="COMMIT", envvar="PRE_COMMIT_FROM_REF", help="Compare with this.")
@click.option("--to", "new", metavar="COMMIT", envvar="PRE_COMMIT_TO_REF", help="Look at this.")
def _finished(
    ctx: click.Context, files: tuple[Path, ...], old: str | None, new: str | None, *, as_json: bool
) -> int:
    """Keep what runs have recorded as it is.

    Without --from and --to, what is staged is held against HEAD.
    """
    del files
    from gittrack.checks import committed_files

    return _report(committed_files.check_finished(_git(ctx), old, new), as_json=as_json)


finished = _hook("finished")(_finished)


@click.option("--fix", is_flag=True, help="Write the files in it.")
def _format(ctx: click.Context, files: tuple[Path, ...], *, fix: bool, as_json: bool) -> int:
    """Keep run files in the canonical form."""
    del ctx
    from gittrack.checks import written_files

    return _report(written_files.check_form(files, fix=fix), as_json=as_json)


form = _hook("format")(_format)


def _git(ctx: click.Context) -> Any:  # noqa: ANN401  its type is imported late
    from gittrack.store.plumbing.git import discover

    where = options.state(ctx).repo
    return discover(Path(where) if where else Path.cwd())


def _redactor(ctx: click.Context) -> Any:  # noqa: ANN401  its type is imported late
    import os

    from gittrack.core.config import Config
    from gittrack.core.redact import Redactor

    git = _git(ctx)
    found = Config.load(git.place.work_tree, os.environ, git.config_all)
    return Redactor(keys=found.get("redact.keys"), patterns=found.get("redact.patterns"))


def _report(problems: Iterable[Problem], *, as_json: bool) -> int:
    found = list(problems)
    if as_json:
        output.emit_json_list(dataclasses.asdict(one) for one in found)
    for one in found if not as_json else ():
        place = one.path if one.line is None else f"{one.path}:{one.line}"
        click.echo(f"{line(place)}: {one.severity}: {line(one.message)}")
    return 1 if any(one.severity == "error" for one in found) else 0
