"""`gittrack branch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.core.errors import UsageError
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.runs import RunStore
    from gittrack.store.topics import Topic


@options.verb("branch")
@click.argument("names", nargs=-1, metavar="[TOPIC]…")
@click.option("--switch", is_flag=True, help="Work on a topic that is there, `runs` for none.")
@click.option("--stay", is_flag=True, help="Fork, and go on where runs go now.")
@click.option("-d", "--delete", is_flag=True, help="Delete topics that are merged.")
@click.option("--force", is_flag=True, help="Delete what is not merged, too.")
@click.option("--remote", is_flag=True, help="Delete on the remotes, too.")
@click.option("--again", is_flag=True, help="Publish a topic once more that was deleted on the remote.")
@click.option("--runs", "ids", is_flag=True, help="Print the ids of the runs that a topic brings.")
@options.json_option
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    names: tuple[str, ...],
    *,
    switch: bool,
    stay: bool,
    delete: bool,
    force: bool,
    remote: bool,
    again: bool,
    ids: bool,
    as_json: bool,
) -> None:
    """Fork a topic from the runs branch and let runs go there, for review in a pull request.

    Without TOPIC, list topics. `gittrack push` publishes the branch gittrack/TOPIC: open a pull request from
    it into gittrack/runs. GITTRACK_TOPIC, --topic and the setting `topic` choose one, too.
    """
    from gittrack.store import topics

    store = options.store(ctx)
    if delete:
        gone = [topics.delete(store, name, force=force, remote=remote) for name in _some(names)]
        _tell(gone, as_json=as_json)
    elif ids:
        _ids(store, names)
    elif switch:
        _switch(store, _one(names))
    elif names:
        _fork(store, _one(names), stay=stay, again=again, as_json=as_json)
    else:
        _list(topics.topics(store), as_json=as_json)


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        msg = "which topic?"
        raise UsageError(msg, hint="`gittrack branch` lists them")
    return names


def _one(names: tuple[str, ...]) -> str:
    if len(_some(names)) > 1:
        msg = f"one topic at a time: {' '.join(names)}"
        raise UsageError(msg)
    return names[0]


def _fork(store: RunStore, name: str, *, stay: bool, again: bool, as_json: bool) -> None:
    from gittrack.store import topics

    made = topics.fork(store, name, again=again)
    if as_json:
        if not stay:
            topics.switch(store, name)
        output.emit_json(made.to_record())
        return
    click.echo(f"gittrack/{line(name)} is forked from gittrack/runs.", err=True)
    if not stay:
        _switch(store, name)


def _switch(store: RunStore, name: str) -> None:
    from gittrack.store import topics

    where = topics.switch(store, name)
    click.echo(f"Runs go to gittrack/{line(where)} from now on.", err=True)
    nearer = type(store).open(store.git.place.work_tree or store.git.place.git_dir)
    origin = nearer.config.origin("topic")
    if (nearer.topic or "runs") != where and origin not in {"default", "git config"}:
        click.echo(f"But {line(origin)} says {line(nearer.topic or 'runs')}, and wins.", err=True)


def _ids(store: RunStore, names: tuple[str, ...]) -> None:
    from gittrack.store import topics

    found = [topics.find(store, name) for name in names or [store.topic or ""] if name]
    if not found:
        msg = "no topic is worked on"
        raise UsageError(msg, hint="name one: `gittrack branch --runs TOPIC`")
    output.emit_lines(sorted({run for one in found for run in one.runs}))


def _tell(found: Sequence[Topic], *, as_json: bool) -> None:
    if as_json:
        output.emit_json([one.to_record() for one in found])
        return
    for one in found:
        click.echo(f"deleted topic {line(one.name)}", err=True)


def _list(found: Sequence[Topic], *, as_json: bool) -> None:
    if as_json:
        output.emit_json([one.to_record() for one in found])
        return
    if not found:
        click.echo("no topics: `gittrack branch TOPIC` forks one from the runs branch", err=True)
        return
    from gittrack.terminal import topics_table

    output.emit_table(topics_table.table(found), note="--json")
