"""`gittrack config`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from gittrack.core.config import Config, Setting
    from gittrack.store.plumbing.git import Git


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from gittrack.core.config_keys import KEYS

    return [name for name in KEYS if name.startswith(incomplete)]


@options.verb("config")
@click.argument("key", required=False, shell_complete=_complete)
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take KEY out.")
@click.option("--git", "to_git", is_flag=True, help="Write to .git/config, for this clone only.")
@click.option("--list", "listed", is_flag=True, help="Show all settings, as without KEY.")
@options.json_option
def command(
    ctx: click.Context,
    key: str | None,
    value: str | None,
    *,
    unset: bool,
    to_git: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Show settings and where they come from, or change one.

    KEY VALUE writes to gittrack.yaml, which is shared by committing it.
    """
    git, config = _configuration(ctx)
    if key is None or listed:
        if value is not None or unset:
            error = click.UsageError("--list and --unset do not go together", ctx)
            raise error
        _show_all(config, as_json=as_json)
        return
    _check(key)
    if value is not None or unset:
        if value is not None and unset:
            error = click.UsageError("give VALUE or --unset, not both", ctx)
            raise error
        _change(git, key, value, to_git=to_git)
        return
    _show(config, key, as_json=as_json)


def _configuration(ctx: click.Context) -> tuple[Git | None, Config]:
    """The configuration of the current folder; does not need the repository that the runs go to."""
    from gittrack.core.config import Config
    from gittrack.core.errors import NotARepository
    from gittrack.store.plumbing.git import discover

    repo = options.state(ctx).repo
    try:
        git: Git | None = discover(Path.cwd())
    except NotARepository:
        git = None
    if git is None:
        return None, Config.load(None, os.environ, dict).with_options({"repo": repo})
    return git, Config.load(git.place.work_tree, os.environ, git.config_all).with_options({"repo": repo})


def _check(key: str) -> None:
    from gittrack.core.config import nearest
    from gittrack.core.config_keys import KEYS
    from gittrack.core.errors import UsageError

    if key not in KEYS:
        guess = nearest(key)
        msg = f"no such setting: {key!r}"
        raise UsageError(msg, hint=f"did you mean {guess}?" if guess else "`gittrack config` lists them")


def _change(git: Git | None, key: str, value: str | None, *, to_git: bool) -> None:
    from gittrack.core.config_keys import KEYS
    from gittrack.core.errors import NotARepository
    from gittrack.store import settings

    if git is None or (git.place.work_tree is None and not to_git):
        what = "repository" if git is None else "work tree"
        msg = f"there is no {what} here to write the setting to"
        raise NotARepository(msg, hint="run it inside of one, or set the GITTRACK_… variable")
    done = "unset" if value is None else "set"
    if to_git:
        settings.change_git(git, KEYS[key], value)
        click.echo(f"{done} {key} in {git.place.common_dir / 'config'}")
    elif git.place.work_tree is not None:
        click.echo(f"{done} {key} in {settings.change_file(git.place.work_tree, KEYS[key], value)}")
    if key == "artifacts.url" and value is not None and (lacking := settings.missing_driver(value)):
        click.echo(f"warning: {line(lacking)}", err=True)


def _show(config: Config, key: str, *, as_json: bool) -> None:
    value = config.get(key)
    if as_json:
        output.emit_json({"key": key, "value": value, "origin": config.origin(key)})
    elif isinstance(value, tuple):
        output.emit_lines(map(line, value))
    elif value is not None:
        click.echo(line(_plain(value)))


def _show_all(config: Config, *, as_json: bool) -> None:
    settings = config.items()
    if as_json:
        output.emit_json_list([one._asdict() for one in settings])
        return
    from gittrack.terminal.table import Cell, Column, Table

    columns = (
        Column("key", [Cell(one.key) for one in settings]),
        Column("value", [_cell(one) for one in settings]),
        Column("origin", [Cell(one.origin, "dim") for one in settings]),
    )
    output.emit_table(Table(columns))


def _cell(setting: Setting) -> Any:  # noqa: ANN401  a NamedTuple that is imported when it is needed
    from gittrack.terminal.table import Cell

    if setting.problem:
        return Cell(setting.problem, "red")
    value = setting.value
    return Cell("" if value is None or value in ((), {}) else _plain(value))


def _plain(value: object) -> str:
    from gittrack.core.text import dump_json

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    return dump_json(value).decode() if isinstance(value, dict) else str(value)
